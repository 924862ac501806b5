/** Ends a connection so that nobody takes it for the end of what was said. */

import type { Socket } from 'node:net';

/**
 * Node's own `resetAndDestroy` first writes what waits, which nobody may ever read; a field makes `destroy` reset at once. Under TLS there
 * is none, and the missing close_notify tells the same.
 */
export function reset(socket: Socket): void {
  if ('encrypted' in socket || socket.connecting) socket.destroy();
  // Node loses the descriptor of a socket that is reset while its end is on its way, which it is for one turn of the loop.
  else if (socket.writableEnded && !socket.writableFinished) socket.once('finish', () => resetNow(socket));
  else resetNow(socket);
}

function resetNow(socket: Socket & { resetAndClosing?: boolean }): void {
  socket.resetAndClosing = true;
  socket.destroy();
}
