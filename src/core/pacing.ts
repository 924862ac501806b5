/** How long work that is cheaper when gathered waits for more of it. Pure; it must not know what the work is. */

/** In ms, but `rest`: so many times as long as the work took is waited for more. */
export interface Pacing {
  readonly least: number;
  readonly longest: number;
  readonly rest: number;
}

export function pauseAfter(workMs: number, { least, longest, rest }: Pacing): number {
  return Math.min(longest, Math.max(least, workMs * rest));
}
