/**
 * Which processes belong to a run: its session, its descendants, whoever carries its mark, and whoever listens on an address leased
 * to it. All four are needed: a double fork leaves session and family, and redis, nginx and PostgreSQL overwrite the environment
 * that holds the mark. It must not end anything.
 */

import type { Platform, ProcessFacts } from '../platform/platform.ts';
import type { RunRecord } from './records.ts';
import type { RunRef } from './supervisor.ts';

export interface MemberQuery {
  readonly run: RunRef;
  /** The recorded pid of the program; null before it is known. */
  readonly pid: number | null;
  readonly waiter: number | null;
  /** Start time of `pid`: whoever listened on the run's address before that is a stranger, not a member. */
  readonly started: number | null;
  /** Members of earlier looks, pid -> start time: they and the sessions that they led stay members, though their parents are gone. */
  readonly seen: ReadonlyMap<number, number>;
}

/** What the records say about a run, as a question. */
export function memberQuery(run: RunRef, record: RunRecord): MemberQuery {
  const { pid, waiter, started, background } = record;
  const seen = new Map(background === null ? [] : [[background.pid, background.started]]);
  return { run, pid, waiter, started, seen };
}

interface Waiting extends MemberQuery {
  resolve(members: ReadonlySet<number>): void;
  reject(error: unknown): void;
}

/** Between two looks at the machine lies so many times what the last one took: asks of many runs that end one by one gather there. */
const REST = 2;

/** Asks of many runs that stop at once are answered from one look at the machine. */
export class MemberFinder {
  readonly #platform: Platform;
  /** Never one, wherever it listens. */
  readonly noMember: (pid: number) => boolean;
  #waiting: Waiting[] = [];
  #restUntil = 0;

  constructor(platform: Platform, noMember: (pid: number) => boolean = () => false) {
    this.#platform = platform;
    this.noMember = noMember;
  }

  /** Living members; never the waiter, the daemon or init. */
  find(query: MemberQuery): Promise<ReadonlySet<number>> {
    return new Promise((resolve, reject) => {
      this.#ask({ ...query, resolve, reject });
    });
  }

  #ask(query: Waiting): void {
    this.#waiting.push(query);
    if (this.#waiting.length > 1) return;
    const pause = this.#restUntil - performance.now();
    if (pause < 1) setImmediate(() => this.#answer());
    else setTimeout(() => this.#answer(), pause);
  }

  /** Session and descendants alone: cheap, and enough while the program lives. */
  family(query: MemberQuery): ReadonlySet<number> {
    return grow(this.#platform.processes(20), [], query);
  }

  #answer(): void {
    const asked = this.#waiting;
    this.#waiting = [];
    const again: Waiting[] = [];
    const began = performance.now();
    try {
      const processes = this.#platform.processes(0);
      const marked = this.#byMark(asked);
      const listening = this.#byAddress(asked);
      for (const query of asked) {
        const listeners = (listening.get(query.run.mark) ?? []).filter(
          (pid) => !this.noMember(pid) && this.#isYounger(pid, query),
        );
        const seeds = [...(marked.get(query.run.mark) ?? []), ...listeners];
        const members = grow(this.#completed(processes, seeds), seeds, query);
        // Whoever ended during the look may have left a child that it did not meet.
        if (members.size === 0 && seeds.some((pid) => pid !== query.waiter && this.#isGone(pid)))
          again.push(query);
        else query.resolve(members);
      }
    } catch (error) {
      for (const query of asked) query.reject(error);
    } finally {
      const now = performance.now();
      this.#restUntil = now + REST * (now - began);
    }
    for (const query of again) this.#ask(query);
  }

  #isGone(pid: number): boolean {
    const facts = this.#platform.process(pid);
    return facts === null || facts.zombie;
  }

  #isYounger(pid: number, query: MemberQuery): boolean {
    const facts = this.#platform.process(pid);
    return facts !== null && query.started !== null && facts.startTime >= query.started;
  }

  /** Marks and sockets are read after the snapshot: who was forked in between would be passed over, and he alone may be left. */
  #completed(
    processes: ReadonlyMap<number, ProcessFacts>,
    seeds: readonly number[],
  ): ReadonlyMap<number, ProcessFacts> {
    const young = seeds.filter((pid) => !processes.has(pid));
    if (young.length === 0) return processes;
    const completed = new Map(processes);
    for (const pid of young) {
      const facts = this.#platform.process(pid);
      if (facts !== null) completed.set(pid, facts);
    }
    return completed;
  }

  #byMark(asked: readonly MemberQuery[]): ReadonlyMap<string, readonly number[]> {
    const pids = this.#platform.marked('LOOPYARD_RUN', new Set(asked.map((query) => query.run.mark)));
    return groupBy(pids, ([pid, mark]) => [mark, pid]);
  }

  #byAddress(asked: readonly MemberQuery[]): ReadonlyMap<string, readonly number[]> {
    const marks = new Map(
      asked.flatMap((query) => query.run.addresses.map((address) => [address, query.run.mark] as const)),
    );
    const inodes = new Map<number, string>();
    for (const listener of this.#platform.listeners()) {
      const mark = marks.get(unmapped(listener.address));
      if (mark !== undefined) inodes.set(listener.inode, mark);
    }
    const owners = this.#platform.owners(new Set(inodes.keys()));
    return groupBy(
      [...owners].flatMap(([inode, pids]) => pids.map((pid) => [inodes.get(inode) ?? '', pid] as const)),
      (pair) => pair,
    );
  }
}

/** Adds descendants and the sessions that members lead, until nothing is added. */
function grow(
  processes: ReadonlyMap<number, ProcessFacts>,
  seeds: readonly number[],
  query: MemberQuery,
): ReadonlySet<number> {
  const never = new Set([0, 1, process.pid, process.ppid, query.waiter ?? 0]);
  const members = new Set<number>();
  const add = (pid: number): boolean => {
    const facts = processes.get(pid);
    if (facts === undefined || facts.zombie || never.has(pid) || members.has(pid)) return false;
    members.add(pid);
    return true;
  };
  const program = programOf(processes, query);
  if (program !== null) add(program);
  for (const pid of seeds) add(pid);
  for (const [pid, startTime] of query.seen) if (processes.get(pid)?.startTime === startTime) add(pid);
  // A dead leader's session lives on, and its number is not given to anybody else meanwhile.
  const leads = (session: number): boolean =>
    members.has(session) || session === program || query.seen.has(session);
  for (let grown = true; grown; ) {
    grown = false;
    for (const facts of processes.values()) {
      if (members.has(facts.parent) || leads(facts.session)) grown = add(facts.pid) || grown;
    }
  }
  return members;
}

/** The recorded pid, also of a program that is gone (its session may live); null when somebody else has it by now. */
function programOf(processes: ReadonlyMap<number, ProcessFacts>, query: MemberQuery): number | null {
  const facts = query.pid === null ? undefined : processes.get(query.pid);
  const isAnother = facts !== undefined && query.started !== null && facts.startTime !== query.started;
  return isAnother ? null : query.pid;
}

/** Java listens on IPv4 through an IPv6 socket: `::ffff:127.64.0.1` is 127.64.0.1. */
export function unmapped(address: string): string {
  return address.startsWith('::ffff:') ? address.slice('::ffff:'.length) : address;
}

function groupBy<T>(
  items: Iterable<T>,
  split: (item: T) => readonly [string, number],
): ReadonlyMap<string, readonly number[]> {
  const groups = new Map<string, number[]>();
  for (const item of items) {
    const [key, value] = split(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [value]);
    else group.push(value);
  }
  return groups;
}
