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

export class Ending {
  readonly #tools: EndTools;
  readonly #query: () => MemberQuery;
  readonly #policy: StopPolicy;
  #deadline: number;
  #wake: (() => void) | null = null;
  /** Members of another user (setuid programs): they cannot be ended by us, and must not be waited for. */
  readonly #untouchable = new Set<number>();
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

  /** Something of the run ended: look at once. */
  nudge(): void {
    this.#wake?.();
  }

  async #run(): Promise<void> {
    const signalled = new Set<number>();
    for (;;) {
      const found = await this.#tools.members.find(this.#query());
      const members = new Set([...found].filter((pid) => !this.#untouchable.has(pid)));
      if (members.size === 0) return;
      const late = performance.now() >= this.#deadline;
      const fresh = late ? members : new Set([...members].filter((pid) => !signalled.has(pid)));
      this.#signal(fresh, members, late ? 'SIGKILL' : this.#policy.signal);
      for (const pid of fresh) signalled.add(pid);
      await this.#untilGone(members);
    }
  }

  /** Until none of these lives, or the deadline passes. */
  async #untilGone(members: ReadonlySet<number>): Promise<void> {
    for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(LONGEST_PAUSE_MS, pause * 1.5)) {
      if (![...members].some((pid) => this.#lives(pid))) return;
      const left = this.#deadline - performance.now();
      if (left <= 0 && pause > 20) return;
      await this.#rest(left > 0 ? Math.min(pause, left) : pause);
      if (left > 0 && performance.now() >= this.#deadline) return;
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
      if (group > 1 && !foreign.has(group)) groups.add(group);
      else this.#send([pid], () => this.#tools.platform.signal(pid, signal));
    }
    for (const group of groups) {
      const pidsOfGroup = [...pids].filter((pid) => processes.get(pid)?.group === group);
      this.#send(pidsOfGroup, () => this.#tools.platform.signalGroup(group, signal));
    }
  }

  #send(pids: readonly number[], send: () => boolean): void {
    try {
      send();
    } catch (error) {
      // A setuid member of another user cannot be signalled by us; the others must be all the same.
      if ((error as NodeJS.ErrnoException).code !== 'EPERM') throw error;
      for (const pid of pids) this.#untouchable.add(pid);
    }
  }
}
