/**
 * Waits until a run is proven ready: the attempt of its kind with growing pauses, whose socket it is that answers, and where the
 * program listens when it is not where it was told. It must not know what readiness leads to.
 */

import { setTimeout as delay } from 'node:timers/promises';
import type { Readiness } from '../core/model.ts';
import { formatDuration } from '../core/units.ts';
import { type Elsewhere, elsewhere } from './elsewhere.ts';
import type { Later } from './later.ts';
import { limited } from './limit.ts';
import type { MemberQuery } from './members.ts';
import type { Ownership } from './ownership.ts';
import { execAttempt } from './probes/exec.ts';
import { httpAttempt } from './probes/http.ts';
import { type Lines, logAttempt } from './probes/log.ts';
import { type Place, placeText } from './probes/probe.ts';
import { tcpAttempt } from './probes/tcp.ts';
import type { Listening, ReadyAnswer, ReadyTarget } from './supervisor.ts';

/** An attempt to connect costs little; a request or a command costs the program something. */
const FIRST_PAUSE_MS = { tcp: 1, http: 5, exec: 5, log: 5 } as const;
const GROWTH = 1.5;
const LONGEST_PAUSE_MS = 250;
/** After the timeout the look goes on, since a late service is better than none, but seldom. */
const LONGEST_LATE_PAUSE_MS = 5000;
/** So long is only the told address tried; then the program is asked where it listens, less and less often. */
const LOOK_ELSEWHERE_AFTER_MS = 250;

type Ready = Exclude<Readiness, { kind: 'none' }>;

export interface ProveTools {
  readonly ownership: Ownership;
  readonly lines: Lines;
  /** Asked anew for each look: a program may go into the background meanwhile. */
  query(): MemberQuery;
  readonly later: Later;
}

/** Rejects with AbortError when `signal` is aborted. */
export async function prove(
  tools: ProveTools,
  target: ReadyTarget,
  ready: Ready,
  signal: AbortSignal,
): Promise<ReadyAnswer> {
  using limit = limited(signal, target.late ? Number.POSITIVE_INFINITY : ready.timeoutMs);
  const proving = new Proving(tools, target, ready, signal);
  try {
    return await proving.run(limit.signal);
  } catch (error) {
    signal.throwIfAborted();
    if (!limit.signal.aborted) throw error;
    return { kind: 'timeout', reason: timeoutReason(ready, target, proving.last) };
  }
}

type Tried = ReadyAnswer | { readonly kind: 'not-yet'; readonly reason: string };

const NOTHING_TRIED = 'nothing was tried';

class Proving {
  /** Why the last attempt failed. */
  last = NOTHING_TRIED;
  readonly #tools: ProveTools;
  readonly #target: ReadyTarget;
  readonly #ready: Ready;
  /** The run ended, or is being ended. */
  readonly #over: AbortSignal;
  readonly #began = performance.now();
  #lookAfterMs: number;
  #elsewhere: Elsewhere = {};

  constructor(tools: ProveTools, target: ReadyTarget, ready: Ready, over: AbortSignal) {
    this.#over = over;
    this.#tools = tools;
    this.#target = target;
    this.#ready = ready;
    this.#lookAfterMs = target.late ? 0 : LOOK_ELSEWHERE_AFTER_MS;
  }

  async run(limit: AbortSignal): Promise<ReadyAnswer> {
    const { late } = this.#target;
    const longest = late ? LONGEST_LATE_PAUSE_MS : LONGEST_PAUSE_MS;
    for (
      let pause = late ? LONGEST_PAUSE_MS : FIRST_PAUSE_MS[this.#ready.kind];
      ;
      pause = Math.min(longest, pause * GROWTH)
    ) {
      limit.throwIfAborted();
      const tried = await this.#try(limit);
      // Who is told once already that another program answers waits for that to change.
      const stays = tried.kind === 'not-yet' || (tried.kind === 'foreign' && late);
      if (!stays) return tried;
      this.last = tried.reason;
      await delay(pause, undefined, { signal: limit });
    }
  }

  async #try(limit: AbortSignal): Promise<Tried> {
    this.#lookElsewhere();
    let reason: string | null = null;
    for (const place of this.#places()) {
      reason = await this.#attempt(place, limit);
      if (reason === null) return await this.#passed(place);
      // An attempt that was cut off says less than one that came to its end.
      if (!limit.aborted || this.last === NOTHING_TRIED) this.last = reason;
      limit.throwIfAborted();
    }
    return { kind: 'not-yet', reason: reason ?? this.last };
  }

  /** What may answer, in the order in which it counts; one place that means nothing where no address is asked. */
  #places(): readonly (Place | null)[] {
    const endpoint = probed(this.#ready);
    if (endpoint === null) return [null];
    const told = this.#target.told[endpoint];
    const other = this.#elsewhere[endpoint];
    return [told, other].filter((place) => place !== undefined);
  }

