/** Time limits that are fair to a process that was busy: an answer that came meanwhile counts before the limit does. */

/** Of the whole time, so much is kept for a second look. */
const REST = 0.2;

/**
 * Calls back after the time, unless cancelled. In two steps: when the event loop was held up beyond the first, everything that has
 * arrived by then is handled before the second begins.
 */
export function after(ms: number, late: () => void): () => void {
  let timer = setTimeout(
    () => {
      timer = setTimeout(late, ms * REST);
    },
    ms * (1 - REST),
  );
  return () => clearTimeout(timer);
}
