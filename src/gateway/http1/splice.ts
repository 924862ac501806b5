/** After a change of protocol both sides are bytes: each read is a write on the other side, and who is slow slows its partner. */

import type { Duplex } from 'node:stream';

/** `early`: what came with the head and belongs to the new protocol. Ends with both sides; an abort of one is an abort of the other. */
export function splice(one: Duplex, earlyOfOne: Buffer, other: Duplex, earlyOfOther: Buffer): void {
  if (earlyOfOne.length > 0) other.write(earlyOfOne);
  if (earlyOfOther.length > 0) one.write(earlyOfOther);
  carry(one, other);
  carry(other, one);
}

function carry(from: Duplex, to: Duplex): void {
  from.on('data', (bytes: Buffer) => {
    if (!to.write(bytes)) from.pause();
  });
  to.on('drain', () => from.resume());
  from.on('end', () => to.end());
  // Whatever ended it, the partner has nobody left to talk to.
  from.on('close', () => to.destroy());
  from.on('error', () => to.destroy());
  from.resume();
}
