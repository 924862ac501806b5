/**
 * Takes over what a former daemon of this home left running: each run once, exit codes that came meanwhile included, and starts
 * that might still follow fenced off. It must not start anything: the machine does, on the events told here.
 */

import { readdirSync } from 'node:fs';
import { currentRun, type Life, newLife, type ServiceLife } from '../core/lifecycle.ts';
import type { RunRef, Supervisor } from '../supervisor/supervisor.ts';
import type { Environment } from './environment.ts';
import type { Finding } from './environment-tools.ts';
import type { EnvironmentDocument } from './runtime.ts';

interface Adopted {
  readonly service: string;
  readonly life: ServiceLife;
  readonly finding: Finding;
}

const NOTHING: Finding = { kind: 'nothing' };

/**
 * Brings an environment read from disk up to date with the processes. Services that were wanted and ended meanwhile follow their
 * restart policy, as they would have.
 */
export async function adopt(environment: Environment, document: EnvironmentDocument): Promise<void> {
  const rebooted = document.boot !== environment.tools.platform.bootId();
  const highest = highestRuns(environment.paths.runs);
  const adopted: Adopted[] = [];
  for (const service of environment.project.services) {
    const known = document.services[service.name]?.life ?? newLife(environment.tools.now());
    const last = Math.max(known.runs, highest.get(service.name) ?? 0);
    adopted.push(
      rebooted
        ? { service: service.name, life: afterReboot(known, last, environment.tools.now()), finding: NOTHING }
        : await find(environment, service.name, known, last),
    );
  }
  environment.takeLives(new Map(adopted.map(({ service, life }) => [service, life])));
  environment.listen();
  for (const { service, finding } of adopted) environment.takeUp(service, finding);
  environment.dispatch({ type: 'settle' });
}

async function find(
  environment: Environment,
  service: string,
  known: ServiceLife,
  last: number,
): Promise<Adopted> {
  const { run, found } = await latest(environment.tools.supervisor, last, (number) =>
    environment.runRef(service, number),
  );
  // The number after the last one is fenced now, so the next launch takes the one after it.
  const base: ServiceLife = { ...known, runs: run + 1 };
  if (found.kind === 'never-started')
    return { service, life: { ...base, life: withoutRun(known.life) }, finding: NOTHING };
  if (found.kind !== 'alive' && !isOpen(known, run)) return { service, life: base, finding: NOTHING };
  const life = { ...base, life: aliveLife(known, run) };
  return { service, life, finding: wasEnding(known, run) ? { kind: 'ending' } : found };
}

/** The highest run that ever started; all numbers above it are fenced. */
async function latest(
  supervisor: Supervisor,
  last: number,
  ref: (run: number) => RunRef,
): Promise<{ readonly run: number; readonly found: Awaited<ReturnType<Supervisor['find']>> }> {
  let best: { run: number; found: Awaited<ReturnType<Supervisor['find']>> } = {
    run: last,
    found: { kind: 'never-started' },
  };
  if (last > 0) best = { run: last, found: await supervisor.find(ref(last)) };
  for (let run = last + 1; ; run += 1) {
    const found = await supervisor.find(ref(run));
    if (found.kind === 'never-started') return { run: best.run, found: best.found };
    best = { run, found };
  }
}

/** The state on disk may be older than the run: what is not known to have ended is open. */
function isOpen(known: ServiceLife, run: number): boolean {
  return run > known.runs || currentRun(known.life) === run || known.life.state === 'pending';
}

function wasEnding(known: ServiceLife, run: number): boolean {
  return known.life.state === 'stopping' && known.life.run === run && known.life.ended === null;
}

function aliveLife(known: ServiceLife, run: number): Life {
  const { life } = known;
  if (currentRun(life) === run && life.state !== 'starting') return life;
  return { state: 'starting', run };
}

/** Written while a launch was under way that the end of the daemon prevented: it waits for its launch again. */
function withoutRun(life: Life): Life {
  return currentRun(life) === null ? life : { state: 'pending' };
}

function afterReboot(known: ServiceLife, runs: number, now: number): ServiceLife {
  const was =
    currentRun(known.life) !== null || known.life.state === 'pending' || known.life.state === 'backoff';
  const life: Life = was ? { state: 'stopped', reason: 'the machine was restarted' } : known.life;
  return { ...known, life, runs: Math.max(known.runs, runs), wanted: 'down', since: was ? now : known.since };
}

function highestRuns(directory: string): ReadonlyMap<string, number> {
  const highest = new Map<string, number>();
  for (const name of readdirSync(directory)) {
    const match = /^(.+)-(\d+)\.[a-z]+/.exec(name);
    const service = match?.[1];
    if (service !== undefined) highest.set(service, Math.max(highest.get(service) ?? 0, Number(match?.[2])));
  }
  return highest;
}
