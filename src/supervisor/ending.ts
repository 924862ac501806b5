/**
 * Ends every process of a run: the stop signal to each process group, one shared grace, SIGKILL, then a last look by the
 * membership rule. It must not know why a run ends.
 */

import type { StopPolicy } from '../core/model.ts';
import type { Platform } from '../platform/platform.ts';
import type { MemberFinder, MemberQuery } from './members.ts';

export interface EndTools {
  readonly platform: Platform;
  readonly members: MemberFinder;
}

/** Pause between looks at processes that have been signalled: there is no event for the end of somebody else's child. */
const FIRST_PAUSE_MS = 2;
const LONGEST_PAUSE_MS = 50;
/**
 * So long after its first SIGKILL a process is waited for. One that hangs in the kernel (state D: a disk or a network file system
 * that does not answer) goes when that lets go of it; nothing else can be done about it.
 */
const UNKILLABLE_AFTER_MS = 10_000;

const MOST_GROUP_KILLS = 5;
const EMPTY_LOOKS_OF_RESTLESS = 10;
/** The program is gone already: it may have handed over, or have ended with all of its own. */
const EMPTY_LOOKS_WITHOUT_PROGRAM = 3;

export class Ending {
  readonly #tools: EndTools;
  readonly #query: () => MemberQuery;
  readonly #policy: StopPolicy;
  #deadline: number;
  #wake: (() => void) | null = null;
  #nudged = false;
  #groupKills = 0;
  /** So many looks in a row have to meet nobody. */
  #emptyLooks = 1;
  /** Looks in a row that met nobody. */
  #empty = 0;
  /** Members that cannot be ended by us (setuid programs of another user) must not be waited for. */
  readonly #untouchable = new Set<number>();
  /** pid -> start time of all members so far. */
  readonly #seen = new Map<number, number>();
  /** pid -> when it first got SIGKILL. */
  readonly #killed = new Map<number, number>();
  readonly done: Promise<void>;

  /** `query` is asked anew for each look: the program's pid may become known meanwhile. */
  constructor(tools: EndTools, query: () => MemberQuery, policy: StopPolicy, force: boolean) {
    this.#tools = tools;
    this.#query = query;
    this.#policy = policy;
    this.#deadline = force ? 0 : performance.now() + policy.graceMs;
    this.done = this.#run();
  }

  /** No more grace. */
  force(): void {
    this.#deadline = 0;
    this.#wake?.();
  }

  /** The run's program began or ended: look at once, not only when those that were seen last are gone. */
  nudge(): void {
    this.#nudged = true;
    this.#wake?.();
  }

  async #run(): Promise<void> {
    const signalled = new Set<number>();
    const { pid: program } = this.#query();
    if (program !== null && !this.#lives(program)) this.#emptyLooks = EMPTY_LOOKS_WITHOUT_PROGRAM;
    for (let patience = LONGEST_PAUSE_MS; ; ) {
      this.#nudged = false;
      const members = await this.#look();
      if (members.size === 0) {
        if (this.#isOver()) return;
        continue;
      }
      this.#empty = 0;
      const late = performance.now() >= this.#deadline;
      this.#signalNew(members, signalled, late);
      await this.#untilGone(members, patience);
      if (late) patience = Math.min(1000, patience * 2);
    }
  }

  /** Each once with the stop signal; after the deadline all with SIGKILL, again and again. */
  #signalNew(members: ReadonlySet<number>, signalled: Set<number>, late: boolean): void {
    const fresh = late ? members : new Set([...members].filter((pid) => !signalled.has(pid)));
    this.#signal(fresh, members, late ? 'SIGKILL' : this.#policy.signal);
    for (const pid of fresh) signalled.add(pid);
  }

