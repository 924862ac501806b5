/**
 * Reads without Node's streams: into a buffer that is there already, told by the handle itself. Node makes 64 KB for each read otherwise,
 * which takes a third more CPU for a request (docs/notes/gateway-speed.md). It must not know what is read.
 */

import type { OnReadOpts, Socket } from 'node:net';
import { handleOf, INSIDE } from './inside.ts';

/** Who reads. What it reads is valid until `read` returns. */
export interface Reads {
  /** What the next read goes into. */
  readonly buffer: Buffer;
  /** So many bytes of the buffer. */
  read(count: number): void;
}

/** For `connect` and `new Socket`, which have an option for it. */
export function readOptions(reads: Reads): OnReadOpts {
  return {
    buffer: () => reads.buffer,
    callback: (count) => {
      reads.read(count);
      return true;
    },
  };
}

/** For a socket that has those options: from now on past what Node does for each read, where that can be had. */
export function readPast(socket: Socket, reads: Reads): void {
  const handle = handleOf(socket);
  if (handle === null || INSIDE === null) return;
  const { state, read } = INSIDE;
  const usual = handle.onread;
  // The handle keeps an address only: what it reads into must not be collected meanwhile.
  let given = reads.buffer;
  handle.onread = function (words) {
    const count = state[read] ?? 0;
    // Ends and errors.
    if (count <= 0) return usual.call(this, words);
    reads.read(count);
    if (reads.buffer === given) return undefined;
    given = reads.buffer;
    return given;
  };
}

/**
 * For sockets that came in as they are, which have only the same fields behind those options; its buffer stays the same. False: a Node
 * that names them otherwise; `data` is told then.
 */
export function readInto(socket: Socket, reads: Reads): boolean {
  const inside = socket as Socket & Fields;
  const [buffer, callback] = fieldsOf(socket);
  if (buffer === undefined || callback === undefined || inside._handle?.useUserBuffer === undefined)
    return false;
  inside[buffer] = reads.buffer;
  inside[callback] = readOptions(reads).callback;
  inside._handle.useUserBuffer(reads.buffer);
  readPast(socket, reads);
  return true;
}

interface Fields {
  _handle?: { useUserBuffer?(buffer: Buffer): void } | null;
  [field: symbol]: unknown;
}

function fieldsOf(socket: Socket): readonly (symbol | undefined)[] {
  const symbols = Object.getOwnPropertySymbols(socket);
  return ['kBuffer', 'kBufferCb'].map((name) => symbols.find(({ description }) => description === name));
}
