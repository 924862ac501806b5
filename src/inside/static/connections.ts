/** Which connections of a server are at work, so that an end need not wait for the others. */

import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Node closes connections that wait for their next request, not those that never sent one: browsers open such in advance. */
export class Connections {
  readonly #open = new Set<Socket>();
  readonly #busy = new Set<Socket>();
  #isClosing = false;

  add(socket: Socket): void {
    this.#open.add(socket);
    socket.once('close', () => this.#open.delete(socket));
  }

  busyUntilClosed(socket: Socket, response: ServerResponse): void {
    this.#busy.add(socket);
    response.once('close', () => {
      this.#busy.delete(socket);
      if (this.#isClosing) socket.end();
    });
  }

  closeUnlessBusy(): void {
    this.#isClosing = true;
    for (const socket of this.#open) if (!this.#busy.has(socket)) socket.destroy();
  }
}
