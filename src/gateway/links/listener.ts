/**
 * One address and port that is listened on while it should be. An address that cannot be had is tried again with growing pauses. It
 * must not know what is done with connections.
 */

import { createServer, type Server, type Socket } from 'node:net';
import type { LinkPlace } from '../../core/link.ts';
import type { Alarm, Alarms } from './alarms.ts';

/** Many callers at once are what links are tested with. The system's own limit may be lower. */
const BACKLOG = 4096;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 10_000;

export class Listener implements Alarm {
  slot = -1;
  at = 0;
  /** The system's code when it could not be had; null: it listens, or is not meant to. */
  error: string | null = null;
  readonly #place: LinkPlace;
  readonly #alarms: Alarms;
  readonly #take: (socket: Socket) => void;
  #server: Server | null = null;
  #listening = false;
  #pause = FIRST_PAUSE_MS;
  #settled: () => void = () => undefined;
  #settling: Promise<void> = Promise.resolve();

  constructor(place: LinkPlace, alarms: Alarms, take: (socket: Socket) => void) {
    this.#place = place;
    this.#alarms = alarms;
    this.#take = take;
  }

  get listening(): boolean {
    return this.#listening;
  }

  /** Resolves when the attempt that is under way has succeeded or failed. */
  get settled(): Promise<void> {
    return this.#settling;
  }

  /** Said again, it tries at once. */
  open(): void {
    this.#pause = FIRST_PAUSE_MS;
    if (this.#server === null) this.#try();
  }

  close(): void {
    this.#alarms.put(this, Number.POSITIVE_INFINITY);
    this.error = null;
    this.#listening = false;
    this.#server?.close();
    this.#server = null;
    this.#settled();
  }

  due(): void {
    this.#try();
  }

  #try(): void {
    this.#alarms.put(this, Number.POSITIVE_INFINITY);
    this.#settling = new Promise((resolve) => {
      this.#settled = resolve;
    });
    const server = createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: true }, this.#take);
    this.#server = server;
    server.on('error', (error: NodeJS.ErrnoException) => this.#failed(server, error));
    const { address: host, port } = this.#place;
    server.listen({ host, port, backlog: BACKLOG, ipv6Only: host.includes(':') }, () => {
      // Closed meanwhile: `close` of a server that is not listening yet does nothing.
      if (this.#server !== server) server.close();
      else {
        this.error = null;
        this.#listening = true;
        this.#settled();
      }
    });
  }

  #failed(server: Server, error: NodeJS.ErrnoException): void {
    // One connection could not be accepted (too many open files): the next one may be.
    if (this.#server !== server || this.#listening) return;
    this.#server = null;
    this.error = error.code ?? error.message;
    this.#alarms.put(this, this.#alarms.now() + this.#pause);
    this.#pause = Math.min(LONGEST_PAUSE_MS, this.#pause * 2);
    this.#settled();
  }
}
