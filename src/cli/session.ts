/**
 * What `lo run` and `lo test` have in common: an environment that is gone when the command is, whatever ends it. Standard output
 * belongs to what is run, so everything said here goes to standard error. It must not know what is run.
 */

import type { UpRequest } from '../core/api.ts';
import type { WatchEvent } from '../core/status.ts';
import type { Context } from './command.ts';
import { SIGNAL_EXIT } from './interrupts.ts';
import { LogFollower } from './log-follower.ts';
import { OwnedEnvironment } from './owned.ts';
import type { Board } from './view/board.ts';
import { LogPrinter } from './view/log-lines.ts';
import type { SignalName } from './world.ts';

interface Guardian {
  dismiss(): void;
}

export class Session {
  readonly #context: Context;
  readonly #request: UpRequest;
  readonly #owned: OwnedEnvironment;
  readonly #startedAt: number;
  #guardian: Promise<Guardian | null> | null = null;
  #logs: LogFollower | null = null;
  #stopping = false;

  /** `owner: 'none'`: the environment is only used, and stays when the command ends. */
  constructor(context: Context, request: UpRequest, listener: (event: WatchEvent) => void) {
    this.#context = context;
    this.#request = request;
    this.#startedAt = context.world.now();
    const take = (event: WatchEvent): void => {
      if (event.type === 'snapshot') this.#guard(event.status.environment.id);
      listener(event);
    };
    this.#owned = new OwnedEnvironment(context, request, take, (text) => this.say(text));
  }

  get board(): Board {
    return this.#owned.board;
  }

  get target(): OwnedEnvironment['target'] {
    return this.#owned.target;
  }

  /** Holds the environment while `work` runs, then takes it down, come what may. A signal ends the wait with its exit code. */
  async run(forget: boolean, work: () => Promise<number>): Promise<number> {
    let interrupt: (code: number) => void = () => undefined;
    const interrupted = new Promise<number>((resolve) => {
      interrupt = resolve;
    });
    using _ = this.#context.interrupts.handle((signal) => this.#onSignal(signal, interrupt));
    // It is held until the very end; here only its failure matters.
    const held = new Promise<never>((_resolve, reject) => {
      this.#owned.hold().catch(reject);
    });
    try {
      return await Promise.race([work(), interrupted, held]);
    } finally {
      await this.#tearDown(forget);
    }
  }

  /** The output of services as it comes, without names, on standard output. */
  followLogs(): void {
    if (this.#logs !== null) return;
    const { printer, json } = this.#context;
    const lines = new LogPrinter(printer, { kind: json ? 'json' : 'bare' }, []);
    const request = { ...this.target, services: [], follow: true, tail: -1, since: this.#startedAt };
    this.#logs = new LogFollower(this.#context, request, (batch) => lines.print(batch));
    // What could not be followed is read at the end, and there a failure counts.
    this.#logs.read().catch(() => undefined);
  }

  /** Resolves when every line that was written is printed. */
  async finishLogs(): Promise<void> {
    await this.#logs?.catchUp();
  }

  say(text: string): void {
    const { printer, json } = this.#context;
    if (!json) printer.note(printer.errorPaint(`lo: ${text}`, 'dim'));
  }

  /** From the first sight of the environment on its processes end with this one, even when the daemon dies with it. */
  #guard(environment: string): void {
    if (this.#request.owner !== 'kill') return;
    this.#guardian ??= import('../daemon/local.ts')
      .then(({ guard }): Guardian => guard(environment))
      .catch(() => {
        // The daemon still sees our connection end; what stays open is that both die at the same instant.
        this.say('no guardian could be started');
        return null;
      });
  }

  #onSignal(signal: SignalName, interrupt: (code: number) => void): void {
    if (this.#stopping) {
      this.say('ending everything at once');
      // Whether it works is told by the stop under way, which is waited for.
      this.#owned.down({ force: true, forget: false }, () => undefined).catch(() => undefined);
      return;
    }
    this.#stopping = true;
    this.say('stopping; Ctrl-C again ends everything at once');
    interrupt(SIGNAL_EXIT[signal]);
  }

  async #tearDown(forget: boolean): Promise<void> {
    this.#stopping = true;
    if (this.board.status === null || this.#request.owner === 'none') return;
    await this.#owned.down({ force: false, forget: false }, () => undefined);
    // The last words of those who were stopped, before their logs go.
    await this.finishLogs();
    if (forget) await this.#owned.down({ force: false, forget: true }, () => undefined);
    const guardian = await this.#guardian;
    guardian?.dismiss();
  }
}
