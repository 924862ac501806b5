/**
 * After a program ended by itself: did it go into the background, where it serves on, or is there only rubbish to end? It must not
 * know what the answer leads to.
 */

import { setTimeout as delay } from 'node:timers/promises';
import type { Platform, ProcessFacts } from '../platform/platform.ts';
import type { MemberFinder, MemberQuery } from './members.ts';
import type { Ownership } from './ownership.ts';
import type { Place } from './probes/probe.ts';
import { WAITER_NAME } from './waiter.ts';

export interface SweepTools {
  readonly platform: Platform;
  readonly members: MemberFinder;
  readonly ownership: Ownership;
}

/** nginx goes into the background when it listens already, redis before that; so long may it take, in ms. */
const LISTENS_WITHIN_MS = 2000;
const FIRST_PAUSE_MS = 5;
const LONGEST_PAUSE_MS = 100;

export interface Background {
  readonly pid: number;
  readonly started: number;
}

/** The process that serves a told place on the run's behalf; waits for it as long as there may be one. */
export async function findBackground(
  tools: SweepTools,
  query: MemberQuery,
  told: readonly Place[],
): Promise<Background | null> {
  if (told.length === 0) return null;
  const deadline = performance.now() + LISTENS_WITHIN_MS;
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(LONGEST_PAUSE_MS, pause * 1.5)) {
    for (const place of told) {
      const pid = await serverOf(tools, query, place);
      const facts = pid === null ? null : tools.platform.process(pid);
      if (facts !== null) return topOf(tools.platform, facts, query);
    }
    if (performance.now() > deadline || !(await mayFollow(tools, query))) return null;
    await delay(pause);
  }
}

/**
 * A daemon has left session and family, and those that overwrite their environment show no mark. At an address of the run alone they
 * are members all the same. At a shared one the port is leased, was free before the start, and the process began after it.
 */
async function serverOf(tools: SweepTools, query: MemberQuery, place: Place): Promise<number | null> {
  const proof = await tools.ownership.prove(query, place);
  if (proof.kind === 'own') return proof.pid;
  if (proof.kind !== 'foreign' || proof.pid === null || query.started === null) return null;
  if (query.run.addresses.includes(place.address)) return null;
  const facts = tools.platform.process(proof.pid);
  return facts !== null && facts.startTime >= query.started ? proof.pid : null;
}

/** A master and its workers share a socket, and any of them may be found to have it: the run lasts as long as the master. */
function topOf(platform: Platform, found: ProcessFacts, { started, waiter }: MemberQuery): Background {
  let top = found;
  for (;;) {
    const parent = platform.process(top.parent);
    const isOurs = parent !== null && parent.session === found.session && parent.pid !== waiter;
    if (!isOurs || started === null || parent.startTime < started)
      return { pid: top.pid, started: top.startTime };
    top = parent;
  }
}

/** Something of the run lives, or something that began after it and belongs to nobody: it may be about to listen. */
async function mayFollow({ platform, members }: SweepTools, query: MemberQuery): Promise<boolean> {
  if ((await members.find(query)).size > 0) return true;
  const { started } = query;
  if (started === null) return false;
  const processes = platform.processes(20);
  return [...processes.values()].some(
    (facts) =>
      isDetached(facts, processes, started) && !members.noMember(facts.pid) && !isWaiter(platform, facts.pid),
  );
}

/** Begun since, by a parent that is gone, in a session that is its own or whose leader is gone. */
function isDetached(
  facts: ProcessFacts,
  processes: ReadonlyMap<number, ProcessFacts>,
  since: number,
): boolean {
  const parent = processes.get(facts.parent);
  const adopted = parent === undefined || (parent.startTime < since && parent.pid !== process.pid);
  const alone = facts.session === facts.pid || !processes.has(facts.session);
  return !facts.zombie && facts.startTime >= since && adopted && alone;
}

/** Those of other runs look alike after a crash of the daemon that started them. */
function isWaiter(platform: Platform, pid: number): boolean {
  return platform.details(pid)?.command.includes(WAITER_NAME) === true;
}
