/**
 * The handle below a socket, which can be given to another process. Node has no public name for it, so what is used of it is looked for
 * first. It must not know what is carried.
 */

import type { Socket } from 'node:net';

/** Node's own, as far as it is used here. */
export interface Handle {
  /** What was given to it so far, and what of that the system has not taken yet. */
  readonly bytesWritten: number;
  readonly writeQueueSize: number;
}

/** Null: it has none, or another one than is known here. */
export function handleOf(socket: Socket): Handle | null {
  const { _handle: handle } = socket as { _handle?: Partial<Handle> | null };
  if (typeof handle?.bytesWritten !== 'number' || typeof handle.writeQueueSize !== 'number') return null;
  return handle as Handle;
}
