/** All sockets read into one buffer. So what a reader is given is valid until it returns, and whoever keeps it copies it. */

import type { Socket } from 'node:net';
import { type Reads, readInto } from '../sockets/reads.ts';

const SHARED = Buffer.allocUnsafeSlow(65_536);
/** Its first bytes, by their number: to make a view of them costs as much as to read a short head. */
const VIEWS = new Array<Buffer | null>(2048).fill(null);

/** `take`: gets each read. */
export function sharedReads(take: (bytes: Buffer) => void): Reads {
  return { buffer: SHARED, read: (count) => take(firstBytes(count)) };
}

/** For sockets that came in. Where that cannot be had each read gets a buffer of its own, which is slower and as good. */
export function readShared(socket: Socket, take: (bytes: Buffer) => void): void {
  if (!readInto(socket, sharedReads(take))) socket.on('data', take);
}

function firstBytes(count: number): Buffer {
  if (count >= VIEWS.length) return SHARED.subarray(0, count);
  const known = VIEWS[count] ?? null;
  if (known !== null) return known;
  const view = SHARED.subarray(0, count);
  VIEWS[count] = view;
  return view;
}
