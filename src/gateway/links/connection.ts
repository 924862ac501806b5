/**
 * One connection through a link: the caller, the service, a lane each way. How it begins (dial, stall) and ends (FIN each way, RST as
 * RST, whole) is decided here. It must not know listeners, nor snapshots.
 */

import { connect, type Socket } from 'node:net';
import type { LinkPlace } from '../../core/link.ts';
import type { Carrier, Lender, Loan } from '../carrier/carrier.ts';
import type { Movable } from '../carrier/spread.ts';
import { type Back, loadOf } from '../carrier/words.ts';
import type { Ending } from '../faults/pipe.ts';
import { handleOf } from '../sockets/inside.ts';
import { Outflow } from '../sockets/outflow.ts';
import { reset } from '../sockets/reset.ts';
import type { Alarm, Alarms } from './alarms.ts';
import { drawLot, type Force, type Lot } from './force.ts';
import { Lane } from './lane.ts';
import type { Meter } from './meter.ts';
import { readBy } from './reader.ts';
import { refit } from './refit.ts';

export interface ConnectionHost {
  readonly alarms: Alarms;
  readonly meter: Meter;
  /** How long the service may take to accept. */
  readonly dialMs: number;
  /** Where the service is now. */
  readonly upstream: LinkPlace | null;
  gone(connection: Connection): void;
}

export class Connection implements Alarm, Lender, Movable {
  slot = -1;
  at = 0;
  readonly #caller: Socket;
  readonly #host: ConnectionHost;
  readonly #began: number;
  readonly #up: Lane;
  readonly #toCaller: Outflow;
  #service: Socket | null = null;
  #toService: Outflow | null = null;
  #down: Lane | null = null;
  #forces: readonly Force[];
  readonly #lots = new Map<Force, Lot>();
  #state: 'new' | 'stalled' | 'dialling' | 'open' | 'closing' | 'over' = 'new';
  #firstByte = false;
  /** Since it was last asked for. */
  #load = 0;
  /** Another process carries it; both sockets are only kept here meanwhile. */
  #loan: Loan | null = null;

  /** `caller`: paused. Null: refused by a fault, and reset already. */
  static greet(caller: Socket, host: ConnectionHost, forces: readonly Force[]): Connection | null {
    const connection = new Connection(caller, host, forces);
    if (connection.#greetings().some(({ kind }) => kind === 'refuse')) {
      connection.reset();
      return null;
    }
    connection.#start();
    return connection;
  }

