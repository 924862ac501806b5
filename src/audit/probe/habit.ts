/**
 * How long a raw probe waits, and whether it is worth sending: an unknown server is asked a dozen protocols, and each that it does not
 * know costs the time of an answer. Patience alone hangs on ports and program names, a verdict never does.
 */

import type { ListenerContext } from '../check.ts';
import { isProgram } from '../fixes/programs.ts';
import { ANSWER_WITHIN_MS, type ConnectOptions, LENIENT_TLS } from './wire.ts';

/** What servers of a protocol are usually like. */
export interface Habit {
  readonly ports: readonly number[];
  /** Matches the words of the command line. */
  readonly program: RegExp;
  /** After a line that it does not understand it waits for more, without a word. */
  readonly waits: boolean;
}

type Asked = Pick<ListenerContext, 'target' | 'speech' | 'earlier'>;

/** Null: not worth asking. */
export function patienceFor({ target, speech, earlier }: Asked, habit: Habit): ConnectOptions | null {
  // Only those come here that a check may meet behind TLS.
  const inside = speech === 'tls' ? { tls: LENIENT_TLS } : {};
  if (habit.ports.includes(target.port) || isProgram(target, habit.program))
    return { answerWithinMs: ANSWER_WITHIN_MS, ...inside };
  if (RAW_CHECKS.some((id) => isKnown(earlier(id)?.verdict))) return null;
  if (speech === 'silent' && !habit.waits) return null;
  return { answerWithinMs: STRANGER_WITHIN_MS, ...inside };
}

/** Why `patienceFor` said no. */
export const NOT_ASKED = 'nothing that is known of it says that it speaks this protocol';

const STRANGER_WITHIN_MS = 500;

/** Those that speak a protocol of their own: what one of them has recognised is nothing else. */
const RAW_CHECKS: readonly string[] = [
  'STO-01',
  'STO-02',
  'STO-03',
  'STO-05',
  'STO-06',
  'STO-08',
  'STO-10',
  'DBG-03',
  'DBG-04',
];

function isKnown(verdict: string | undefined): boolean {
  return verdict === 'vulnerable' || verdict === 'safe';
}
