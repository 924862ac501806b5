/** `lo wait`: looks again and again until a place is open, or free. It must not print. */

import { setTimeout as delay } from 'node:timers/promises';
import type { WaitReport } from '../../core/inspection.ts';
import { holderWords } from '../explain/answer.ts';
import { Look as Inspection, type InspectorTools } from '../look.ts';
import type { Attempt, AttemptTools, Look } from './attempt.ts';
import { holdersOf, tryFree } from './free.ts';
import { tryOpen } from './open.ts';
import { placesOf, placeText, type WaitTarget } from './target.ts';

export interface WaitRequest {
  readonly target: WaitTarget;
  readonly wanted: WaitReport['wanted'];
  /** Infinity: as long as it takes. */
  readonly timeoutMs: number;
  /** Somebody else's failure settles it: the next look is the last. */
  readonly signal?: AbortSignal;
  /** Told after each look that was in vain. */
  onAttempt?(why: string): void;
}

export type WaitTools = InspectorTools & AttemptTools;

/** The longest that one knock may take, in ms. */
const KNOCK_MS = 2000;
/** A page that is made at its first request takes its time, and may begin anew when nobody waits for it. */
const GET_MS = 10_000;

/** The first look comes at once, and there is one at the very end. Errors: SUBJECT_INVALID. */
export async function waitFor(tools: WaitTools, request: WaitRequest): Promise<WaitReport> {
  const { wanted, timeoutMs, signal } = request;
  const started = performance.now();
  const elapsed = (): number => performance.now() - started;
  let knocked = Number.NEGATIVE_INFINITY;
  for (;;) {
    const began = elapsed();
    const isLast = began >= timeoutMs || signal?.aborted === true;
    const knock = isLast || elapsed() - knocked >= KNOCK_EVERY_MS;
    if (knock) knocked = elapsed();
    const withinMs = patience(request.target, timeoutMs - began);
    const places = await placesOf(request.target, wanted, tools);
    const look: Look = { target: request.target, places, tools, withinMs, knock };
    const attempt = await (wanted === 'open' ? tryOpen(look) : tryFree(look));
    if (attempt.met || isLast) return reportOf(request, attempt, elapsed(), attempt.met ? null : look, tools);
    request.onAttempt?.(attempt.why ?? '');
    const left = Math.max(0, timeoutMs - elapsed());
    await pause(Math.min(pauseMs(elapsed(), elapsed() - began, attempt.slow), left), signal);
  }
}

/** Where the table says that nobody listens, in ms: it is nearly always right. */
const KNOCK_EVERY_MS = 1000;

/** Also a look at the very end has to be able to find something. */
const MINIMUM_KNOCK_MS = 250;

function patience({ url }: WaitTarget, leftMs: number): number {
  return Math.max(MINIMUM_KNOCK_MS, Math.min(url === null ? KNOCK_MS : GET_MS, leftMs));
}

/** A twentieth of what was waited already, 5 to 250 ms; more where a look takes long itself, or is more than reading a table. */
function pauseMs(elapsedMs: number, lookMs: number, slow: boolean): number {
  return Math.min(250, Math.max(slow ? 100 : 5, elapsedMs / 20, lookMs * 4));
}

async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  // An end before its time is no failure.
  await delay(ms, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
}

async function reportOf(
  { target, wanted }: WaitRequest,
  { met, address, why }: Attempt,
  ms: number,
  vain: Look | null,
  tools: WaitTools,
): Promise<WaitReport> {
  const holders = vain === null || wanted === 'open' ? null : await holderText(vain, tools);
  return {
    schema: 1,
    target: target.text,
    wanted,
    met,
    ms: Math.round(ms),
    address,
    lastError: met ? null : (holders ?? why),
  };
}

async function holderText(look: Look, tools: WaitTools): Promise<string | null> {
  const inspection = new Inspection(tools, await tools.holdings());
  const listeners = inspection.listeners(holdersOf(look));
  const texts = listeners.map((one) => `${holderWords(one)} listens on ${placeText(one, one.port)}`);
  return texts.length === 0 ? null : [...new Set(texts)].join('; ');
}
