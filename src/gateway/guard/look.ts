/**
 * Finds out who calls: from a connection to the socket at its other end, to the process that holds it, to the service or command of
 * `lo` that it comes from. One look answers many questions. It reads /proc for milliseconds, so it must not run in the thread that
 * carries bytes.
 *
 * The mark in a process's environment is not asked: anybody can set one. Being a descendant, or in the session, of a recorded program
 * cannot be had by setting something.
 */

import type { Caller } from '../../core/guard.ts';
import type { LinkPlace } from '../../core/link.ts';
import type { SocketFacts } from '../../platform/facts.ts';
import type { Platform } from '../../platform/platform.ts';
import type { CallQuestion, Refusal } from './question.ts';
import type { Root, Roots } from './roots.ts';

export type Facts = Pick<Platform, 'sockets' | 'owners' | 'holders' | 'process' | 'details' | 'userName'>;

/** The table is read in pieces, and descriptors move: what was missed once is there the next time. */
const ROUNDS = 3;
/** Processes that got through lately are looked into first. */
const MOST_LATELY = 256;
const DEEPEST = 64;

export class CallerLook {
  readonly #facts: Facts;
  readonly #self: number;
  readonly #rootsOf: (directories: Iterable<string>) => Roots;
  readonly #lately = new Set<number>();

  /** `self`: the gateway's own pid. */
  constructor(facts: Facts, self: number, rootsOf: (directories: Iterable<string>) => Roots) {
    this.#facts = facts;
    this.#self = self;
    this.#rootsOf = rootsOf;
  }

  /** One answer for each question, in their order. */
  answer(questions: readonly CallQuestion[]): readonly Refusal[] {
    const answers = new Map<CallQuestion, Refusal>();
    for (let round = 1; round <= ROUNDS && answers.size < questions.length; round += 1) {
      const open = questions.filter((question) => !answers.has(question));
      const roots = this.#rootsOf(new Set(open.map(({ guard }) => guard.directory)));
      const sockets = this.#socketsOf(open);
      const holders = this.#holders(open, sockets, roots);
      for (const question of open) {
        const socket = sockets.get(question);
        const pids = socket === undefined ? [] : (holders.get(socket.inode) ?? []);
        if (pids.length > 0) answers.set(question, this.#judge(question, pids, roots));
        else if (round === ROUNDS) answers.set(question, this.#unseen(socket));
      }
    }
    return questions.map((question) => {
      const answer = answers.get(question);
      return answer === undefined ? this.#unseen(undefined) : answer;
    });
  }

  /** The callers' ends. */
  #socketsOf(open: readonly CallQuestion[]): ReadonlyMap<CallQuestion, SocketFacts> {
    const byEnds = new Map(open.map((question) => [endsOf(question.caller, question.listen), question]));
    const found = new Map<CallQuestion, SocketFacts>();
    // Few call over IPv4 through an IPv6 socket, as Java does, and a table costs what it costs.
    const localPorts = new Set(open.map(({ caller }) => caller.port));
    for (const family of [4, 6] as const) {
      if (found.size === open.length) break;
      for (const socket of this.#facts.sockets({ family, localPorts }).sockets) {
        const question = socket.remote === null ? undefined : byEnds.get(endsOf(socket.local, socket.remote));
        if (question !== undefined) found.set(question, socket);
      }
    }
    return found;
  }

  /** By inode. Those who are allowed are looked into first: for most connections that is all there is to read. */
  #holders(
    open: readonly CallQuestion[],
    sockets: ReadonlyMap<CallQuestion, SocketFacts>,
    roots: Roots,
  ): ReadonlyMap<number, readonly number[]> {
    const inodes = new Set([...sockets.values()].map(({ inode }) => inode));
    inodes.delete(0);
    if (inodes.size === 0) return new Map();
    const likely = new Set(this.#lately);
    for (const [pid, root] of roots) if (open.some(({ guard }) => mayCall(root, guard))) likely.add(pid);
    const found = new Map(this.#facts.owners(inodes, likely));
    const rest = new Set([...inodes].filter((inode) => !found.has(inode)));
    if (rest.size > 0) for (const [inode, pids] of this.#facts.holders(rest).byInode) found.set(inode, pids);
    return found;
  }

  #judge({ guard }: CallQuestion, pids: readonly number[], roots: Roots): Refusal {
    let first: Caller | null = null;
    for (const pid of pids) {
      const root = this.#rootOf(pid, roots);
      if (root !== null && mayCall(root, guard)) {
        this.#remember(pid);
        return null;
      }
      const service = root?.directory === guard.directory ? root.service : null;
      first ??= { pid, program: this.#programOf(pid), service };
    }
    return first ?? this.#unseen(undefined);
  }

  /** The nearest recorded program above it; of an orphan, the one whose session it is in. */
  #rootOf(pid: number, roots: Roots): Root | null {
    let led: Root | null = null;
    let at = pid;
    for (let depth = 0; at > 1 && depth < DEEPEST; depth += 1) {
      const process = this.#facts.process(at);
      if (process === null) break;
      const own = roots.get(at);
      if (own?.started === process.startTime) return own;
      led ??= this.#leaderOf(process.session, roots);
      at = process.parent;
    }
    return led;
  }

  /** A session keeps its number while anybody is in it, so a leader that ended still stands for it. */
  #leaderOf(session: number, roots: Roots): Root | null {
    const root = roots.get(session);
    if (root === undefined) return null;
    const leader = this.#facts.process(session);
    return leader === null || leader.startTime === root.started ? root : null;
  }

  #programOf(pid: number): string {
    if (pid === this.#self)
      return 'Loopyard’s gateway, for an alias, a link without a project or another environment';
    return this.#facts.details(pid)?.command[0]?.split('/').pop() ?? 'a program that has ended';
  }

  #unseen(socket: SocketFacts | undefined): Caller {
    const program =
      socket === undefined || socket.inode === 0
        ? 'somebody who hung up at once'
        : `a program of user ${this.#facts.userName(socket.uid)}`;
    return { pid: null, program, service: null };
  }

  #remember(pid: number): void {
    if (this.#lately.size >= MOST_LATELY) this.#lately.clear();
    this.#lately.add(pid);
  }
}

function mayCall({ directory, service }: Root, guard: CallQuestion['guard']): boolean {
  return directory === guard.directory && (service === null || guard.allows.includes(service));
}

/** Java calls over IPv4 through an IPv6 socket: `::ffff:127.64.0.1`. */
function endsOf(from: LinkPlace, to: LinkPlace): string {
  return `${from.address.replace(/^::ffff:/, '')}:${from.port} ${to.address.replace(/^::ffff:/, '')}:${to.port}`;
}
