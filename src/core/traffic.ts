/** What the gateway counts, for each route and as a whole. It must not know who asks. */

export interface RouteStatistics {
  readonly id: string;
  readonly requests: number;
  /** Replies of 500 and above, and requests that got none. */
  readonly errors: number;
  readonly open: number;
  /** What all finished requests took together. */
  readonly totalMs: number;
  /** Requests that took at most so many ms: one count for each of `LATENCY_BOUNDS`, then the rest. */
  readonly latency: readonly number[];
}

/** In ms. */
export const LATENCY_BOUNDS = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 10_000] as const;

/** What came through the gateway, as `lo ps --json` has it: the routes of one environment, the rest of the whole gateway. */
export interface Traffic {
  /** The gateway's process. */
  readonly pid: number;
  /** Open connections of clients. */
  readonly connections: number;
  /** Longest that its event loop was late since the last question, in ms. */
  readonly lagMs: number;
  readonly routes: readonly RouteStatistics[];
}
