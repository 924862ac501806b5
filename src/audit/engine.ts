/**
 * Carries out checks over targets: several targets at once, the checks of one target one after the other, each within its limits, so that
 * no check can break another and no server is crowded. Results come as a stream. It must not know single checks.
 */

import type { AuditEvent } from '../core/audit.ts';
import { reasonOf } from '../core/errors.ts';
import type { Check, ListenerCheck, MachineCheck } from './check.ts';
import { findingOf, type Judged } from './finding.ts';
import type { RecordedExchange } from './probe/record.ts';
import { ProbeFailure } from './probe/wire.ts';
import { Queue } from './queue.ts';
import { Session } from './session.ts';
import type { Target } from './target.ts';
import type { AuditTools } from './tools.ts';
import { inconclusive, notApplicable, type Outcome } from './verdict.ts';

export interface AuditPlan {
  readonly checks: readonly Check[];
  readonly targets: readonly Target[];
  readonly limits: Limits;
  /** Neither a project nor single targets were meant. */
  readonly wholeMachine: boolean;
}

export interface Limits {
  /** Targets that are looked at at once. */
  readonly parallel: number;
  /** For one target, ms: what is not done by then is inconclusive. */
  readonly perTargetMs: number;
}

export const AUDIT_LIMITS: Limits = { parallel: 8, perTargetMs: 8000 };
/** Attacks wait for servers on purpose. */
export const ATTACK_LIMITS: Limits = { parallel: 4, perTargetMs: 60_000 };

/** Findings of a target come together, when all its checks are done: they count for each other's severity. */
export async function* audit(plan: AuditPlan, tools: AuditTools): AsyncGenerator<AuditEvent, void> {
  const queue = new Queue<AuditEvent>();
  const { checks, targets } = plan;
  queue.push({
    type: 'plan',
    targets: targets.map(({ name }) => name),
    checks: checks.map(({ id }) => id),
  });
  const work = carryOut(plan, tools, queue);
  // Its error reaches the reader through the queue.
  work.then(
    (requests) => {
      queue.push({ type: 'done', checked: { targets: targets.length, checks: checks.length, requests } });
      queue.end();
    },
    (error: unknown) => queue.fail(error),
  );
  yield* queue;
}

/** The number of connections that were opened. */
async function carryOut(plan: AuditPlan, tools: AuditTools, queue: Queue<AuditEvent>): Promise<number> {
  const { checks, targets, limits } = plan;
  const machine = checks.filter((check) => check.about === 'machine');
  const listener = checks.filter((check) => check.about === 'listener');
  const waiting = [...targets];
  let requests = 0;
  const worker = async (): Promise<void> => {
    for (let target = waiting.shift(); target !== undefined; target = waiting.shift()) {
      queue.push({ type: 'target', target: target.name, state: 'started' });
      const session = new Session(target, plan, tools);
      report(await examineTarget(session, listener, limits, tools), queue);
      requests += session.requests;
      for (const host of session.redirects) {
        const reason = `it redirects to ${host}, off loopback, which is not followed`;
        queue.push({ type: 'skipped', skipped: { check: '*', target: target.name, reason } });
      }
      queue.push({ type: 'target', target: target.name, state: 'finished' });
    }
  };
  const workers = Array.from({ length: Math.min(limits.parallel, targets.length) }, worker);
  await Promise.all([...workers, examineMachine(machine, plan, tools, queue)]);
  return requests;
}

async function examineTarget(
  session: Session,
  checks: readonly ListenerCheck[],
  limits: Limits,
  tools: AuditTools,
): Promise<readonly Judged[]> {
  const judged: Judged[] = [];
  const deadline = tools.now() + limits.perTargetMs;
  try {
    for (const check of checks) {
      if (check.transport !== session.target.transport) continue;
      const exchanges: RecordedExchange[] = [];
      const outcome = await within(deadline, tools, () => examine(session, check, exchanges));
      session.outcomes.set(check.id, outcome);
      judged.push({
        check,
        about: session.target,
        outcome,
        exchanges: [...exchanges, ...session.controlExchanges],
      });
    }
  } finally {
    session.close();
  }
  return judged;
}

async function examine(
  session: Session,
  check: ListenerCheck,
  exchanges: RecordedExchange[],
): Promise<Outcome> {
  const quiet = { speech: 'silent', garbage: Buffer.alloc(0), why: null } as const;
  if (check.speaks === 'any') return await check.examine(session.context(check, quiet, exchanges));
  if (session.target.address === null)
    return inconclusive('nothing is sent: it listens on no loopback address');
  const identity = await session.identity();
  if (identity.speech === 'mute') return inconclusive(`it takes no connection: ${identity.why}`);
  if (!check.speaks.includes(identity.speech)) return notApplicable(`it speaks ${SPEECHES[identity.speech]}`);
  return await check.examine(session.context(check, identity, exchanges));
}

const SPEECHES = {
  http: 'HTTP',
  https: 'HTTPS',
  tls: 'TLS, and no HTTP in it',
  greets: 'first, and no HTTP',
  echo: 'back whatever it is told',
  other: 'no HTTP',
  silent: 'no HTTP, as far as it says anything',
  mute: 'nothing',
} as const;

/** What a check throws is an answer as well: no connection tells nothing, a bug of ours must not hide what others find. */
async function within(deadline: number, tools: AuditTools, work: () => Promise<Outcome>): Promise<Outcome> {
  const left = deadline - tools.now();
  if (left <= 0) return inconclusive(TOO_LATE);
  let cancel = (): void => undefined;
  const late = new Promise<Outcome>((resolve) => {
    cancel = tools.after(left, () => resolve(inconclusive(TOO_LATE)));
  });
  try {
    return await Promise.race([settled(work), late]);
  } finally {
    cancel();
  }
}

const TOO_LATE = 'the time for this listener was over';

async function settled(work: () => Promise<Outcome>): Promise<Outcome> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ProbeFailure) return inconclusive(error.message);
    return inconclusive(`${BUG}${reasonOf(error)}`);
  }
}

/** Tests look for it: whatever follows has to be mended in the check. */
export const BUG = 'a bug in this check: ';

async function examineMachine(
  checks: readonly MachineCheck[],
  { targets, wholeMachine }: AuditPlan,
  { facts }: AuditTools,
  queue: Queue<AuditEvent>,
): Promise<void> {
  for (const check of checks) {
    const outcomes = await settledAll(() => check.examine({ facts, targets, wholeMachine }));
    report(
      outcomes.map(({ about, outcome }) => ({ check, about, outcome, exchanges: [] })),
      queue,
    );
  }
}

type Outcomes = Awaited<ReturnType<MachineCheck['examine']>>;

async function settledAll(work: () => Promise<Outcomes>): Promise<Outcomes> {
  try {
    return await work();
  } catch (error) {
    // As above: the other checks still have their say.
    return [{ about: 'this machine', outcome: inconclusive(`${BUG}${reasonOf(error)}`) }];
  }
}

function report(all: readonly Judged[], queue: Queue<AuditEvent>): void {
  const found = new Set(
    all.flatMap(({ check, outcome }) => (outcome.verdict === 'vulnerable' ? [check.id] : [])),
  );
  for (const judged of all) {
    const finding = findingOf(judged, found);
    queue.push({ type: 'finding', finding });
    if (finding.verdict !== 'inconclusive') continue;
    const [reason = ''] = finding.evidence.signs;
    queue.push({
      type: 'skipped',
      skipped: { check: finding.check, target: finding.target.name, reason },
    });
  }
}