  private constructor(caller: Socket, host: ConnectionHost, forces: readonly Force[]) {
    this.#host = host;
    this.#forces = forces;
    this.#began = host.alarms.now();
    this.#up = new Lane({
      count: (bytes) => {
        host.meter.bytesIn += bytes;
        this.#load += loadOf(bytes);
      },
      ended: (how) => this.#ended(this.#toService, how),
      reset: () => this.reset(),
    });
    this.#caller = readBy(this.#up.reader, caller);
    this.#toCaller = new Outflow(this.#caller);
    this.#caller.on('error', () => this.reset());
    this.#caller.on('close', () => this.#closed());
    // Whoever gives up on a service that never hears of it has nothing to wait for.
    this.#caller.on('end', () => this.#leaveIfEndless());
    this.#up.leadFrom(this.#caller);
    this.#draw();
  }

  /** `address:port` of the socket that dialled. */
  get name(): string {
    const { remoteAddress = '', remotePort = 0 } = this.#caller;
    return remoteAddress.includes(':')
      ? `[${remoteAddress}]:${remotePort}`
      : `${remoteAddress}:${remotePort}`;
  }

  /** The link's faults are others now. */
  change(forces: readonly Force[]): void {
    if (this.#isEnding) return;
    this.#forces = forces;
    this.#draw();
    if (this.#loan !== null) this.#loan.recall();
    else this.#refit();
    if (this.#state === 'stalled') this.#stallOrDial();
  }

  takeLoad(): number {
    const load = this.#load;
    this.#load = 0;
    return load;
  }

  /** Open both ways, with nothing on the way: another process may go on from here. */
  get isMovable(): boolean {
    if (this.#state !== 'open' || this.#loan !== null || !this.#firstByte) return false;
    return this.#up.isClear && this.#down?.isClear === true;
  }

  lendTo(carrier: Carrier): void {
    const [caller, service] = [handleOf(this.#caller), this.#service && handleOf(this.#service)];
    if (caller === null || service === null) return;
    this.#up.lend();
    this.#down?.lend();
    this.#loan = carrier.lend(this, caller, service);
  }

  /** Null: it is carried here, or nobody has asked for it. */
  get returning(): Promise<void> | null {
    return this.#forces.length > 0 && this.#loan !== null ? this.#loan.over : null;
  }

  counted(bytesIn: number, bytesOut: number): void {
    this.#host.meter.bytesIn += bytesIn;
    this.#host.meter.bytesOut += bytesOut;
  }

  back({ up, down, failure }: Back): void {
    this.#loan = null;
    if (this.#isEnding) return;
    this.#up.back(up);
    this.#down?.back(down);
    this.#refit();
    if (failure?.of === 'caller') this.reset();
    else if (failure?.of === 'service') this.#failed(words(failure.code));
  }

  lost(): void {
    this.#loan = null;
    this.#failed('the process that carried it ended');
  }

  /** Stall is over, or the dial takes too long. */
  due(): void {
    if (this.#state === 'stalled') this.#dial();
    // When this process was held up itself, the answer may be waiting to be read.
    else setImmediate(() => this.#giveUpDial());
  }

  reset(): void {
    if (this.#state === 'over') return;
    this.#stop('over');
    reset(this.#caller);
    if (this.#service !== null) reset(this.#service);
  }

  #start(): void {
    this.#refit();
    this.#stallOrDial();
  }

  #draw(): void {
    for (const force of this.#lots.keys()) if (!this.#forces.includes(force)) this.#lots.delete(force);
    for (const force of this.#forces) if (!this.#lots.has(force)) this.#lots.set(force, drawLot(force));
  }

  #refit(): void {
    const { alarms } = this.#host;
    refit(this.#up, 'up', this.#forces, this.#lots, alarms);
    if (this.#down !== null) refit(this.#down, 'down', this.#forces, this.#lots, alarms);
  }

  #greetings(): readonly { readonly kind: 'refuse' | 'stall'; readonly ms?: number }[] {
    return this.#forces.flatMap((force) => {
      const greeting = this.#lots.get(force)?.hit === true && force.part.greeting?.(force.fault.settings);
      return greeting === false || greeting === undefined ? [] : [greeting];
    });
  }

  /** The longest stall counts; 0 means for as long as the fault is there. */
  #stallOrDial(): void {
    const stalls = this.#greetings().flatMap(({ ms }) =>
      ms === undefined ? [] : [ms === 0 ? Number.POSITIVE_INFINITY : ms],
    );
    if (stalls.length === 0) {
      this.#dial();
      return;
    }
    this.#state = 'stalled';
    this.#up.begin();
    this.#host.alarms.put(this, this.#began + Math.max(...stalls));
    this.#leaveIfEndless();
  }

  #leaveIfEndless(): void {
    if (this.#state === 'stalled' && this.slot < 0 && this.#caller.readableEnded) this.#ended(null, 'whole');
  }

  #dial(): void {
    const { upstream, alarms, dialMs } = this.#host;
    if (upstream === null) {
      this.reset();
      return;
    }
    this.#state = 'dialling';
    alarms.put(this, alarms.now() + dialMs);
    const dialled = alarms.now();
    const down = this.#laneDown();
    const service = connect({
      host: upstream.address,
      port: upstream.port,
      noDelay: true,
      allowHalfOpen: true,
      onread: down.reader.options,
    });
    service.pause();
    down.reader.readFrom(service);
    down.leadFrom(service);
    this.#service = service;
    this.#toService = new Outflow(service);
    service.on('error', (error: NodeJS.ErrnoException) => this.#failed(words(error.code ?? error.message)));
    service.on('close', () => this.#closed());
    service.once('connect', () => this.#open(down, dialled));
  }

  #laneDown(): Lane {
    const { alarms, meter } = this.#host;
    return new Lane({
      count: (bytes) => {
        meter.bytesOut += bytes;
        this.#load += loadOf(bytes);
        if (this.#firstByte) return;
        this.#firstByte = true;
        meter.firstByteMs = alarms.now() - this.#began;
      },
      ended: (how) => this.#ended(this.#toCaller, how),
      reset: () => this.reset(),
    });
  }

  #open(down: Lane, dialled: number): void {
    const { alarms, meter } = this.#host;
    if (this.#state !== 'dialling') return;
    this.#state = 'open';
    alarms.put(this, Number.POSITIVE_INFINITY);
    meter.connectMs = alarms.now() - dialled;
    this.#down = down;
    this.#refit();
    down.connect(this.#toCaller);
    if (this.#toService !== null) this.#up.connect(this.#toService);
  }

  get #isEnding(): boolean {
    return this.#state === 'closing' || this.#state === 'over';
  }

  /** A direction has ended at `to`; null: there is nobody yet. */
  #ended(to: Outflow | null, how: Ending): void {
    if (this.#isEnding) return;
    if (how === 'half') {
      to?.end();
      return;
    }
    const from = to === this.#toCaller ? this.#service : this.#caller;
    this.#stop('closing');
    from?.destroy();
    if (to === null) return;
    const { socket } = to;
    // What it still says is read and left: unread bytes would turn the FIN into an RST that overtakes what was written.
    socket.resume();
    socket.once('finish', () => socket.destroy());
    to.end();
  }

  #giveUpDial(): void {
    if (this.#state === 'dialling') this.#failed(`it accepted no connection within ${this.#host.dialMs} ms`);
  }

  #failed(text: string): void {
    if (this.#isEnding) return;
    this.#host.meter.failed(text, Date.now());
    this.reset();
  }

  /** Nothing passes any more. `closing`: what was passed is still being written. */
  #stop(state: 'closing' | 'over'): void {
    this.#state = state;
    this.#host.alarms.put(this, Number.POSITIVE_INFINITY);
    this.#up.stop();
    this.#down?.stop();
    this.#loan?.recall();
  }

  #closed(): void {
    if (!this.#caller.destroyed || this.#service?.destroyed === false) return;
    if (this.#state !== 'over') this.#stop('over');
    this.#host.gone(this);
  }
}

function words(code: string): string {
  return code === 'ECONNREFUSED' ? 'nobody listens there (ECONNREFUSED)' : code;
}
