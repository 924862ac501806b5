/** Tries each way of asking for a port. It must not know what the answers mean. */

import type { Platform } from '../../platform/platform.ts';
import type { Trial } from '../causes/cause.ts';
import { canBind } from './bindable.ts';

type Asked = Pick<Trial, 'address' | 'ipv6Only'>;

/** The seven of the truth table: every way in which an ordinary server asks. */
export const ASKS: readonly Asked[] = [
  { address: '127.0.0.1', ipv6Only: false },
  { address: '127.0.0.2', ipv6Only: false },
  { address: '::1', ipv6Only: false },
  { address: '::ffff:127.0.0.1', ipv6Only: false },
  { address: '0.0.0.0', ipv6Only: false },
  { address: '::', ipv6Only: true },
  { address: '::', ipv6Only: false },
];

/**
 * A bind is the only witness of sockets that stand in no table, and of what this user may. It is as small as it can be: a socket that
 * listens for less than a millisecond and sends nothing; where somebody listens it is refused and nobody notices. Who connects to a
 * free port in that instant is reset instead of refused, and a server that starts in it is refused: so there is one at a time, and no
 * second round without a reason.
 */
export async function tryAll(
  platform: Pick<Platform, 'tryListen'>,
  port: number,
  listeners: readonly { readonly address: string }[],
): Promise<readonly Trial[]> {
  const trials: Trial[] = [];
  for (const asked of ASKS) {
    const answer = await platform.tryListen(asked.address, port, asked.ipv6Only);
    trials.push({ ...asked, predicted: canBind(asked, listeners), answer });
  }
  return trials;
}

/**
 * Whether a listener on `::` has IPv4 behind it, which no table tells. Where it has not, IPv4 can be had beside it, so one trial that
 * succeeded says so. Where none could be made (no privilege), it is taken for what servers do by default.
 */
export function takesIpv4(trials: readonly Trial[]): boolean {
  return !trials.some(
    ({ address, predicted, answer }) => !address.includes(':') && predicted === null && answer.bindable,
  );
}

/** The port is in use there, and no listener that is seen is the reason. */
export function unexplained(trials: readonly Trial[]): readonly Trial[] {
  const leavesIpv4 = !takesIpv4(trials);
  return trials.filter(
    ({ predicted, answer }) => (predicted ?? leavesIpv4) && !answer.bindable && answer.code === 'EADDRINUSE',
  );
}

/** That way of asking succeeded, was refused as in use, or neither: null. */
export function outcomeOf(
  trials: readonly Trial[],
  address: Trial['address'],
  ipv6Only = false,
): boolean | null {
  const answer = trials.find((one) => one.address === address && one.ipv6Only === ipv6Only)?.answer;
  if (answer === undefined) return null;
  if (answer.bindable) return true;
  return answer.code === 'EADDRINUSE' ? false : null;
}
