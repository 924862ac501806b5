/**
 * Takes over what a former daemon of this home left running: each run once, exit codes that came meanwhile included, and starts
 * that might still follow fenced off. It must not start anything: the machine does, on the events told here.
 */

import { readdirSync } from 'node:fs';
import { currentRun, type Life, newLife, type ServiceLife } from '../core/lifecycle.ts';
import type { Found, RunRef, Supervisor } from '../supervisor/supervisor.ts';
import type { Environment } from './environment.ts';
import type { Finding } from './environment-tools.ts';
import type { EnvironmentDocument } from './runtime.ts';

interface Adopted {
  readonly service: string;
  readonly life: ServiceLife;
  readonly finding: Finding;
}

const NOTHING: Finding = { kind: 'nothing' };
const ENDING: Finding = { kind: 'ending' };

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
    const records = highest.get(service.name) ?? NO_RECORDS;
    const last = {
      started: Math.max(records.started, currentRun(known.life) ?? 0),
      claimed: Math.max(records.claimed, known.runs),
    };
    adopted.push(
      rebooted
        ? {
            service: service.name,
            life: afterReboot(known, last.claimed, environment.tools.now()),
            finding: NOTHING,
          }
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
  last: Highest,
): Promise<Adopted> {
  const { run, fenced, found } = await latest(environment.tools.supervisor, last, (number) =>
    environment.runRef(service, number),
  );
  // Fenced numbers are used up: the next launch takes the one after them.
  const base: ServiceLife = { ...known, runs: fenced };
  if (found.kind === 'never-started') {
    const life = withoutRun(known);
    return { service, life: { ...base, life }, finding: life.state === 'stopping' ? ENDING : NOTHING };
  }
  if (found.kind !== 'alive' && !isOpen(known, run)) return { service, life: base, finding: NOTHING };
  const life = { ...base, life: aliveLife(known, run) };
  return { service, life, finding: wasEnding(known, run) ? ENDING : found };
}

/** The highest run that ever started; all numbers above it are fenced, up to and with `fenced`. */
async function latest(
  supervisor: Supervisor,
  last: Highest,
  ref: (run: number) => RunRef,
): Promise<{ readonly run: number; readonly fenced: number; readonly found: Found }> {
  let run = last.started;
  let found: Found = run > 0 ? await supervisor.find(ref(run)) : { kind: 'never-started' };
  // Numbers in between were fenced by earlier daemons, or belong to a start that was under way.
  for (let next = run + 1; ; next += 1) {
    const other = await supervisor.find(ref(next));
    if (other.kind !== 'never-started') {
      run = next;
      found = other;
    } else if (next > last.claimed) {
      return { run, fenced: next, found };
    }
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

/**
 * Nothing is recorded of its run. Written while a launch was under way that the end of the daemon prevented, it waits for its launch
 * again. One that was to go down went: its end is carried out once more, and what was wanted after it follows from that.
 */
function withoutRun({ life, wanted }: ServiceLife): Life {
  const run = currentRun(life);
  if (run === null || life.state === 'stopping') return life;
  return wanted === 'up' ? { state: 'pending' } : { state: 'stopping', run, ended: null };
}

function afterReboot(known: ServiceLife, runs: number, now: number): ServiceLife {
  const was =
    currentRun(known.life) !== null || known.life.state === 'pending' || known.life.state === 'backoff';
  const life: Life = was ? { state: 'stopped', reason: 'the machine was restarted' } : known.life;
  return { ...known, life, runs: Math.max(known.runs, runs), wanted: 'down', since: was ? now : known.since };
}

/** The highest numbers of a service: of a run whose start is recorded, and of any that was claimed or fenced. */
interface Highest {
  readonly started: number;
  readonly claimed: number;
}

const NO_RECORDS: Highest = { started: 0, claimed: 0 };

function highestRuns(directory: string): ReadonlyMap<string, Highest> {
  const highest = new Map<string, Highest>();
  for (const name of readdirSync(directory)) {
    const match = /^(.+)-(\d+)\.([a-z]+)/.exec(name);
    const service = match?.[1];
    if (service === undefined) continue;
    const known = highest.get(service) ?? NO_RECORDS;
    const run = Number(match?.[2]);
    const started = match?.[3] === 'claim' ? known.started : Math.max(known.started, run);
    highest.set(service, { started, claimed: Math.max(known.claimed, run) });
  }
  return highest;
}
