/** The command that ends one program on a port, and none of the others there. Pure. */

import type { ListenerDocument } from '../../core/inspection.ts';
import type { Program } from './programs.ts';
import { placeText, quote } from './words.ts';

/**
 * `lo kill` asks, and knows whose command stops a service, a unit or a container; it can be told an address. Null: nobody is seen whom
 * it could end, or it is the gateway, whose links and names go another way (OURS_GATEWAY).
 */
export function endCommand(
  program: Program,
  listeners: readonly ListenerDocument[],
  port: number,
): string | null {
  const [owner] = program[0].owners;
  if (owner === undefined || program.some(({ gateway }) => gateway !== undefined)) return null;
  const others = listeners.filter((listener) => !program.includes(listener));
  if (others.length === 0) return `lo kill ${port}`;
  const places = new Set(program.map(({ address }) => address));
  // Sockets that share a place by SO_REUSEPORT are told apart by nothing but their process.
  if (others.some(({ address }) => places.has(address))) return `kill ${owner.pid}`;
  return `lo kill ${[...places].map((address) => quote(placeText(address, port))).join(' ')}`;
}
