/**
 * Waits until a run is proven ready: the attempt of its kind with growing pauses, whose socket it is that answers, and where the
 * program listens when it is not where it was told. It must not know what readiness leads to.
 */

import { setTimeout as delay } from 'node:timers/promises';
import type { Readiness } from '../core/model.ts';
import { formatDuration } from '../core/units.ts';
import type { MemberQuery } from './members.ts';
import { isWildcard, type Ownership, type Place } from './ownership.ts';
import { execAttempt } from './probes/exec.ts';
import { httpAttempt } from './probes/http.ts';
import { type Lines, logAttempt } from './probes/log.ts';
import type { Attempt } from './probes/probe.ts';
import { tcpAttempt } from './probes/tcp.ts';
import type { Listening, ReadyAnswer, ReadyTarget } from './supervisor.ts';

const FIRST_PAUSE_MS = 5;
const GROWTH = 1.5;
const LONGEST_PAUSE_MS = 250;
/** After the timeout the look goes on, since a late service is better than none, but seldom. */
const LONGEST_LATE_PAUSE_MS = 5000;
/** So long is only the told address tried; then the program is asked where it listens. */
const LOOK_ELSEWHERE_AFTER_MS = 250;
/** A single listener at another port than told counts after so long: it may be a debugger's that comes first. */
const OTHER_PORT_AFTER_MS = 1500;

type Ready = Exclude<Readiness, { kind: 'none' }>;

export interface ProveTools {
  readonly ownership: Ownership;
  readonly lines: Lines;
}

export async function prove(
  tools: ProveTools,
  query: MemberQuery,
  target: ReadyTarget,
  ready: Ready,
  signal: AbortSignal,
): Promise<ReadyAnswer> {
  const began = performance.now();
  const timeoutMs = target.late ? Number.POSITIVE_INFINITY : ready.timeoutMs;
  const longest = target.late ? LONGEST_LATE_PAUSE_MS : LONGEST_PAUSE_MS;
  let last = 'nothing was tried';
  for (
    let pause = target.late ? LONGEST_PAUSE_MS : FIRST_PAUSE_MS;
    ;
    pause = Math.min(longest, pause * GROWTH)
  ) {
    const elapsed = performance.now() - began;
    const left = timeoutMs - elapsed;
    if (left <= 0) return { kind: 'timeout', reason: timeoutReason(ready, target, last) };
    const answer = await tryOnce(tools, { query, target, ready, signal, elapsed, left });
    if (answer.kind !== 'not-yet') return answer;
    last = answer.reason;
    await delay(Math.min(pause, Math.max(1, left)), undefined, { signal });
  }
}

interface Try {
  readonly query: MemberQuery;
  readonly target: ReadyTarget;
  readonly ready: Ready;
  readonly signal: AbortSignal;
  readonly elapsed: number;
  readonly left: number;
}

async function tryOnce(
  tools: ProveTools,
  { query, target, ready, signal, elapsed, left }: Try,
): Promise<Proven> {
  const elsewhere = elapsed > LOOK_ELSEWHERE_AFTER_MS || target.late;
  const found = elsewhere ? lookElsewhere(tools.ownership, query, target, elapsed) : {};
  const failure = await attemptOf(tools.lines, ready, target, found, left)(signal);
  signal.throwIfAborted();
  if (failure !== null) return { kind: 'not-yet', reason: failure };
  return await listeningOf(tools.ownership, query, target, found, ready);
}

/** Endpoint -> where a member listens instead of the told place. */
type Found = Readonly<Record<string, Place>>;

function attemptOf(lines: Lines, ready: Ready, target: ReadyTarget, found: Found, leftMs: number): Attempt {
  switch (ready.kind) {
    case 'tcp': {
      const { address, port } = placeOf(target, found, ready.endpoint);
      return tcpAttempt(address, port);
    }
    case 'http': {
      const { address, port } = placeOf(target, found, ready.endpoint);
      return httpAttempt(address, port, ready.path);
    }
    case 'exec':
      return execAttempt(ready.command, target.env, target.cwd);
    case 'log':
      return logAttempt(lines, {
        file: target.log,
        from: target.logStart,
        pattern: new RegExp(ready.pattern, 'u'),
        withinMs: leftMs,
      });
    default:
      return ready satisfies never;
  }
}

