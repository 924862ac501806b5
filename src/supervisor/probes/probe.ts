/** One small contract for every way in which a program shows that it is ready: one file each beside this one. */

/** One attempt: null when it passed, else the reason in words. Must end soon after `signal` is aborted. */
export type Attempt = (signal: AbortSignal) => Promise<string | null>;

/** So long may one attempt take, in ms. */
export const ATTEMPT_TIMEOUT_MS = 2000;
