/**
 * The output of `netsh int ipv4 show dynamicport tcp` and `… show excludedportrange tcp`. Pure. Headings are in the language of the
 * system, so numbers alone count.
 */

/** A first port and a count, each behind a colon. */
export function parseDynamicPorts(text: string): readonly [number, number] | null {
  const [first, count] = [...text.matchAll(/:\s*(\d{1,5})\s*$/gm)].map(([, number]) => Number(number));
  if (first === undefined || count === undefined || count === 0) return null;
  const last = first + count - 1;
  return last > LAST_PORT ? null : [first, last];
}

const LAST_PORT = 65_535;

/** Two ports in a row, with a star behind what an administrator excluded. */
export function parseExcludedPorts(text: string): readonly (readonly [number, number])[] {
  const rows = text.matchAll(/^[ \t]*(\d{1,5})[ \t]+(\d{1,5})[ \t]*\*?[ \t]*\r?$/gm);
  return [...rows]
    .map(([, first, last]): readonly [number, number] => [Number(first), Number(last)])
    .filter(([first, last]) => first <= last && last <= LAST_PORT);
}
