/**
 * Which processes hold which sockets: every holder, from /proc/PID/fd. Made for a process that lives long and is asked again and
 * again: what it saw is remembered, and checked by one call for each process and one for each socket that is asked about. It must not
 * know what the sockets are.
 *
 * What is noticed at the next question: a socket that was never asked about, and one whose last holder let go, by looking into
 * everybody who may have changed since (a process of one thread that has not run has not); a process that came, went, or took the number of another (the inode of its directory in /proc is new); one that opened
 * or closed a descriptor (their count differs, or the remembered descriptor leads elsewhere). So a socket of before can only have a
 * further holder that is new, which is looked into, or that was handed it.
 *
 * What is noticed late, after 32 questions at most: a further holder of a socket of before that was handed it (SCM_RIGHTS,
 * pidfd_getfd) and closed something else in the meantime, so that it has as many descriptors as before.
 *
 * What is never noticed: a socket on its way inside a message; one whose holder's main thread has ended while other threads
 * go on, or whose threads have descriptor tables of their own (`ss` and `lsof` do not see those either); holders in kernel space.
 */

import { readFileSync, statSync } from 'node:fs';
import type { Holders } from '../facts.ts';
import { type Activity, activityOf, hasRested, isSingle } from './activity.ts';
import {
  type HeldSockets,
  heldSockets,
  isForbidden,
  isHeldAt,
  NOTHING_HELD,
  newestFirst,
  withoutStacks,
} from './descriptors.ts';
import { eldersFirst } from './elders.ts';
import { parseStat } from './processes.ts';

/** In one of so many questions each process is looked into again, whatever its count says. */
const TURNS = 32;
/** On a machine that forks without a pause there is always somebody new. */
const MOST_LISTINGS = 8;
/** Of inodes that were asked about. */
const MOST_REMEMBERED = 100_000;
/** So long, in ms, what was just met need not be met again to be spoken of. */
const MOMENT_MS = 100;

interface Known {
  /** Inode of its descriptor directory in /proc, which no later process of the same number has. */
  identity: number;
  /** Of its open descriptors. */
  count: number;
  /** Another one whenever it is known to have changed. */
  stamp: object;
  held: HeldSockets;
  /** Number of the question at which it was looked into. */
  asOf: number;
  /** Taken just before. Null: it tells nothing. */
  activity: Activity | null;
  parent: { readonly pid: number; readonly identity: number | undefined } | null;
}

export class HolderIndex {
  readonly #proc: string;
  #known = new Map<number, Known>();
  /** Inodes that were asked about -> whether anybody held them. */
  readonly #asked = new Map<number, boolean>();
  #question = 0;
  #metAt = Number.NEGATIVE_INFINITY;
  #countsAreTold: boolean | undefined;

  constructor(proc = '/proc') {
    this.#proc = proc;
  }

