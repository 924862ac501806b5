/**
 * Names of the empty files that say who runs: runs of services, written by their waiters before the program begins, and commands of
 * `lo` that work for an environment. Pure; it must not read directories.
 */

/** `api-3.claim`, `api-3.waiter.PID`, `api-3.pid.PID.STARTED`, `api-3.exit.STATUS`, `api-3.background.PID.STARTED`. */
const RUN = /^(.+-\d+)\.(claim(?=$)|(?:waiter|pid|exit|background)(?=\.))(?:\.(\d+))?(?:\.(\d+))?$/;
/** `PID.STARTED` */
const COMMAND = /^(\d+)\.(\d+)$/;

export interface RunRecordName {
  readonly id: string;
  readonly kind: 'claim' | 'waiter' | 'pid' | 'exit' | 'background';
  readonly first: number | null;
  readonly second: number | null;
}

/** Null: it is no such name. */
export function parseRunRecord(name: string): RunRecordName | null {
  const [, id, kind, first, second] = RUN.exec(name) ?? [];
  if (id === undefined || kind === undefined) return null;
  return { id, kind: kind as RunRecordName['kind'], first: numberOf(first), second: numberOf(second) };
}

/** A process, named for good: numbers are used again. */
export interface ProcessName {
  readonly pid: number;
  /** Clock ticks since boot. */
  readonly started: number;
}

export function commandRecord({ pid, started }: ProcessName): string {
  return `${pid}.${started}`;
}

/** Null: it is no such name. */
export function parseCommandRecord(name: string): ProcessName | null {
  const [, pid, started] = COMMAND.exec(name) ?? [];
  return pid === undefined || started === undefined ? null : { pid: Number(pid), started: Number(started) };
}

/** `api` of `api-3`. */
export function serviceOfRun(id: string): string {
  return id.replace(/-\d+$/, '');
}

function numberOf(text: string | undefined): number | null {
  return text === undefined ? null : Number(text);
}