function placeOf(target: ReadyTarget, found: Found, endpoint: string): Place {
  return found[endpoint] ?? target.told[endpoint] ?? { address: '127.0.0.1', port: 0 };
}

/** Members that listen on a told port at another address, or, later, at one other port alone. */
function lookElsewhere(
  ownership: Ownership,
  query: MemberQuery,
  target: ReadyTarget,
  elapsed: number,
): Found {
  const listening = ownership.listening(query);
  const found: Record<string, Place> = {};
  const told = Object.entries(target.told);
  for (const [endpoint, place] of told) {
    const answers = (one: Place): boolean =>
      one.port === place.port && (one.address === place.address || isWildcard(one.address));
    if (listening.some(answers)) continue;
    const other =
      listening.find((one) => one.port === place.port) ?? onlyOther(listening, told.length, elapsed);
    if (other !== undefined) found[endpoint] = { port: other.port, address: dialable(other.address, place) };
  }
  return found;
}

function onlyOther(listening: readonly Place[], told: number, elapsed: number): Place | undefined {
  const ports = new Set(listening.map((place) => place.port));
  return told === 1 && ports.size === 1 && elapsed > OTHER_PORT_AFTER_MS ? listening[0] : undefined;
}

function dialable(address: string, told: Place): string {
  return isWildcard(address) ? told.address : address;
}

type Proven = ReadyAnswer | { readonly kind: 'not-yet'; readonly reason: string };

/** What is known of every told endpoint once the attempt passed. The probed one must be the run's own. */
async function listeningOf(
  ownership: Ownership,
  query: MemberQuery,
  target: ReadyTarget,
  found: Found,
  ready: Ready,
): Promise<Proven> {
  const listening: Record<string, Listening> = {};
  for (const [endpoint, told] of Object.entries(target.told)) {
    const place = found[endpoint] ?? told;
    const probed = (ready.kind === 'tcp' || ready.kind === 'http') && ready.endpoint === endpoint;
    const proof = await ownership.prove(query, place);
    if (proof.kind === 'own') listening[endpoint] = compared(proof.listening, place, told);
    else if (proof.kind === 'foreign' && probed) {
      return {
        kind: 'foreign',
        reason: `${place.address}:${place.port} is answered by ${proof.holder}, not by this service`,
      };
    } else if (probed) {
      return {
        kind: 'not-yet',
        reason: `${place.address}:${place.port} answered, but nobody listens there any more`,
      };
    }
  }
  return { kind: 'ready', listening };
}

/** Seen from the told place, not from where it was found. */
function compared(listening: Listening, place: Place, told: Place): Listening {
  if (listening.kind !== 'as-told')
    return listening.kind === 'wide' && place.port !== told.port
      ? { kind: 'elsewhere', ...place }
      : listening;
  return place.address === told.address && place.port === told.port
    ? listening
    : { kind: 'elsewhere', ...place };
}

function timeoutReason(ready: Ready, target: ReadyTarget, last: string): string {
  return `not ready after ${formatDuration(ready.timeoutMs)}, waited for ${waitedFor(ready, target)}; last: ${last}`;
}

function waitedFor(ready: Ready, target: ReadyTarget): string {
  switch (ready.kind) {
    case 'tcp':
    case 'http': {
      const { address, port } = placeOf(target, {}, ready.endpoint);
      return ready.kind === 'tcp'
        ? `a connection to ${address}:${port}`
        : `GET http://${address}:${port}${ready.path}`;
    }
    case 'log':
      return `a line that matches /${ready.pattern}/`;
    case 'exec':
      return `\`${ready.command}\` to exit with 0`;
    default:
      return ready satisfies never;
  }
}