  /** Every holder that may be looked into, elders first. */
  holders(inodes: ReadonlySet<number>): Holders {
    return withoutStacks(() => {
      this.#question += 1;
      this.#meet();
      let byInode = this.#holdersOf(inodes);
      if (this.#isDoubtful(inodes, byInode)) {
        this.#lookIntoAll();
        byInode = this.#holdersOf(inodes);
        for (let listing = 1; listing < MOST_LISTINGS && this.#isLost(inodes, byInode); listing += 1) {
          // Its holder may have forked and ended behind our back.
          if (!this.#meet()) break;
          byInode = this.#holdersOf(inodes);
        }
      }
      this.#remember(inodes, byInode);
      this.#sort(byInode);
      return { byInode, closed: this.#closed() };
    });
  }

  /** All sockets that are held, with every holder: looks into everybody. */
  everything(): ReadonlyMap<number, readonly number[]> {
    return withoutStacks(() => {
      this.#question += 1;
      this.#meet();
      this.#lookIntoAll();
      const all = new Map<number, number[]>();
      for (const [pid, { held }] of this.#known)
        if (held !== 'closed') for (const inode of held.keys()) push(all, inode, pid);
      return all;
    });
  }

  /**
   * The same object as long as this is the same process with the same parent and as many descriptors. Null: it was not met in this
   * moment, or it does not show itself.
   */
  stamp(pid: number): object | null {
    const known = this.#known.get(pid);
    if (known === undefined || known.identity === 0 || performance.now() - this.#metAt > MOMENT_MS)
      return null;
    const { parent } = known;
    if (parent === null || this.#known.get(parent.pid)?.identity !== parent.identity) {
      this.#parentOf(pid);
      known.stamp = {};
    }
    return known.stamp;
  }

  /** Lists the processes and looks into those that are new or have changed. Tells whether there was a new one. */
  #meet(): boolean {
    const present = new Map<number, Known>();
    let news = false;
    for (const pid of newestFirst(this.#proc)) {
      const known = this.#known.get(pid);
      const met = this.#meetOne(pid, known);
      if (met === null) continue;
      present.set(pid, met);
      news ||= met !== known;
    }
    this.#known = present;
    this.#metAt = performance.now();
    return news;
  }

  #meetOne(pid: number, known: Known | undefined): Known | null {
    const directory = this.#directory(pid);
    if (directory === null) return null;
    const { ino, size } = directory;
    if (known === undefined || known.identity !== ino) {
      const met: Known = {
        identity: ino,
        count: size,
        stamp: {},
        held: NOTHING_HELD,
        asOf: 0,
        activity: null,
        parent: null,
      };
      this.#lookInto(pid, met);
      return met;
    }
    const isItsTurn = (pid + this.#question) % TURNS === 0;
    if (known.count !== size || isItsTurn || !this.#countsTold()) {
      if (known.count !== size) known.stamp = {};
      known.count = size;
      this.#lookInto(pid, known);
    }
    return known;
  }

  /** Null: there is no such process any more. */
  #directory(pid: number): { readonly ino: number; readonly size: number } | null {
    try {
      return statSync(`${this.#proc}/${pid}/fd`, { throwIfNoEntry: false }) ?? null;
    } catch (error) {
      // With hidepid=1 the process is listed and nothing below it can be reached. Any other error: it went meanwhile.
      return isForbidden(error) ? { ino: 0, size: 0 } : null;
    }
  }

  /** The size of the directory is the count since Linux 6.2, and 0 before. */
  #countsTold(): boolean {
    this.#countsAreTold ??= (statSync(`${this.#proc}/self/fd`, { throwIfNoEntry: false })?.size ?? 0) > 0;
    return this.#countsAreTold;
  }

  #lookInto(pid: number, known: Known): void {
    if (known.asOf === this.#question) return;
    known.asOf = this.#question;
    // Kernel threads, mostly: asking for the list would cost more than all else about them.
    if (known.count === 0 && known.identity > 0 && this.#countsTold()) {
      known.held = NOTHING_HELD;
      return;
    }
    // Who asks once has no use for it.
    if (this.#question > 1) known.activity = isSingle(pid, this.#proc) ? activityOf(pid, this.#proc) : null;
    known.held = heldSockets(pid, this.#proc);
  }

  #lookIntoAll(): void {
    for (const [pid, known] of this.#known) {
      if (known.asOf === this.#question) continue;
      if (hasRested(pid, known.activity, this.#proc)) known.asOf = this.#question;
      else this.#lookInto(pid, known);
    }
  }

  #holdersOf(inodes: ReadonlySet<number>): Map<number, number[]> {
    const byInode = new Map<number, number[]>();
    for (const [pid, known] of this.#known) {
      if (!this.#isTrue(pid, known, inodes)) this.#lookInto(pid, known);
      if (known.held === 'closed') continue;
      for (const inode of known.held.keys()) if (inodes.has(inode)) push(byInode, inode, pid);
    }
    return byInode;
  }

  /** Whether it holds what is remembered of it, as far as it is asked about. */
  #isTrue(pid: number, { held, asOf }: Known, inodes: ReadonlySet<number>): boolean {
    if (held === 'closed' || asOf === this.#question) return true;
    for (const [inode, descriptor] of held)
      if (inodes.has(inode) && !isHeldAt(pid, descriptor, inode, this.#proc)) return false;
    return true;
  }

  /** Whether one of them was never asked about, or had a holder and has none now. */
  #isDoubtful(inodes: ReadonlySet<number>, byInode: ReadonlyMap<number, unknown>): boolean {
    for (const inode of inodes) {
      const before = inode > 0 ? this.#asked.get(inode) : false;
      if (before === undefined || (before && !byInode.has(inode))) return true;
    }
    return false;
  }

  /** Whether one of them has no holder, and is not known to have none. */
  #isLost(inodes: ReadonlySet<number>, byInode: ReadonlyMap<number, unknown>): boolean {
    for (const inode of inodes)
      if (inode > 0 && !byInode.has(inode) && this.#asked.get(inode) !== false) return true;
    return false;
  }

  #remember(inodes: ReadonlySet<number>, byInode: ReadonlyMap<number, unknown>): void {
    if (this.#asked.size > MOST_REMEMBERED) this.#asked.clear();
    for (const inode of inodes) this.#asked.set(inode, byInode.has(inode));
  }

  #sort(byInode: Map<number, number[]>): void {
    for (const [inode, holders] of byInode)
      if (holders.length > 1)
        byInode.set(
          inode,
          eldersFirst(holders.reverse(), (pid) => this.#parentOf(pid)),
        );
  }

  /** A process gets another parent only when its own ends, so what is remembered holds as long as that one lives. */
  #parentOf(pid: number): number {
    const known = this.#known.get(pid);
    if (known === undefined) return 0;
    if (known.parent === null || this.#known.get(known.parent.pid)?.identity !== known.parent.identity) {
      const parent = this.#readParent(pid);
      known.parent = { pid: parent, identity: this.#known.get(parent)?.identity };
    }
    return known.parent.pid;
  }

  #readParent(pid: number): number {
    try {
      return parseStat(readFileSync(`${this.#proc}/${pid}/stat`, 'utf8'))?.parent ?? 0;
    } catch {
      // It ended just now.
      return 0;
    }
  }

  #closed(): ReadonlyMap<number, readonly number[]> {
    const byUser = new Map<number, number[]>();
    for (const [pid, { held }] of this.#known) {
      if (held !== 'closed') continue;
      const user = statSync(`${this.#proc}/${pid}`, { throwIfNoEntry: false })?.uid;
      if (user !== undefined) push(byUser, user, pid);
    }
    return byUser;
  }
}

function push(map: Map<number, number[]>, key: number, value: number): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}
