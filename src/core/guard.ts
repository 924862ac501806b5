/**
 * Who may call a guarded link: what the daemon tells the gateway of it, what the gateway tells of those who were refused. Types only; it must not know how callers are found.
 */

/** The caller of a door: nobody in particular. */
export const DOOR = '';

export interface LinkGuard {
  /** Absolute path of the environment's state: who runs stands there (`run-record.ts`). */
  readonly directory: string;
  /** Services whose programs get through; what `lo` started for the environment always does. */
  readonly allows: readonly string[];
}

export interface Caller {
  /** Null: it cannot be seen from here. */
  readonly pid: number | null;
  /** The program's name, or in words what is known instead. */
  readonly program: string;
  /** The service of the environment that it belongs to; null: none. */
  readonly service: string | null;
}

/** Of one process, or of those of which as little is known. */
export interface RefusedCaller extends Caller {
  readonly count: number;
  /** Of the last time, ISO 8601. */
  readonly at: string;
}

/** What the gateway tells of a guarded link. */
export interface RefusedCalls {
  /** Since the gateway began. */
  readonly count: number;
  /** The last ones, the latest first; at most 16. */
  readonly callers: readonly RefusedCaller[];
}
