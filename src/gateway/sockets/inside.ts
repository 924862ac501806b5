/**
 * What lies inside Node's sockets, as far as it is used here and has no public name. All of it is looked for first, in Nodes that it was
 * tried with; where it is missing everybody goes by Node's streams, which are slower and as good. It must not know what is carried.
 */

import type { Socket } from 'node:net';

/** The object below a socket. */
export interface Handle {
  /** Bytes of writes that are not over, which the system has not taken yet. */
  readonly writeQueueSize: number;
  onread: OnRead;
  /** Latin1. 0, or an error of the system. At once or later: see `wroteLater`. */
  writeLatin1String(request: WriteRequest, text: string): number;
  /** The bytes must stay as they are until it is over. */
  writeBuffer(request: WriteRequest, bytes: Buffer): number;
}

/** Called by the handle for each read, with what was read or why not; a buffer that it returns is for the next read. */
export type OnRead = (this: Handle, given: unknown) => Buffer | undefined;

/** One write. It can be used again unless the system did not take all of it at once. */
export interface WriteRequest {
  /** `status`: 0, or an error of the system. */
  oncomplete(status: number, handle: Handle, error?: Error): void;
}

/** The last one is 26; a Node that nobody has tried goes by its streams, since a mistake here would end the process. */
const LAST_TRIED = 26;

interface Inside {
  readonly WriteRequest: new () => WriteRequest;
  /** What the last call of any handle came to. */
  readonly state: Int32Array;
  readonly wroteLater: number;
  readonly read: number;
}

/** Null: this Node has it otherwise, or does not let us. */
export const INSIDE: Inside | null = find();

/** Null: the socket has none any more, or another one than is known here. */
export function handleOf(socket: Socket): Handle | null {
  if (INSIDE === null) return null;
  const { _handle: handle } = socket as { _handle?: Partial<Handle> | null };
  return handle !== null && handle !== undefined && isKnown(handle) ? handle : null;
}

function isKnown(handle: Partial<Handle>): handle is Handle {
  return (
    typeof handle.writeLatin1String === 'function' &&
    typeof handle.writeBuffer === 'function' &&
    typeof handle.onread === 'function' &&
    typeof handle.writeQueueSize === 'number'
  );
}

function find(): Inside | null {
  if (Number.parseInt(process.versions.node, 10) > LAST_TRIED) return null;
  const { binding } = process as unknown as { binding?(name: string): Record<string, unknown> };
  try {
    const { WriteWrap, streamBaseState, kLastWriteWasAsync, kReadBytesOrError } =
      binding?.call(process, 'stream_wrap') ?? {};
    if (typeof WriteWrap !== 'function' || !(streamBaseState instanceof Int32Array)) return null;
    if (typeof kLastWriteWasAsync !== 'number' || typeof kReadBytesOrError !== 'number') return null;
    return {
      WriteRequest: WriteWrap as Inside['WriteRequest'],
      state: streamBaseState,
      wroteLater: kLastWriteWasAsync,
      read: kReadBytesOrError,
    };
  } catch {
    // A Node that runs with permissions refuses it.
    return null;
  }
}
