/** What the engine is handed in: the way to listeners, facts, time and chance. It must not reach for them by itself. */

import type { MachineFacts } from './facts.ts';
import type { Dial } from './probe/wire.ts';

export interface AuditTools {
  readonly dial: Dial;
  readonly facts: MachineFacts;
  /** Made when the first check asks; removed when the audit ends. */
  canary(): Promise<Canary>;
  /** Lower case letters and digits, unpredictable. */
  nonce(): string;
  /** Monotonic ms. */
  now(): number;
  /** Calls back after so many ms, fair to a process that was busy; gives the way to cancel. */
  after(ms: number, late: () => void): () => void;
}

/** Ours alone: what is seen of it elsewhere was leaked. */
export interface Canary {
  /** Absolute path of a file in a directory of its own. */
  readonly path: string;
  /** What stands in it: no server can know it. */
  readonly content: string;
  /** Of 127.0.0.1: a listener of ours that answers every HTTP request with the content. */
  readonly port: number;
  /** How many connections to that listener have said the word. */
  visits(word: string): number;
}
