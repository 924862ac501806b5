/** Keeps callers of one guarded link waiting until it is known who they are, and remembers those who were refused. It must not know links. */

import type { Socket } from 'node:net';
import type { Caller, LinkGuard, RefusedCaller, RefusedCalls } from '../../core/guard.ts';
import type { LinkPlace } from '../../core/link.ts';
import type { Lookout } from './lookout.ts';

const MOST_REFUSED = 16;

export class Doorkeeper {
  readonly #lookout: Lookout;
  readonly #held = new Set<Socket>();
  /** The latest last. */
  readonly #refused = new Map<string, RefusedCaller>();
  #count = 0;

  constructor(lookout: Lookout) {
    this.#lookout = lookout;
  }

  get refused(): RefusedCalls {
    return { count: this.#count, callers: [...this.#refused.values()].reverse() };
  }

  prepare(): void {
    this.#lookout.prepare();
  }

  /** `socket`: paused, nothing read yet; it is handed on as it came, or reset. */
  admit(socket: Socket, listen: LinkPlace, guard: LinkGuard, pass: (socket: Socket) => void): void {
    const { remoteAddress: address, remotePort: port } = socket;
    // It is gone already.
    if (address === undefined || port === undefined) {
      socket.destroy();
      return;
    }
    this.#held.add(socket);
    const failed = (): void => {
      socket.destroy();
    };
    socket.on('error', failed);
    void this.#lookout.ask({ listen, caller: { address, port }, guard }).then((refusal) => {
      // The link was closed meanwhile.
      if (!this.#held.delete(socket)) return;
      socket.off('error', failed);
      if (refusal === null) {
        if (!socket.destroyed) pass(socket);
        return;
      }
      this.#note(refusal);
      socket.resetAndDestroy();
    });
  }

  /** Whoever waits is reset. */
  close(): void {
    for (const socket of this.#held) socket.resetAndDestroy();
    this.#held.clear();
  }

  #note(caller: Caller): void {
    this.#count += 1;
    const key = `${caller.pid} ${caller.program} ${caller.service}`;
    const before = this.#refused.get(key)?.count ?? 0;
    this.#refused.delete(key);
    this.#refused.set(key, { ...caller, count: before + 1, at: new Date().toISOString() });
    const [oldest] = this.#refused.keys();
    if (this.#refused.size > MOST_REFUSED && oldest !== undefined) this.#refused.delete(oldest);
  }
}
