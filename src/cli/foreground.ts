/**
 * `lo up` in the foreground: shows the start, then follows logs and changes, stops everything on a signal. It must not know how a
 * daemon keeps the promise that the environment ends with the command.
 *
 *   starting ──settled──▶ following ──signal, or a bad start without a terminal──▶ stopping ──▶ end
 *      └────────────────────signal────────────────────────────────────────────────────▲
 */

import type { UpRequest } from '../core/api.ts';
import type { EndpointStatus, Outcome, WatchEvent } from '../core/status.ts';
import { formatDuration } from '../core/units.ts';
import type { Context } from './command.ts';
import { SIGNAL_EXIT } from './interrupts.ts';
import { LogFollower } from './log-follower.ts';
import { OwnedEnvironment } from './owned.ts';
import { safe } from './printer/text.ts';
import { failureLines, notReady } from './settle.ts';
import { ChangeLines } from './view/change-lines.ts';
import { LogPrinter } from './view/log-lines.ts';
import { type Progress, showProgress } from './view/progress.ts';
import { nameLines } from './view/service-text.ts';
import { printWarnings } from './view/status-table.ts';
import type { SignalName } from './world.ts';

/** More URLs than this would push the logs away in their turn. */
const MOST_PLACES = 8;

type Phase = 'starting' | 'following' | 'stopping';

export class Foreground {
  readonly #context: Context;
  readonly #owned: OwnedEnvironment;
  readonly #startedAt: number;
  /** What is shown of events in the present phase. */
  #shown: Progress;
  #phase: Phase = 'starting';
  #logs: LogFollower | null = null;
  #end: (code: number) => void = () => undefined;
  #fail: (error: unknown) => void = () => undefined;

  constructor(context: Context, request: UpRequest) {
    this.#context = context;
    this.#startedAt = context.world.now();
    this.#shown = showProgress(context, 'up');
    this.#owned = new OwnedEnvironment(
      context,
      request,
      (event) => this.#take(event),
      (text) => this.#say(text),
    );
  }

  /** The exit code. Errors: those of `up`; NOT_READY without a terminal. */
  async run(): Promise<number> {
    using _ = this.#context.interrupts.handle((signal) => this.#onSignal(signal));
    try {
      return await new Promise<number>((resolve, reject) => {
        this.#end = resolve;
        this.#fail = reject;
        this.#owned
          .hold()
          .then(() => this.#onEnded())
          .catch(reject);
      });
    } finally {
      this.#shown.end();
    }
  }

  #take(event: WatchEvent): void {
    // While it stops, the stream of `down` tells the same.
    if (this.#phase !== 'stopping') this.#shown.take(event);
    if (event.type === 'settled' && this.#phase === 'starting') this.#onSettled(event.outcome);
    if (this.#phase === 'following' && this.#owned.board.allEnded) this.#onEnded();
  }

  #onSettled(outcome: Outcome): void {
    const { printer, json } = this.#context;
    this.#shown.end();
    this.#phase = 'following';
    const { services } = this.#owned.board;
    if (!json) printWarnings(printer, services);
    // Nobody sits there who could look into it.
    if (!outcome.good && !printer.look.live) {
      this.#stop(() => this.#fail(notReady(outcome)));
      return;
    }
    if (!json) this.#shown = new ChangeLines(printer, services);
    if (outcome.good) {
      this.#say(`up after ${formatDuration(this.#age)}; Ctrl-C stops everything`);
      for (const line of nameLines(services)) this.#say(line);
    } else for (const line of outcome.bad.flatMap(failureLines)) printer.note(line);
    this.#followLogs(outcome.good ? this.#startedAt : this.#context.world.now());
  }

  #followLogs(since: number): void {
    const { printer, json } = this.#context;
    const names = this.#owned.board.services.map((service) => service.name);
    const style = json ? ({ kind: 'json' } as const) : ({ kind: 'prefixed', timestamps: false } as const);
    const lines = new LogPrinter(printer, style, names);
    const request = { ...this.#owned.target, services: [], follow: true, tail: -1, since };
    this.#logs = new LogFollower(this.#context, request, (batch) => lines.print(batch));
    this.#read(this.#logs).catch((error: unknown) => this.#fail(error));
  }

  async #read(logs: LogFollower): Promise<void> {
    const { printer, json } = this.#context;
    if (printer.look.live && !json) {
      await logs.catchUp();
      this.#sayPlaces();
    }
    await logs.read();
  }

  /** Again, since what was printed during the start pushes the table away, and programs name places that they only believe in. */
  #sayPlaces(): void {
    if (this.#phase !== 'following') return;
    const places = this.#owned.board.services.flatMap(({ name, state, endpoints }) =>
      state === 'ready'
        ? endpoints.filter(isHttp).map(({ url, names }) => `${name} is at ${safe(names[0] ?? url)}`)
        : [],
    );
    if (places.length > MOST_PLACES) this.#say('`lo ps` tells where each service is');
    else for (const place of places) this.#say(place);
  }

  #onSignal(signal: SignalName): void {
    if (this.#phase === 'stopping') {
      this.#say('ending everything at once');
      this.#owned.down({ force: true, forget: false }, () => undefined).catch(this.#fail);
      return;
    }
    const code = SIGNAL_EXIT[signal];
    this.#shown.end();
    // Before the first answer there is nothing to stop in words: the end of the connection stops it.
    if (this.#owned.board.status === null) this.#end(code);
    else {
      this.#say('stopping; Ctrl-C again ends everything at once');
      this.#stop(() => this.#end(code));
    }
  }

  #stop(after: () => void): void {
    this.#phase = 'stopping';
    const progress = showProgress(this.#context, 'down');
    this.#shown = progress;
    this.#owned
      .down({ force: false, forget: false }, (event) => progress.take(event))
      .then(async () => {
        progress.end();
        // The last words of those who were stopped.
        await this.#logs?.catchUp();
        after();
      })
      .catch((error: unknown) => this.#fail(error));
  }

  /** Nothing runs any more, and it was not us: every task is done, or another command stopped it. */
  #onEnded(): void {
    if (this.#phase === 'stopping') return;
    this.#phase = 'stopping';
    const { services } = this.#owned.board;
    const bad = services.some(({ state }) => state === 'failed' || state === 'lost' || state === 'skipped');
    const stopped = services.some(({ state }) => state === 'stopped');
    const last = this.#logs?.catchUp() ?? Promise.resolve();
    last
      .then(() => {
        this.#say(stopped ? 'stopped by another command' : 'nothing runs any more');
        this.#end(bad ? 1 : 0);
      })
      .catch((error: unknown) => this.#fail(error));
  }

  #say(text: string): void {
    const { printer } = this.#context;
    printer.note(printer.errorPaint(`lo: ${text}`, 'dim'));
  }

  get #age(): number {
    return this.#context.world.now() - this.#startedAt;
  }
}

function isHttp({ protocol }: EndpointStatus): boolean {
  return protocol === 'http' || protocol === 'https';
}
