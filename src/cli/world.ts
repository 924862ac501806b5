/**
 * What a command line meets outside itself: streams, variables, signals, the way to a daemon. `main.ts` hands in the real one, tests
 * their own. It must not know commands.
 */

import type { Workbench } from '../core/api.ts';
import type { DaemonInfo } from '../core/status.ts';

export type SignalName = 'SIGINT' | 'SIGTERM' | 'SIGHUP';

/** The part of a stream that the printer uses; `process.stdout` is one. */
export type Output = NodeJS.WritableStream & {
  readonly isTTY?: boolean;
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
  readonly writableNeedDrain?: boolean;
};

export type Variables = Readonly<Record<string, string>>;

export interface World {
  /** Without the program's own two. */
  readonly argv: readonly string[];
  readonly stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly stdout: Output;
  readonly stderr: Output;
  readonly variables: Variables;
  readonly directory: string;
  readonly pid: number;
  readonly version: string;
  /** Epoch ms. */
  now(): number;
  /** Null when none answers and `autostart` is false. */
  connect(options: { readonly autostart: boolean }): Promise<Workbench | null>;
  /** Whether what a daemon sees of the machine is what this process would see. */
  seesTheSame(daemon: Pick<DaemonInfo, 'namespaces'>): boolean;
  onSignal(signal: SignalName, handler: () => void): Disposable;
}
