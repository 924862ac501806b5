/**
 * An abort signal that follows another one and a time limit. Not `AbortSignal.any` with `AbortSignal.timeout`: on Node 20 those hold
 * each other weakly, and a timeout that was collected never comes.
 */

export interface Limit extends Disposable {
  readonly signal: AbortSignal;
  abort(): void;
}

/** Aborted with `parent`, after `timeoutMs` when it is finite, or by `abort`. To be disposed of. */
export function limited(parent: AbortSignal, timeoutMs: number): Limit {
  const controller = new AbortController();
  const abort = (): void => controller.abort();
  if (parent.aborted) abort();
  parent.addEventListener('abort', abort);
  const timer = Number.isFinite(timeoutMs) ? setTimeout(abort, timeoutMs) : undefined;
  return {
    signal: controller.signal,
    abort,
    [Symbol.dispose]: () => {
      clearTimeout(timer);
      parent.removeEventListener('abort', abort);
    },
  };
}
