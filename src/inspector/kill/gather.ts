/** All that a plan needs to know of a port, read once. It must not decide (`plan.ts`). */

import type { Ended } from '../../platform/children.ts';
import type { Place, SocketFacts } from '../../platform/facts.ts';
import type { Platform } from '../../platform/platform.ts';
import { type InspectorTools, Look } from '../look.ts';
import { containerOf } from '../ports/container.ts';
import { unitOf } from '../ports/unit.ts';
import type { Caller, KillSituation } from './plan.ts';
import { inodesOf, socketsOf } from './port-sockets.ts';
import { withContainers } from './published.ts';
import { isMeant, type KillTarget } from './target.ts';

export interface KillTools extends InspectorTools {
  /** Runs a manager's command, whose output is only read when it fails. */
  run(argv: readonly string[], withinMs: number): Promise<Ended>;
  /** Of the process that asks. */
  readonly pid: number;
}

export interface Gathered {
  readonly situation: KillSituation;
  /** Of the sockets that were found. */
  readonly inodes: ReadonlySet<number>;
  /** When each holder started: with the pid it names the process for good. */
  readonly startTimes: ReadonlyMap<number, number>;
}

/** `all`: every target of the same command. Errors: SOCKETS_UNREADABLE. */
export async function gather(
  tools: KillTools,
  target: KillTarget,
  all: readonly KillTarget[],
  force: boolean,
): Promise<Gathered> {
  const { platform } = tools;
  const look = await Look.begin(tools);
  const sockets = socketsOf(platform, target);
  const { listeners, unnamed } = await withContainers(platform, look.listeners(sockets));
  const pids = new Set(listeners.flatMap(({ owners }) => owners.map(({ pid }) => pid)));
  const startTimes = new Map<number, number>();
  for (const pid of pids) {
    const facts = platform.process(pid);
    if (facts !== null) startTimes.set(pid, facts.startTime);
  }
  const situation: KillSituation = {
    target,
    listeners,
    unnamed,
    processOf: (pid) => look.process(pid),
    elsewhere: elsewhere(platform, target, all, pids),
    caller: callerOf(look, tools.pid),
    force,
  };
  return { situation, inodes: inodesOf(sockets), startTimes };
}

function callerOf(look: Look, pid: number): Caller {
  const own = look.process(pid);
  const processes = own === null ? [] : [own];
  return {
    pid,
    ancestors: look.ancestors(pid).map((one) => one.pid),
    uid: own?.uid ?? -1,
    user: own?.user ?? 'somebody who is not seen',
    container: containerOf(processes),
    unit: unitOf(processes),
  };
}

/** UDP sockets come and go with every question to a name server: beside a TCP listener they are not counted. */
function elsewhere(
  platform: Platform,
  { protocol }: KillTarget,
  all: readonly KillTarget[],
  pids: ReadonlySet<number>,
): ReadonlyMap<number, readonly Place[]> {
  const counts = (socket: SocketFacts): boolean =>
    (socket.protocol === 'tcp' || protocol === 'udp') && !all.some((target) => isMeant(target, socket));
  const sockets = platform.sockets('listening').sockets.filter(counts);
  const { byInode } = platform.holders(new Set(sockets.map(({ inode }) => inode)));
  const found = new Map<number, Place[]>();
  for (const { inode, local } of sockets)
    for (const pid of byInode.get(inode) ?? [])
      if (pids.has(pid)) found.set(pid, [...(found.get(pid) ?? []), local]);
  return found;
}
