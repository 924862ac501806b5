/**
 * What the daemon knows of a service beside its life: where it was told to listen, where it does, what was learned. And the form
 * in which an environment is kept on disk. Data only.
 */

import type { EnvironmentLease } from '../core/leases.ts';
import type { ServiceLife } from '../core/lifecycle.ts';
import type { Project, StopPolicy } from '../core/model.ts';
import type { EnvironmentRef, Warning } from '../core/status.ts';
import type { Listening, ReadyTarget } from '../supervisor/supervisor.ts';
import type { LinkRecord } from './links/record.ts';
import type { Placement } from './placement.ts';

export interface ServiceRuntime {
  /** The present or last run that was launched; numbers in between may have been fenced off. */
  readonly lastRun: number | null;
  readonly placement: Placement | null;
  readonly told: ReadyTarget['told'];
  /** By endpoint; as the last proof found it. */
  readonly listening: Readonly<Record<string, Listening>>;
  readonly pid: number | null;
  readonly stop: StopPolicy | null;
  readonly warnings: readonly Warning[];
  /** From launch to ready, or to a task's end; ms. */
  readonly startupMs: number | null;
  /** Logical offset in the log where the present or last run begins. */
  readonly logStart: number;
  /** Learned: given another port, it listened at its usual one. */
  readonly ignoresPort: boolean;
}

export const NEW_RUNTIME: ServiceRuntime = {
  lastRun: null,
  placement: null,
  told: {},
  listening: {},
  pid: null,
  stop: null,
  warnings: [],
  startupMs: null,
  logStart: 0,
  ignoresPort: false,
};

/** Whose end ends the environment. */
export interface Owner {
  readonly mode: 'stop' | 'kill';
  /** The environment is forgotten with its owner: it was made for it alone. */
  readonly forget: boolean;
  readonly pid: number;
  /** Clock ticks since boot; null when it could not be seen. */
  readonly startTime: number | null;
}

export interface EnvironmentDocument {
  readonly schema: 1;
  readonly ref: EnvironmentRef;
  /** What `bootId` was; a later boot means that nothing of this runs. */
  readonly boot: string;
  readonly project: Project;
  /** The caller's variables of the last `up` or `start`: restarts after a crash of the daemon need them. Mode 0600. */
  readonly caller: Readonly<Record<string, string>>;
  readonly owner: Owner | null;
  readonly lease: EnvironmentLease;
  readonly services: Readonly<
    Record<string, { readonly life: ServiceLife; readonly runtime: ServiceRuntime }>
  >;
  /** Missing: written before there were links. */
  readonly links?: LinkRecord;
}
