/**
 * The life of one service as a pure machine: `(state, event, now) -> [state, effects]`. It must not know other services (see
 * `environment.ts`), clocks, processes or files.
 *
 *            start            launch             proven
 *   idle ───────────▶ pending ──────▶ starting ─────────▶ ready | running
 *    ▲                 ▲   ▲             │  ▲                │      ▲
 *    │            again│   │wake         │  │late proof      │      │proof again
 *    │                 │   │             ▼  │                ▼      │
 *    │                 │ backoff       unready ◀──────── (proof lost)
 *    │                 │   ▲             │
 *    │                 │   │exit, retry  │ stop, or the program ended
 *    │                 │   │             ▼
 *    └──────────── stopped/completed/failed ◀── gone ── stopping
 *
 * Every launch is an incarnation with a number of its own; what is said about another incarnation is ignored.
 */

import type { RestartPolicy } from './model.ts';

export interface Exit {
  /** null when a signal ended it, or when nobody could see. */
  readonly code: number | null;
  readonly signal: string | null;
  /** Epoch milliseconds. */
  readonly at: number;
}

export type Life =
  | { readonly state: 'idle' }
  | { readonly state: 'pending' }
  | { readonly state: 'starting' | 'running' | 'ready'; readonly run: number }
  | { readonly state: 'unready'; readonly run: number; readonly reason: string }
  | { readonly state: 'backoff'; readonly until: number; readonly reason: string }
  | { readonly state: 'stopping'; readonly run: number; readonly ended: Exit | null }
  | { readonly state: 'stopped' | 'failed' | 'skipped' | 'lost'; readonly reason: string }
  | { readonly state: 'completed' };

export type StateName = Life['state'];

/** `again`: goes down, then comes up by itself. */
export type Wanted = 'up' | 'down' | 'again';

export interface ServiceLife {
  readonly life: Life;
  readonly wanted: Wanted;
  /** The highest incarnation number given out. */
  readonly runs: number;
  /** Launches made by the restart policy since the service was last asked to start. */
  readonly restarts: number;
  /** Quick failures in a row. */
  readonly failures: number;
  /** When the present state began, epoch ms. */
  readonly since: number;
  /** When the present or last run was launched, epoch ms; 0 before the first. */
  readonly launchedAt: number;
  readonly exit: Exit | null;
}

export type LifeEvent =
  | { readonly type: 'start' }
  | { readonly type: 'restart' }
  /** Asked to stop: from now on it is not wanted. Nothing is signalled before `release`. */
  | { readonly type: 'stop' }
  /** Whatever must stop earlier has stopped: the run may be ended now. */
  | { readonly type: 'release'; readonly force: boolean }
  | { readonly type: 'needs-met' }
  | { readonly type: 'needs-broken'; readonly reason: string }
  | { readonly type: 'proven'; readonly run: number; readonly how: 'ready' | 'running' }
  | { readonly type: 'unproven'; readonly run: number; readonly reason: string }
  | { readonly type: 'launch-failed'; readonly run: number; readonly reason: string }
  | { readonly type: 'exited'; readonly run: number; readonly exit: Exit }
  /** Every process of the run is gone. */
  | { readonly type: 'gone'; readonly run: number }
  /** The record of the run is missing: it may or may not have ended well. */
  | { readonly type: 'lost'; readonly run: number; readonly reason: string }
  | { readonly type: 'wake' };

export type LifeEffect =
  | { readonly type: 'launch'; readonly run: number }
  /** End every process of the run; `force`: without a grace. Answered by `gone`. */
  | { readonly type: 'end'; readonly run: number; readonly force: boolean }
  /** The program ended by itself: end what it left behind. Answered by `gone`. */
  | { readonly type: 'sweep'; readonly run: number }
  | { readonly type: 'wake-at'; readonly at: number };

export interface LifeRules {
  readonly task: boolean;
  readonly restart: RestartPolicy;
}

/** A run that stayed up for so long is no quick failure; in ms. */
export const STABLE_AFTER_MS = 10_000;

export function newLife(now: number): ServiceLife {
  return {
    life: { state: 'idle' },
    wanted: 'down',
    runs: 0,
    restarts: 0,
    failures: 0,
    since: now,
    launchedAt: 0,
    exit: null,
  };
}

/** The incarnation that may have processes now, or null. */
export function currentRun(life: Life): number | null {
  return 'run' in life ? life.run : null;
}

/** True while the run has, or may have, processes. */
export function isAlive(life: Life): boolean {
  return 'run' in life;
}

type Step = readonly [ServiceLife, readonly LifeEffect[]];

/** One step. Events that do not fit the state, or that speak of another incarnation, change nothing. */
export function step(from: ServiceLife, event: LifeEvent, now: number, rules: LifeRules): Step {
  switch (event.type) {
    case 'start':
      return onStart(from, now);
    case 'restart':
      return onRestart(from, now);
    case 'stop':
      return onStop(from, now);
    case 'release':
      return onRelease(from, event.force, now);
    case 'needs-met':
      return from.life.state === 'pending' || from.life.state === 'skipped' ? launch(from, now) : same(from);
    case 'needs-broken':
      return from.life.state === 'pending'
        ? enter(from, { state: 'skipped', reason: event.reason }, now)
        : same(from);
    case 'wake':
      return from.life.state === 'backoff'
        ? enter({ ...from, restarts: from.restarts + 1 }, { state: 'pending' }, now)
        : same(from);
    default:
      return currentRun(from.life) === event.run ? onRunEvent(from, event, now, rules) : same(from);
  }
}

