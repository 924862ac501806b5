/** What one look at a target says. It must not know when the next one is. */

import { mappedIpv4, parseIp } from '../../core/ip.ts';
import type { DialAnswer, Place } from '../../platform/dial.ts';
import type { SocketFacts, SocketTable } from '../../platform/facts.ts';
import type { Platform } from '../../platform/platform.ts';
import { isSame } from '../explain/address-facts.ts';
import type { WaitPlace, WaitTarget } from './target.ts';

export interface Attempt {
  readonly met: boolean;
  /** Where it answered, or the last place that was tried. */
  readonly address: string | null;
  /** Why it is not met yet; null when it is. */
  readonly why: string | null;
  /** What is in the way is not seen in the tables, so looking again costs more. */
  readonly slow: boolean;
}

export interface AttemptTools {
  readonly platform: Platform;
  dial(place: Place, withinMs: number): Promise<DialAnswer>;
  get(place: Place, url: URL, withinMs: number): Promise<DialAnswer>;
}

export interface Look {
  readonly target: WaitTarget;
  readonly places: readonly WaitPlace[];
  readonly tools: AttemptTools;
  /** The longest that one knock may take, in ms. */
  readonly withinMs: number;
  /** Also where the table of this machine shows no listener. */
  readonly knock: boolean;
}

/** Null: it cannot be read, or not in whole, so that only knocking tells. */
export function readTable(platform: Platform): SocketTable | null {
  try {
    const table = platform.sockets('listening');
    return table.gaps.length === 0 ? table : null;
  } catch {
    // No implementation for this system.
    return null;
  }
}

/** `maybe`: only a socket on `::` is there, which may leave IPv4 out. */
export function listensAt(table: SocketTable, { ip }: WaitPlace, port: number): 'yes' | 'maybe' | 'no' {
  const found = table.sockets.filter((socket) => isListener(socket, port));
  let answer: 'maybe' | 'no' = 'no';
  for (const { local } of found) {
    const own = parseIp(local.address);
    if (own === null) continue;
    const plain = mappedIpv4(own) ?? own;
    // A wildcard covers every address of its family, whichever side has it.
    const covers = (plain.value === 0n || ip.value === 0n) && plain.family === ip.family;
    if (covers || isSame(plain, ip)) return 'yes';
    if (own.value === 0n && own.family === 6) answer = 'maybe';
  }
  return answer;
}

export function isListener({ protocol, state, local }: SocketFacts, port: number): boolean {
  return protocol === 'tcp' && state === 'listen' && local.port === port;
}
