/**
 * All sockets read into one buffer. Node makes 64 KB for each read otherwise and takes a third more CPU for a request
 * (docs/notes/gateway-speed.md). So what a reader is given is valid until it returns, and whoever keeps it copies it.
 */

import type { Socket } from 'node:net';

const SHARED = Buffer.allocUnsafeSlow(65_536);
/** Its first bytes, by their number: to make a view of them costs as much as to read a short head. */
const VIEWS = new Array<Buffer | null>(2048).fill(null);

/** For `connect`, which has an option for it. */
export function readsInto(take: (bytes: Buffer) => void): {
  readonly buffer: Buffer;
  readonly callback: (count: number) => boolean;
} {
  return { buffer: SHARED, callback: callbackOf(take) };
}

/**
 * For sockets that came in, which have no such option, only the same fields behind it. A Node that names them otherwise gives each
 * read a buffer of its own, which is slower and as good.
 */
export function readShared(socket: Socket, take: (bytes: Buffer) => void): void {
  const inside = socket as Socket & Inside;
  const [buffer, callback] = fieldsOf(socket);
  if (buffer === undefined || callback === undefined || inside._handle?.useUserBuffer === undefined) {
    socket.on('data', take);
    return;
  }
  inside[buffer] = SHARED;
  inside[callback] = callbackOf(take);
  inside._handle.useUserBuffer(SHARED);
}

interface Inside {
  _handle?: { useUserBuffer?(buffer: Buffer): void } | null;
  [field: symbol]: unknown;
}

function callbackOf(take: (bytes: Buffer) => void): (count: number) => boolean {
  return (count) => {
    take(firstBytes(count));
    return true;
  };
}

function firstBytes(count: number): Buffer {
  if (count >= VIEWS.length) return SHARED.subarray(0, count);
  const known = VIEWS[count] ?? null;
  if (known !== null) return known;
  const view = SHARED.subarray(0, count);
  VIEWS[count] = view;
  return view;
}

function fieldsOf(socket: Socket): readonly (symbol | undefined)[] {
  const symbols = Object.getOwnPropertySymbols(socket);
  return ['kBuffer', 'kBufferCb'].map((name) => symbols.find(({ description }) => description === name));
}
