/**
 * `lo kill`: looks and plans, then, once somebody said yes, carries the plan out. Services and managers are stopped by those who own
 * them, processes by signals. It must not ask anybody, nor know a terminal.
 */

import { setTimeout as delay } from 'node:timers/promises';
import { LoopyardError, reasonOf } from '../../core/errors.ts';
import type { KillReport, KillStep, ListenerDocument, ServiceRef } from '../../core/inspection.ts';
import type { SocketFacts } from '../../platform/facts.ts';
import type { Platform } from '../../platform/platform.ts';
import { type Comeback, comebackNow, watchForComeback } from './comeback.ts';
import { type Ended, Ending, type Problem } from './ending.ts';
import { type Gathered, gather, type KillTools } from './gather.ts';
import { explainNothing, type Nothing } from './nothing.ts';
import { planKill } from './plan.ts';
import { socketsOf, stillOpen } from './port-sockets.ts';
import type { KillTarget } from './target.ts';

export interface KillPlan {
  readonly target: KillTarget;
  readonly steps: readonly KillStep[];
  /** What to say when nothing listens; null when something does. */
  readonly nothing: Nothing | null;
  readonly gathered: Gathered;
}

export interface KillOptions {
  /** Between TERM and KILL, in ms. */
  readonly graceMs: number;
  /** Resolves when the service has stopped. */
  stopService(service: ServiceRef): Promise<void>;
}

export interface Carried {
  /** `free`: what was found there has closed its sockets. */
  readonly report: KillReport;
  /** Two seconds later: whether somebody took the port again. */
  readonly settled: Promise<KillReport>;
}

export interface Killer {
  /** Errors: SOCKETS_UNREADABLE. */
  plan(targets: readonly KillTarget[], force: boolean): Promise<readonly KillPlan[]>;
  carryOut(plan: KillPlan, options: KillOptions): Promise<Carried>;
}

export function createKiller(tools: KillTools): Killer {
  return {
    plan: async (targets, force) => {
      const plans: KillPlan[] = [];
      for (const target of targets) {
        const gathered = await gather(tools, target, targets, force);
        const steps = planKill(gathered.situation);
        const nothing = steps.length > 0 ? null : await explainNothing(tools.platform, target);
        plans.push({ target, steps, nothing, gathered });
      }
      return plans;
    },
    carryOut: (plan, options) => carryOut(tools, plan, options),
  };
}

/** As it is before anything was done. */
export function untouched({ target, steps }: Pick<KillPlan, 'target' | 'steps'>): KillReport {
  const { port, protocol, addresses } = target;
  return {
    schema: 1,
    port,
    protocol,
    addresses,
    steps,
    done: false,
    ended: [],
    problems: [],
    free: steps.length === 0,
    respawned: null,
    respawner: null,
  };
}

async function carryOut(tools: KillTools, plan: KillPlan, options: KillOptions): Promise<Carried> {
  const { platform } = tools;
  const acts: Act[] = [];
  for (const step of plan.steps) acts.push(await act(tools, plan, step, options));
  const reportNow = (comeback: Comeback | null): KillReport => ({
    ...untouched(plan),
    done: true,
    ended: acts.flatMap((one) => one.ended()),
    problems: acts.flatMap(({ problems }) => problems),
    free: socketsOf(platform, plan.target).length === 0,
    respawned: comeback?.owner ?? null,
    respawner: comeback?.respawner ?? null,
  });
  const open = stillOpen(platform, plan.target, plan.gathered.inodes);
  // Free for an instant counts here: who has the port by now, if anybody, is the next question.
  const report = { ...reportNow(null), free: open.size === 0 };
  const isDone = report.free || report.ended.length > 0;
  if (!isDone || plan.steps.length === 0) return { report, settled: Promise.resolve(report) };
  return { report, settled: settle(tools, plan, reportNow) };
}

async function settle(
  tools: KillTools,
  { gathered }: KillPlan,
  reportNow: (comeback: Comeback | null) => KillReport,
): Promise<KillReport> {
  const comeback = await watchForComeback(tools, gathered);
  const report = reportNow(comeback);
  // Taken between the last look and the report.
  return comeback === null && !report.free ? reportNow(comebackNow(tools, gathered)) : report;
}