  #attempt(place: Place | null, limit: AbortSignal): Promise<string | null> {
    const ready = this.#ready;
    const { run, env, cwd, log, logStart } = this.#target;
    switch (ready.kind) {
      case 'tcp':
        return tcpAttempt(place ?? NOWHERE)(limit);
      case 'http':
        return httpAttempt(place ?? NOWHERE, ready.path)(limit);
      case 'exec': {
        // With the run's mark, so that nothing of the command outlives the run, whatever becomes of us.
        const marked = { ...env, LOOPYARD_RUN: run.mark };
        return execAttempt({ command: ready.command, env: marked, cwd })(limit);
      }
      case 'log':
        return logAttempt(this.#tools.lines, {
          file: log,
          from: logStart,
          pattern: new RegExp(ready.pattern),
        })(limit);
      default:
        return ready satisfies never;
    }
  }

  #lookElsewhere(): void {
    const elapsed = performance.now() - this.#began;
    if (elapsed < this.#lookAfterMs) return;
    this.#lookAfterMs = elapsed * GROWTH;
    this.#look(this.#target.late ? Number.POSITIVE_INFINITY : elapsed);
  }

  #look(elapsedMs: number): void {
    const listening = this.#tools.ownership.listening(this.#tools.query());
    this.#elsewhere = elsewhere(this.#target.told, listening, elapsedMs);
  }

  /**
   * Whoever needs this service should not wait until the socket table is read, where nobody else has a reason to listen. Read first
   * where others may.
   */
  async #passed(place: Place | null): Promise<Tried> {
    const { found, run } = this.#target;
    if (found === undefined || place === null || !run.addresses.includes(place.address)) {
      this.#tools.later.now();
      return await this.#proven(place);
    }
    this.#tools.later.add(() => {
      if (this.#over.aborted) return;
      this.#proven(place).then(
        (answer) => {
          if (answer.kind !== 'not-yet' && answer.kind !== 'timeout' && !this.#over.aborted) found(answer);
        },
        // The table could not be read: then nothing more is known than that it answered.
        () => undefined,
      );
    });
    return { kind: 'ready', listening: {} };
  }

  /** What is known of every told endpoint once the attempt passed. The one that answered must be the run's own. */
  async #proven(answered: Place | null): Promise<Tried> {
    const { told } = this.#target;
    if (answered === null) this.#look(Number.POSITIVE_INFINITY);
    // A command and a line name no endpoint; what they speak of is the first.
    const first = probed(this.#ready) ?? Object.keys(told)[0];
    const listening: Record<string, Listening> = {};
    for (const [endpoint, place] of Object.entries(told)) {
      const asked = (endpoint === first ? answered : null) ?? this.#elsewhere[endpoint] ?? place;
      const proof = await this.#tools.ownership.prove(this.#tools.query(), asked);
      if (proof.kind === 'own') listening[endpoint] = seenFrom(place, asked, proof.listening);
      else if (endpoint !== first) continue;
      else if (proof.kind === 'foreign') return { kind: 'foreign', reason: foreign(asked, proof.holder) };
      else if (answered !== null) return { kind: 'not-yet', reason: `${placeText(asked)} ${GONE}` };
    }
    return { kind: 'ready', listening };
  }
}

const NOWHERE: Place = { address: '127.0.0.1', port: 0 };
const GONE = 'answered, but nobody listens there any more';

/** The endpoint whose address is asked. */
function probed(ready: Ready): string | null {
  return ready.kind === 'tcp' || ready.kind === 'http' ? ready.endpoint : null;
}

/** `found` was seen from the place that answered; what matters is how it differs from the told one. */
function seenFrom(told: Place, answered: Place, found: Listening): Listening {
  if (found.kind === 'elsewhere') return found;
  if (found.kind === 'wide') return found.port === told.port ? found : { ...found, kind: 'elsewhere' };
  const same = answered.address === told.address && answered.port === told.port;
  return same ? found : { kind: 'elsewhere', ...answered };
}

function foreign(place: Place, holder: string): string {
  return `${placeText(place)} is answered by ${holder}, not by this service`;
}

function timeoutReason(ready: Ready, target: ReadyTarget, last: string): string {
  return `not ready after ${formatDuration(ready.timeoutMs)}, waited for ${waitedFor(ready, target)}; last: ${last}`;
}

function waitedFor(ready: Ready, { told }: ReadyTarget): string {
  switch (ready.kind) {
    case 'tcp':
      return `a connection to ${placeText(told[ready.endpoint] ?? NOWHERE)}`;
    case 'http':
      return `GET http://${placeText(told[ready.endpoint] ?? NOWHERE)}${ready.path}`;
    case 'log':
      return `a line that matches /${ready.pattern}/`;
    case 'exec':
      return `\`${ready.command}\` to exit with 0`;
    default:
      return ready satisfies never;
  }
}
