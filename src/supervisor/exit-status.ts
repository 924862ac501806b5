/** What a shell's exit status says about the end of a program. */

import { constants } from 'node:os';
import type { Exit } from '../core/lifecycle.ts';

const SIGNALS = new Map<number, string>(
  // Aliases such as SIGPOLL and SIGIOT come later in Node's list than the names that people know.
  Object.entries(constants.signals)
    .reverse()
    .map(([name, number]) => [number, name]),
);

/**
 * A shell tells "ended by signal N" as 128 + N; a program that exits with such a code by itself cannot be told apart. `at`: epoch
 * ms.
 */
export function exitOf(status: number, at: number): Exit {
  const signal = status > 128 ? SIGNALS.get(status - 128) : undefined;
  return signal === undefined ? { code: status, signal: null, at } : { code: null, signal, at };
}
