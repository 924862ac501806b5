/**
 * What the supervisor does for the daemon: start a run, know how it ended, prove that it is ready, end every process of it, find
 * it again after a crash. It must not know projects, needs, restart policies or the config.
 */

import type { Exit } from '../core/lifecycle.ts';
import type { Readiness, StopPolicy } from '../core/model.ts';

/** What a run is started with. Everything is resolved: no templates, no recipes. */
export interface RunSpec extends RunRef {
  /** `argv[0]` is an absolute path or found on `env.PATH`. */
  readonly argv: readonly string[];
  readonly cwd: string;
  /** Complete. `LOOPYARD_RUN=<mark>` is added. */
  readonly env: Readonly<Record<string, string>>;
  /** Absolute; opened with O_APPEND for both stdout and stderr; the program writes to it without us. */
  readonly log: string;
}

/** Names a run for good: enough to find it again from another daemon. */
export interface RunRef {
  /** File-name safe and unique within `directory`: `api-3`. */
  readonly id: string;
  /** The environment's directory of run records; absolute, exists. */
  readonly directory: string;
  /** Unique on this machine: `<environment>.<id>`; the value of `LOOPYARD_RUN` in every process of the run. */
  readonly mark: string;
  /** Loopback addresses leased to the service alone: whoever listens there belongs to the run. */
  readonly addresses: readonly string[];
}

/** How a run stands, told from its records and from the processes. */
export type Found =
  | { readonly kind: 'alive'; readonly pid: number }
  | { readonly kind: 'exited'; readonly exit: Exit }
  /** No record of a start, and none can follow: the run was fenced. */
  | { readonly kind: 'never-started' }
  /** It started, and is gone without a record of how it ended. */
  | { readonly kind: 'lost' };

export type RunNews =
  | { readonly kind: 'pid'; readonly id: string; readonly pid: number }
  | { readonly kind: 'exit'; readonly id: string; readonly exit: Exit }
  /** The slow look found neither process nor record. */
  | { readonly kind: 'lost'; readonly id: string };

export interface ReadyTarget {
  readonly run: RunRef;
  /** The real program. */
  readonly pid: number;
  /** Endpoint name -> where it was told to listen. */
  readonly told: Readonly<Record<string, { readonly address: string; readonly port: number }>>;
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly log: string;
  /** Where this run's output begins in the log (logical offset). */
  readonly logStart: number;
  /** Its timeout is over already: look seldom, for as long as it takes. */
  readonly late: boolean;
  /**
   * When given, a connection to an address that is leased to the run alone counts as ready at once, with nothing in `listening`;
   * whose socket it was, and where the endpoints really are, is told here a moment later, for many runs together. Not told when
   * the run ended meanwhile.
   */
  readonly found?: (answer: FoundAnswer) => void;
}

/** Where a told endpoint was really found. */
export type Listening =
  | { readonly kind: 'as-told' }
  | { readonly kind: 'wide'; readonly address: '0.0.0.0' | '::'; readonly port: number }
  | { readonly kind: 'elsewhere'; readonly address: string; readonly port: number };

export type ReadyAnswer =
  | { readonly kind: 'ready'; readonly listening: Readonly<Record<string, Listening>> }
  /** It did not happen in time; `reason` says how long was waited, for what, and the last error. */
  | { readonly kind: 'timeout'; readonly reason: string }
  /** The told address answers, but it is another program: `reason` names it. */
  | { readonly kind: 'foreign'; readonly reason: string };

/** What a look at the sockets says after a connection was accepted. */
export type FoundAnswer = Exclude<ReadyAnswer, { readonly kind: 'timeout' }>;

/** One look at all sockets of a run. */
export interface Survey {
  /** Told endpoints where nobody at all listens, neither there nor on every address. */
  readonly unserved: readonly string[];
  /** Where members of the run listen on every address; each port once. */
  readonly wide: readonly { readonly address: '0.0.0.0' | '::'; readonly port: number }[];
}

export interface Supervisor {
  /**
   * Starts the run. Resolves with the real program's pid. Rejects with SPAWN_FAILED when no process could be made.
   * The program's own failure to exec is an exit (126, 127), not a rejection.
   */
  start(spec: RunSpec): Promise<{ readonly pid: number }>;
  /** Tells pids and exits of all runs recorded in the directory, each once, also those found at the first look. */
  watch(directory: string, tell: (news: RunNews) => void): Disposable;
  /** After a crash of the daemon: how the run stands. Fences a start that might still follow. */
  find(run: RunRef): Promise<Found>;
  /**
   * Ends every process of the run (session, descendants, mark, listeners on its addresses): `policy.signal` to each process group,
   * one shared grace, SIGKILL, sweep. Resolves when none is left. `force` skips the grace; calling again with force shortens a stop under way.
   */
  end(run: RunRef, policy: StopPolicy, force: boolean): Promise<void>;
  /**
   * After the program ended by itself: what is left of the run. `daemonized`: the endpoints are still served by a member, which
   * goes on as the run (pid is the new one to watch). Else what is left is ended, then `swept`.
   */
  sweep(
    run: RunRef,
    told: ReadyTarget['told'],
  ): Promise<{ readonly kind: 'swept' } | { readonly kind: 'daemonized'; readonly pid: number }>;
  /** Waits until the run is proven ready. Aborted by the signal (then rejects with AbortError), e.g. when the run ended. */
  prove(target: ReadyTarget, ready: Readiness, signal: AbortSignal): Promise<ReadyAnswer>;
  /** Where the run listens now, beside what it was told. Throws when the sockets cannot be read. */
  survey(target: Pick<ReadyTarget, 'run' | 'pid' | 'told'>): Survey;
  /** Forgets the records of a run that is over. */
  discard(run: RunRef): void;
}