type RunEvent = Extract<LifeEvent, { run: number }>;

function onRunEvent(from: ServiceLife, event: RunEvent, now: number, rules: LifeRules): Step {
  switch (event.type) {
    case 'proven':
      return onProven(from, event.run, event.how, now);
    case 'unproven':
      return onUnproven(from, event.run, event.reason, now);
    case 'launch-failed':
      return afterEnd(from, now, { state: 'failed', reason: event.reason });
    case 'exited':
      return onExited(from, event.run, event.exit, now);
    case 'lost':
      return afterEnd(from, now, { state: 'lost', reason: event.reason });
    case 'gone':
      return onGone(from, now, rules);
    default:
      return unreachable(event);
  }
}

function onStart(from: ServiceLife, now: number): Step {
  if (from.life.state === 'stopping') return same({ ...from, wanted: from.wanted === 'up' ? 'up' : 'again' });
  if (isAlive(from.life)) return same({ ...from, wanted: 'up' });
  if (from.life.state === 'pending' && from.wanted === 'up') return same(from);
  return enter({ ...from, wanted: 'up', restarts: 0, failures: 0 }, { state: 'pending' }, now);
}

function onRestart(from: ServiceLife, now: number): Step {
  return isAlive(from.life) ? same({ ...from, wanted: 'again', failures: 0 }) : onStart(from, now);
}

function onStop(from: ServiceLife, now: number): Step {
  const down: ServiceLife = { ...from, wanted: 'down' };
  switch (from.life.state) {
    case 'pending':
    case 'backoff':
    case 'skipped':
      return enter(down, { state: 'stopped', reason: 'stopped before it started' }, now);
    default:
      return same(down);
  }
}

function onRelease(from: ServiceLife, force: boolean, now: number): Step {
  const run = currentRun(from.life);
  if (run === null || (from.wanted === 'up' && !force)) return same(from);
  if (from.life.state === 'stopping') return force ? [from, [{ type: 'end', run, force }]] : same(from);
  return enter(from, { state: 'stopping', run, ended: null }, now, [{ type: 'end', run, force }]);
}

function onProven(from: ServiceLife, run: number, how: 'ready' | 'running', now: number): Step {
  const { state } = from.life;
  return state === 'starting' || state === 'unready' || (state === 'running' && how === 'ready')
    ? enter(from, { state: how, run }, now)
    : same(from);
}

function onUnproven(from: ServiceLife, run: number, reason: string, now: number): Step {
  const { state } = from.life;
  return state === 'starting' || state === 'ready' || state === 'running' || state === 'unready'
    ? enter(from, { state: 'unready', run, reason }, now)
    : same(from);
}

function onExited(from: ServiceLife, run: number, exit: Exit, now: number): Step {
  // While stopping by request, `end` is already at work and answers with `gone`; only the code is news.
  if (from.life.state === 'stopping') return same({ ...from, exit });
  return enter({ ...from, exit }, { state: 'stopping', run, ended: exit }, now, [{ type: 'sweep', run }]);
}

function onGone(from: ServiceLife, now: number, rules: LifeRules): Step {
  if (from.life.state !== 'stopping') return same(from);
  const { ended } = from.life;
  if (ended === null || from.wanted !== 'up')
    return afterEnd(from, now, { state: 'stopped', reason: 'stopped on request' });
  return afterExit(from, ended, now, rules);
}

/** What follows when a run that was wanted ended by itself. */
function afterExit(from: ServiceLife, exit: Exit, now: number, rules: LifeRules): Step {
  const { policy, max, backoffMs } = rules.restart;
  const good = exit.code === 0;
  if (good && (rules.task || policy !== 'always')) return enter(from, { state: 'completed' }, now);
  const reason = describeExit(exit);
  if (policy === 'never') return enter(from, { state: 'failed', reason }, now);
  const stable = exit.at - from.launchedAt >= STABLE_AFTER_MS;
  const failures = stable ? 1 : from.failures + 1;
  if (failures > max) {
    const loop = `${reason}, ${failures} times in a row; given up`;
    return enter({ ...from, failures }, { state: 'failed', reason: loop }, now);
  }
  const until = now + backoffMs * Math.min(64, 2 ** (failures - 1));
  return enter({ ...from, failures }, { state: 'backoff', until, reason }, now, [
    { type: 'wake-at', at: until },
  ]);
}

/** The run is over; where to depends on what is wanted by now. */
function afterEnd(from: ServiceLife, now: number, otherwise: Life): Step {
  if (from.wanted === 'again') {
    return enter({ ...from, wanted: 'up', failures: 0 }, { state: 'pending' }, now);
  }
  return enter(from, otherwise, now);
}

function launch(from: ServiceLife, now: number): Step {
  const run = from.runs + 1;
  return enter({ ...from, runs: run, launchedAt: now }, { state: 'starting', run }, now, [
    { type: 'launch', run },
  ]);
}

function enter(from: ServiceLife, life: Life, now: number, effects: readonly LifeEffect[] = []): Step {
  return [{ ...from, life, since: now }, effects];
}

function same(from: ServiceLife): Step {
  return [from, []];
}

/** `exited with code 1`, `killed by SIGSEGV`. */
export function describeExit(exit: Exit): string {
  if (exit.signal !== null) return `killed by ${exit.signal}`;
  return exit.code === null ? 'ended, its exit code is unknown' : `exited with code ${exit.code}`;
}

function unreachable(event: never): never {
  throw new Error(`unhandled event ${JSON.stringify(event)}`);
}
