/**
 * One connection in a carrier: reads become writes, both ways, until anything else happens. Ends, failures and wishes of the gateway
 * are all answered by giving it back. It must not know links, nor faults.
 */

import type { Socket } from 'node:net';
import { Lane } from '../links/lane.ts';
import { socketOf } from '../links/reader.ts';
import { Outflow } from '../sockets/outflow.ts';
import { reset } from '../sockets/reset.ts';
import { type Back, type Failure, type LoanId, loadOf } from './words.ts';

export class Carried {
  readonly id: LoanId;
  readonly #caller: Socket;
  readonly #service: Socket;
  readonly #up: Lane;
  readonly #down: Lane;
  readonly #toService: Outflow;
  readonly #toCaller: Outflow;
  readonly #back: (back: Back) => void;
  /** Since they were last taken. */
  #bytesIn = 0;
  #bytesOut = 0;
  #load = 0;
  #over = false;

  /** Handles, as they came over the channel. */
  constructor(id: LoanId, caller: unknown, service: unknown, back: (back: Back) => void) {
    this.id = id;
    this.#back = back;
    this.#up = this.#lane((bytes) => {
      this.#bytesIn += bytes;
    });
    this.#down = this.#lane((bytes) => {
      this.#bytesOut += bytes;
    });
    this.#caller = this.#socket(caller, this.#up, 'caller');
    this.#service = this.#socket(service, this.#down, 'service');
    this.#toService = new Outflow(this.#service);
    this.#toCaller = new Outflow(this.#caller);
    this.#up.connect(this.#toService);
    this.#down.connect(this.#toCaller);
  }

  /** Since it was last asked. */
  take(): { readonly bytesIn: number; readonly bytesOut: number; readonly load: number } {
    const taken = { bytesIn: this.#bytesIn, bytesOut: this.#bytesOut, load: this.#load };
    this.#bytesIn = 0;
    this.#bytesOut = 0;
    this.#load = 0;
    return taken;
  }

  giveBack(failure: Failure | null = null): void {
    if (this.#over) return;
    this.#over = true;
    // Nothing is written any more once they are closed, so what is left now is what is left.
    const [up, down] = [this.#toService.rest(), this.#toCaller.rest()];
    this.#up.stop();
    this.#down.stop();
    this.#caller.destroy();
    this.#service.destroy();
    const { bytesIn, bytesOut } = this.take();
    this.#back({ id: this.id, bytesIn, bytesOut, up, down, failure });
  }

  /** There is nobody any more to give it back to. */
  reset(): void {
    this.#over = true;
    this.#up.stop();
    this.#down.stop();
    reset(this.#caller);
    reset(this.#service);
  }

  #lane(count: (bytes: number) => void): Lane {
    return new Lane({
      count: (bytes) => {
        count(bytes);
        this.#load += loadOf(bytes);
      },
      // The end is still there for whoever reads next.
      ended: () => this.giveBack(),
      reset: () => this.giveBack(),
    });
  }

  #socket(handle: unknown, lane: Lane, of: Failure['of']): Socket {
    const socket = socketOf(handle, lane.reader);
    socket.on('error', (error: NodeJS.ErrnoException) =>
      this.giveBack({ of, code: error.code ?? error.message }),
    );
    lane.leadFrom(socket);
    return socket;
  }
}