interface Act {
  readonly problems: readonly Problem[];
  ended(): readonly Ended[];
}

async function act(tools: KillTools, plan: KillPlan, step: KillStep, options: KillOptions): Promise<Act> {
  switch (step.kind) {
    case 'refused':
      return { problems: [{ text: step.why, fix: step.fix }], ended: () => [] };
    case 'process':
      return endProcess(tools, plan, step, options);
    case 'service': {
      const problems = await stopService(step.service, options);
      const rest =
        problems.length > 0 ? problems : await leftOpen(tools.platform, plan, step, options.graceMs);
      return { problems: rest, ended: () => endedBy('supervisor', tools.platform, plan, step) };
    }
    case 'manager': {
      const problems = await runManager(tools, step.argv);
      const rest =
        problems.length > 0 ? problems : await leftOpen(tools.platform, plan, step, options.graceMs);
      return { problems: rest, ended: () => endedBy('manager', tools.platform, plan, step) };
    }
  }
}

async function endProcess(
  { platform }: KillTools,
  { target, steps, gathered }: KillPlan,
  step: Extract<KillStep, { kind: 'process' }>,
  { graceMs }: KillOptions,
): Promise<Ending> {
  const { caller } = gathered.situation;
  const others = steps.filter((one) => one !== step).flatMap(({ listeners }) => pidsOf(listeners));
  const own = new Set([step.owner, ...step.members].map(({ pid }) => pid));
  const spared = [caller.pid, ...caller.ancestors, ...others.filter((pid) => !own.has(pid))];
  const ending = new Ending(platform, {
    target,
    root: step.owner,
    members: step.members,
    startTimes: gathered.startTimes,
    spared: new Set(spared),
    graceMs,
  });
  await ending.run();
  return ending;
}

async function stopService(service: ServiceRef, options: KillOptions): Promise<readonly Problem[]> {
  try {
    await options.stopService(service);
    return [];
  } catch (error) {
    // The other steps are still to be done; what is no error of ours has no place in a report.
    if (!(error instanceof LoopyardError)) throw error;
    return [{ text: reasonOf(error), fix: error.hint }];
  }
}

/** Docker gives a container ten seconds before it kills, systemd a minute and a half. */
const MANAGER_MS = 120_000;

async function runManager({ run }: KillTools, argv: readonly string[]): Promise<readonly Problem[]> {
  const { code, stderr, failure } = await run(argv, MANAGER_MS);
  if (code === 0) return [];
  const said = stderr.trim().split('\n').at(-1) ?? '';
  const how = failure === 'ENOENT' ? 'was not found' : `failed (${failure ?? `exit code ${code}`})`;
  return [{ text: `\`${argv.join(' ')}\` ${how}${said === '' ? '' : `: ${said}`}`, fix: null }];
}

const PAUSE_MS = 20;

/** Who was stopped by others has closed its sockets, or closes them soon; if not, somebody else holds them. */
async function leftOpen(
  platform: Platform,
  { target, gathered }: KillPlan,
  { listeners }: KillStep,
  withinMs: number,
): Promise<readonly Problem[]> {
  const addresses = new Set(listeners.map(({ address }) => address));
  const deadline = performance.now() + withinMs;
  const isOpen = ({ local, inode }: SocketFacts): boolean =>
    addresses.has(local.address) && gathered.inodes.has(inode);
  while (socketsOf(platform, target).some(isOpen)) {
    if (performance.now() >= deadline)
      return [{ text: 'it was stopped, and its socket is still open', fix: `lo why ${target.port}` }];
    await delay(PAUSE_MS);
  }
  return [];
}

function endedBy(
  by: Ended['by'],
  platform: Platform,
  { gathered }: KillPlan,
  { listeners }: KillStep,
): readonly Ended[] {
  const gone = [...new Set(pidsOf(listeners))].filter((pid) => {
    const facts = platform.process(pid);
    return facts === null || facts.zombie || facts.startTime !== gathered.startTimes.get(pid);
  });
  return gone.map((pid) => ({ pid, by }));
}

function pidsOf(listeners: readonly ListenerDocument[]): readonly number[] {
  return listeners.flatMap(({ owners }) => owners.map(({ pid }) => pid));
}