  #isOver(): boolean {
    return !this.#endGroup() && !this.#looksAgain();
  }

  /** Where members ended faster than they could be signalled, one look that meets nobody may have come between two of them. */
  #looksAgain(): boolean {
    this.#empty += 1;
    return this.#empty < this.#emptyLooks;
  }

  /**
   * A program whose children take over from each other every few ms can hide from every look; a signal to its whole group meets them
   * all at one instant. The group has the program's number, which nobody else gets while somebody is in it. False: nobody was there,
   * or only dead ones that nobody has waited for.
   */
  #endGroup(): boolean {
    const { pid, started } = this.#query();
    if (pid === null || this.#groupKills >= MOST_GROUP_KILLS) return false;
    const leader = this.#tools.platform.process(pid);
    if (leader !== null && started !== null && leader.startTime !== started) return false;
    this.#groupKills += 1;
    try {
      return this.#tools.platform.signalGroup(pid, 'SIGKILL');
    } catch (error) {
      // Only processes of another user are left in it.
      if ((error as NodeJS.ErrnoException).code !== 'EPERM') throw error;
      return false;
    }
  }

  async #look(): Promise<ReadonlySet<number>> {
    const { platform, members } = this.#tools;
    const query = this.#query();
    const found = await members.find({ ...query, seen: new Map([...query.seen, ...this.#seen]) });
    for (const pid of found) {
      const facts = platform.process(pid);
      if (facts !== null) this.#seen.set(pid, facts.startTime);
    }
    return new Set([...found].filter((pid) => !this.#untouchable.has(pid)));
  }

  /** Until none of these lives, or the deadline passes; after it, for `patience` ms, since new ones may have been forked. */
  async #untilGone(members: ReadonlySet<number>, patience: number): Promise<void> {
    let waited = 0;
    for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(LONGEST_PAUSE_MS, pause * 1.5)) {
      if (this.#nudged || ![...members].some((pid) => this.#lives(pid))) return;
      const left = this.#deadline - performance.now();
      if (left <= 0 && waited > patience) return;
      await this.#rest(left > 0 ? Math.min(pause, left) : pause);
      if (left <= 0) waited += pause;
      else if (performance.now() >= this.#deadline) return;
    }
  }

  #rest(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #lives(pid: number): boolean {
    const facts = this.#tools.platform.process(pid);
    return facts !== null && !facts.zombie;
  }

  /** By group where the whole group is ours, so that what is forked this moment is met too; else one by one. */
  #signal(pids: ReadonlySet<number>, members: ReadonlySet<number>, signal: NodeJS.Signals): void {
    const processes = this.#tools.platform.processes(20);
    const foreign = new Set<number>();
    const groups = new Set<number>();
    for (const facts of processes.values())
      if (!members.has(facts.pid) && !facts.zombie) foreign.add(facts.group);
    for (const pid of pids) {
      const group = processes.get(pid)?.group ?? 0;
      if (group > 1 && !foreign.has(group) && this.#isSame(pid)) groups.add(group);
      else this.#sendTo(pid, signal);
    }
    for (const group of groups) this.#send(() => this.#tools.platform.signalGroup(group, signal));
    if (signal === 'SIGKILL') for (const pid of pids) this.#makeSure(pid);
  }

  /** A group takes a signal as delivered when one of it got it: those that it did not reach show only when asked alone. */
  #makeSure(pid: number): void {
    const now = performance.now();
    const since = this.#killed.get(pid) ?? now;
    this.#killed.set(pid, since);
    this.#sendTo(pid, 'SIGKILL');
    if (now - since > UNKILLABLE_AFTER_MS) this.#untouchable.add(pid);
  }

  #sendTo(pid: number, signal: NodeJS.Signals): void {
    if (!this.#isSame(pid)) return;
    if (!this.#send(() => this.#tools.platform.signal(pid, signal))) this.#untouchable.add(pid);
  }

  /** Pids are used again: a member that ended since the look may be somebody else by now. */
  #isSame(pid: number): boolean {
    const seen = this.#seen.get(pid);
    const isSame = seen !== undefined && this.#tools.platform.process(pid)?.startTime === seen;
    if (!isSame) this.#emptyLooks = EMPTY_LOOKS_OF_RESTLESS;
    return isSame;
  }

  /** False when we may not: a member of another user (a setuid program). The others must be ended all the same. */
  #send(send: () => boolean): boolean {
    try {
      send();
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EPERM') throw error;
      return false;
    }
  }
}
