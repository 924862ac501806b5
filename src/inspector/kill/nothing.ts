/** What to say when nothing that was meant listens: who is near, and whether the port can be had. */

import type { Platform } from '../../platform/platform.ts';
import { placeText } from '../causes/words.ts';
import type { KillTarget } from './target.ts';

export interface Nothing {
  /** Behind "nothing listens on 3000". */
  readonly more: string;
  /** A command. */
  readonly next: string;
}

export async function explainNothing(platform: Platform, target: KillTarget): Promise<Nothing> {
  const { port, protocol, addresses } = target;
  const near = platform
    .sockets('listening')
    .sockets.filter(({ local, state }) => local.port === port && (state === 'listen' || state === 'bound'));
  const [other] = near.filter((socket) => socket.protocol === protocol);
  const flag = protocol === 'udp' ? ' --udp' : '';
  if (other !== undefined) {
    const place = placeText(other.local.address, port);
    return { more: `, but somebody does on ${place}`, next: `lo kill ${place}${flag}` };
  }
  if (near.length > 0)
    return protocol === 'tcp'
      ? { more: ' for TCP, but a UDP socket is bound there', next: `lo kill ${target.text} --udp` }
      : { more: ' for UDP, but a TCP server does', next: `lo kill ${target.text.replace(' --udp', '')}` };
  if (protocol === 'tcp' && (await isTaken(platform, addresses ?? ['0.0.0.0', '::'], port)))
    return { more: ', and yet the port is taken', next: `lo why ${port}` };
  return { more: '', next: 'lo ports' };
}

/** As a server would find out. */
async function isTaken(platform: Platform, addresses: readonly string[], port: number): Promise<boolean> {
  for (const address of addresses) {
    const answer = await platform.tryListen(address, port, false);
    if (!answer.bindable && answer.code === 'EADDRINUSE') return true;
  }
  return false;
}
