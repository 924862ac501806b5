/**
 * One carrier as the gateway sees it: a process that is lent connections and gives them back. The gateway keeps both sockets of each all
 * the while and only does not read, so that none has to travel back. It must not know which connections, nor when.
 */

import type { ChildProcess, SendHandle } from 'node:child_process';
import type { Handle } from '../sockets/inside.ts';
import type { Back, Counts, FromCarrier, LoanId, ToCarrier } from './words.ts';

/** Of whom a connection is borrowed. */
export interface Lender {
  counted(bytesIn: number, bytesOut: number): void;
  /** The carrier has let go of it. */
  back(back: Back): void;
  /** The carrier is gone, and with it what it had read. */
  lost(): void;
}

export interface Loan {
  /** Asks for it back; what is under way comes with it. */
  recall(): void;
  /** Resolves when it is back, or lost. */
  readonly over: Promise<void>;
}

export interface CarrierOptions {
  /** The shipped `carrier.js`. */
  readonly program: string;
  /** One that does not give back what it is asked for within this time hangs, and so do its connections: it is ended. In ms. */
  readonly patienceMs: number;
  /** There is less on its way to it. */
  moved(): void;
  ended(): void;
}

/** One that was let go ends by itself within this time, or is ended. */
const ENDS_MS = 1000;
/** The first report may be of less than the whole time; one that has nothing to tell tells nothing. */
const WHOLE = 2;
const SETTLES_MS = 1000;

interface Lent {
  readonly lender: Lender;
  readonly over: () => void;
  isRecalled: boolean;
}

export class Carrier {
  readonly #child: ChildProcess;
  readonly #options: CarrierOptions;
  readonly #loans = new Map<LoanId, Lent>();
  /** Recalled, and not back yet. */
  #owed = 0;
  #recalls: LoanId[] = [];
  #impatience: NodeJS.Timeout | null = null;
  #last = 0;
  /** Since it was last lent something: how often it has told of itself, and when that was. */
  #reports = 0;
  #lentAt = Number.NEGATIVE_INFINITY;
  #ready = false;
  #over = false;
  /** Connections whose handles have not both left yet. */
  underWay = 0;
  /** As it last told: what it does in each ms (`loadOf`), and the share of time in which it did not wait. */
  load = 0;
  busy = 0;
  /** Connections that are in use. */
  active = 0;
  /** Resolves when its process has ended. */
  readonly gone: Promise<void>;
  /** It takes no more connections, and is let go when it has none. */
  isLeaving = false;

  /** Errors: those of `fork` that the system gives at once. */
  constructor(options: CarrierOptions) {
    this.#options = options;
    // Loaded by the first: most gateways never have one.
    const { fork } = process.getBuiltinModule('node:child_process');
    this.#child = fork(options.program, [], {
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      execArgv: [],
    });
    this.#child.on('message', (words) => this.#hear(words as FromCarrier));
    this.gone = new Promise((resolve) => {
      const left = (): void => {
        this.#left();
        resolve();
      };
      this.#child.on('exit', left);
      // One that could not be started has no exit.
      this.#child.on('error', () => this.#child.pid ?? left());
    });
  }

  get pid(): number | null {
    return this.#child.pid ?? null;
  }

  get connections(): number {
    return this.#loans.size;
  }

  get takes(): boolean {
    return this.#ready && !this.#over && !this.isLeaving;
  }

  /** What it last told of is all that it has. */
  get isSettled(): boolean {
    return this.underWay === 0 && (this.#reports >= WHOLE || performance.now() - this.#lentAt > SETTLES_MS);
  }

  /** Both sockets do not read, and nothing is written to them, until it is back. */
  lend(lender: Lender, caller: Handle, service: Handle): Loan {
    this.#last += 1;
    const id = this.#last;
    let over: () => void = () => undefined;
    const returned = new Promise<void>((resolve) => {
      over = resolve;
    });
    const lent: Lent = { lender, over, isRecalled: false };
    this.#loans.set(id, lent);
    this.underWay += 1;
    this.#reports = 0;
    this.#lentAt = performance.now();
    this.#say({ kind: 'caller', id }, caller);
    this.#say({ kind: 'service', id }, service, () => {
      this.underWay -= 1;
      this.#options.moved();
    });
    return { recall: () => this.#recall(id, lent), over: returned };
  }

  recallAll(): void {
    for (const [id, lent] of this.#loans) this.#recall(id, lent);
  }

  /** It ends, and so does what it still carries. */
  close(): void {
    if (!this.#child.connected) return;
    this.#child.disconnect();
    setTimeout(() => this.#child.kill('SIGKILL'), ENDS_MS).unref();
  }

  #recall(id: LoanId, lent: Lent): void {
    if (lent.isRecalled || !this.#loans.has(id)) return;
    lent.isRecalled = true;
    this.#owed += 1;
    this.#impatience ??= this.#wait();
    // Those of one turn travel together.
    if (this.#recalls.length === 0) queueMicrotask(() => this.#sayRecalls());
    this.#recalls.push(id);
  }

  #sayRecalls(): void {
    this.#say({ kind: 'recall', ids: this.#recalls });
    this.#recalls = [];
  }

  #wait(): NodeJS.Timeout {
    return setTimeout(() => this.#child.kill('SIGKILL'), this.#options.patienceMs);
  }

  #say(words: ToCarrier, handle?: Handle, left: () => void = () => undefined): void {
    this.#child.send(words, handle as unknown as SendHandle | undefined, (error) => {
      left();
      // What it does not hear of would hang.
      if (error !== null) this.#child.kill('SIGKILL');
    });
  }

  #hear(words: FromCarrier): void {
    if (words.kind === 'ready') {
      this.#ready = true;
      this.#options.moved();
    } else if (words.kind === 'counts') this.#count(words);
    else for (const back of words.backs) this.#back(back);
  }

  #count({ counts, load, busy, active }: Counts): void {
    this.load = load;
    this.active = active;
    this.#reports += 1;
    this.busy = busy;
    for (let at = 0; at < counts.length; at += 3) {
      const [id = 0, bytesIn = 0, bytesOut = 0] = counts.slice(at, at + 3);
      this.#loans.get(id)?.lender.counted(bytesIn, bytesOut);
    }
  }

  #back(back: Back): void {
    const lent = this.#loans.get(back.id);
    if (lent === undefined) return;
    this.#loans.delete(back.id);
    if (lent.isRecalled) this.#answered();
    lent.lender.counted(back.bytesIn, back.bytesOut);
    lent.lender.back(back);
    lent.over();
  }

  /** It answers: whoever else is waited for has the whole time again. */
  #answered(): void {
    this.#owed -= 1;
    if (this.#impatience !== null) clearTimeout(this.#impatience);
    this.#impatience = this.#owed > 0 ? this.#wait() : null;
  }

  #left(): void {
    if (this.#over) return;
    this.#over = true;
    if (this.#impatience !== null) clearTimeout(this.#impatience);
    const all = [...this.#loans.values()];
    this.#loans.clear();
    for (const { lender, over } of all) {
      lender.lost();
      over();
    }
    this.#options.ended();
  }
}
