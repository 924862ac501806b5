/**
 * Ends a process so that its port becomes free: asks it, waits for its sockets to be closed, asks those that outlive it with the same
 * sockets, then ends them by force. Who is signalled is known by pid and start time and, the first time, by the socket that it
 * holds, all read right before: a pid that somebody else has by now is never hit. It must not decide who has to end (`plan.ts`).
 */

import { setTimeout as delay } from 'node:timers/promises';
import type { KillReport } from '../../core/inspection.ts';
import type { Platform } from '../../platform/platform.ts';
import { holdersOf, inodesOf, socketsOf, stillOpen } from './port-sockets.ts';
import { asRoot, type KillTarget } from './target.ts';

export type Enders = Pick<Platform, 'sockets' | 'holders' | 'process' | 'signal'>;
type Signal = 'TERM' | 'KILL';
export type Problem = KillReport['problems'][number];
export type Ended = KillReport['ended'][number];

export interface EndRequest {
  readonly target: KillTarget;
  readonly root: { readonly pid: number; readonly name: string };
  /** Holders below the root. */
  readonly members: readonly { readonly pid: number }[];
  /** Of the root and the members. */
  readonly startTimes: ReadonlyMap<number, number>;
  /** Never signalled, whatever they hold: the caller and all above it, and the roots of other steps. */
  readonly spared: ReadonlySet<number>;
  readonly graceMs: number;
}

/** After KILL: the kernel closes the sockets of a process in its own time, later when the machine is busy. */
const FORCE_MS = 5000;
const FIRST_PAUSE_MS = 5;
const LONGEST_PAUSE_MS = 100;

export class Ending {
  readonly problems: Problem[] = [];
  readonly #platform: Enders;
  readonly #request: EndRequest;
  /** The last signal that each got, and which process that was. */
  readonly #signalled = new Map<number, { readonly signal: Signal; readonly startTime: number }>();

  constructor(platform: Enders, request: EndRequest) {
    this.#platform = platform;
    this.#request = request;
  }

  /** Resolves when its sockets are closed, or nothing helps. Errors: SOCKETS_UNREADABLE. */
  async run(): Promise<void> {
    const { root, graceMs } = this.#request;
    const inodes = this.#heldNow();
    if (inodes.size === 0) return;
    this.#send(root.pid, 'TERM');
    if (this.problems.length > 0 || (await this.#closed(inodes, 'TERM', graceMs))) return;
    this.#send(root.pid, 'KILL');
    await this.#closed(inodes, 'KILL', FORCE_MS);
  }

  /** Those that were signalled and are gone by now. */
  ended(): readonly Ended[] {
    const all = [...this.#signalled].map(([pid, { signal, startTime }]) => ({ pid, by: signal, startTime }));
    return all
      .filter(({ pid, startTime }) => !this.#lives(pid, startTime))
      .map(({ pid, by }) => ({ pid, by }));
  }

  /** Sockets of the target that the family holds now; none when it let go of them since it was looked at. */
  #heldNow(): ReadonlySet<number> {
    const { target, root, members, startTimes } = this.#request;
    const family = [root, ...members].filter(({ pid }) => this.#lives(pid, startTimes.get(pid)));
    const { byInode } = this.#platform.holders(inodesOf(socketsOf(this.#platform, target)));
    const isOurs = (holders: readonly number[]): boolean => family.some(({ pid }) => holders.includes(pid));
    return new Set([...byInode].filter(([, holders]) => isOurs(holders)).map(([inode]) => inode));
  }

  async #closed(inodes: ReadonlySet<number>, signal: Signal, withinMs: number): Promise<boolean> {
    const { target, root, startTimes } = this.#request;
    const deadline = performance.now() + withinMs;
    let isClosed = false;
    for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(LONGEST_PAUSE_MS, pause * 1.4)) {
      const open = stillOpen(this.#platform, target, inodes);
      // A table is read in pieces, and a row that moves meanwhile can be missed: once is not enough.
      if (open.size === 0 && isClosed) return true;
      isClosed = open.size === 0;
      const isRootGone = !this.#lives(root.pid, startTimes.get(root.pid));
      if (!isClosed && isRootGone && !this.#sendToHeirs(open, signal)) return false;
      if (performance.now() >= deadline && !isClosed) return false;
      await delay(pause);
    }
  }

  /**
   * The root is gone, and others hold its sockets: workers that lost their master, children that inherited them. False: all who are
   * left are spared.
   */
  #sendToHeirs(inodes: ReadonlySet<number>, signal: Signal): boolean {
    const before = new Map<number, number>();
    for (const pid of holdersOf(this.#platform, inodes)) {
      const startTime = this.#platform.process(pid)?.startTime;
      if (startTime !== undefined) before.set(pid, startTime);
    }
    // Read again: between the first list and the start times a pid may have become another process.
    const still = holdersOf(this.#platform, inodes);
    const isSpared = (pid: number): boolean => pid === 1 || this.#request.spared.has(pid);
    for (const [pid, startTime] of before) {
      if (!still.has(pid) || isSpared(pid)) continue;
      if (this.#signalled.get(pid)?.signal !== signal) this.#sendTo(pid, startTime, signal);
    }
    return still.size === 0 || ![...still].every(isSpared);
  }

  #send(pid: number, signal: Signal): void {
    const startTime = this.#request.startTimes.get(pid);
    if (startTime !== undefined) this.#sendTo(pid, startTime, signal);
  }

  #sendTo(pid: number, startTime: number, signal: Signal): void {
    if (!this.#lives(pid, startTime)) return;
    try {
      if (this.#platform.signal(pid, `SIG${signal}`)) this.#signalled.set(pid, { signal, startTime });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EPERM') throw error;
      const { target } = this.#request;
      const told = this.problems.some(({ text }) => text.startsWith(`pid ${pid} `));
      if (!told)
        this.problems.push({
          text: `pid ${pid} may not be signalled by you`,
          fix: asRoot(target),
        });
    }
  }

  #lives(pid: number, startTime: number | undefined): boolean {
    const facts = this.#platform.process(pid);
    return facts !== null && !facts.zombie && facts.startTime === startTime;
  }
}
