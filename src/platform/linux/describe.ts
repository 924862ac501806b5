/**
 * One process as a person wants to know it. What may not be read is null. What it said is remembered by pid and start time, for the
 * few seconds in which several questions are asked about the same processes. Parent, name and start are read each time, unless who
 * looked at all processes in this very moment says that this one has not changed. As long as nothing changed the answer is the same
 * object.
 */

import { readFileSync, readlinkSync, statSync } from 'node:fs';
import { userInfo } from 'node:os';
import type { ProcessDescription } from '../facts.ts';
import type { ProcessFacts } from '../platform.ts';
import { type Activity, activityOf, hasRested } from './activity.ts';
import { withoutStacks } from './descriptors.ts';
import { parseStat } from './processes.ts';

/** Clock ticks of a second in /proc: USER_HZ, which is 100 on every architecture that Node runs on. */
const TICKS = 100;
/** A program may change its command, directory and control group at any time, without a sign. */
const REMEMBERED_MS = 5000;
/** One whose first thread has not run since, and whose file is still there. Others can still move it to another control group. */
const RESTED_MS = 60_000;
const MOST_REMEMBERED = 10_000;

interface Remembered {
  readonly startTime: number;
  /** When it was read. */
  readonly readAt: number;
  /** When it was last known to be true. */
  at: number;
  /** Taken just before it was read. */
  readonly activity: Activity | null;
  stamp: object | null;
  description: ProcessDescription;
}

export class ProcessBook {
  readonly #stampOf: (pid: number) => object | null;
  readonly #processes = new Map<number, Remembered>();
  #names: { readonly at: number; readonly byUser: Map<number, string> } | null = null;
  #boot: { readonly at: number; readonly epochMs: number | null } | null = null;

  /** `stampOf`: the same object as long as a process is known not to have changed; null when that is not known. */
  constructor(stampOf: (pid: number) => object | null = () => null) {
    this.#stampOf = stampOf;
  }

  /** Null: there is no such process. */
  describe(pid: number): ProcessDescription | null {
    const stamp = this.#stampOf(pid);
    const known = this.#processes.get(pid);
    if (known !== undefined && stamp !== null && known.stamp === stamp && isYoung(known))
      return known.description;
    const found = this.#look(pid, known);
    if (found !== null) found.stamp = stamp;
    return found?.description ?? null;
  }

  #look(pid: number, known: Remembered | undefined): Remembered | null {
    return withoutStacks(() => {
      const stat = read(`/proc/${pid}/stat`);
      const facts = stat === null ? null : parseStat(stat);
      if (stat === null || facts === null) return null;
      const name = stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')'));
      if (known === undefined || !isFresh(known, facts, name)) return this.#describe(facts, name);
      const { parent, session } = known.description;
      if (parent !== facts.parent || session !== facts.session)
        known.description = { ...known.description, parent: facts.parent, session: facts.session };
      return known;
    });
  }

  /** The number itself where it has no name. */
  userName(uid: number): string {
    if (this.#names === null || performance.now() - this.#names.at > REMEMBERED_MS)
      this.#names = { at: performance.now(), byUser: readUserNames() };
    return this.#names.byUser.get(uid) ?? String(uid);
  }

  #describe({ pid, parent, session, startTime }: ProcessFacts, name: string): Remembered | null {
    // Who asks once has no use for it.
    const activity = this.#processes.has(pid) ? activityOf(pid) : null;
    const uid = ownerOf(pid);
    if (uid === null) return null;
    const booted = this.#bootTime();
    const description = {
      pid,
      parent,
      session,
      uid,
      user: this.userName(uid),
      name,
      command: commandOf(pid),
      cwd: link(`/proc/${pid}/cwd`),
      ...programOf(pid),
      startedAt: booted === null ? null : booted + Math.round((startTime / TICKS) * 1000),
      cgroup: cgroupOf(pid),
    };
    if (this.#processes.size > MOST_REMEMBERED) this.#processes.clear();
    const at = performance.now();
    const remembered = { startTime, readAt: at, at, activity, stamp: null, description };
    this.#processes.set(pid, remembered);
    return remembered;
  }

  /** Epoch ms. The clock may be set later; then all starts move with it, as in `ps`. */
  #bootTime(): number | null {
    if (this.#boot === null || performance.now() - this.#boot.at > REMEMBERED_MS) {
      const match = /^btime (\d+)$/m.exec(read('/proc/stat') ?? '');
      this.#boot = { at: performance.now(), epochMs: match === null ? null : Number(match[1]) * 1000 };
    }
    return this.#boot.epochMs;
  }
}

function isFresh(known: Remembered, facts: ProcessFacts, name: string): boolean {
  // Running another program changes the name, mostly.
  return known.startTime === facts.startTime && known.description.name === name && isYoung(known);
}

function isYoung(known: Remembered): boolean {
  const now = performance.now();
  if (now - known.at < REMEMBERED_MS) return true;
  const { pid, executable, executableDeleted } = known.description;
  if (now - known.readAt > RESTED_MS || !hasRested(pid, known.activity)) return false;
  const program = programOf(pid);
  if (program.executable !== executable || program.executableDeleted !== executableDeleted) return false;
  known.at = now;
  return true;
}

/** What a title of a program's own leaves of longer arguments. Nobody gives two empty ones at the end. */
const PADDING = /\0{3,}$/;

/** Arguments end with a NUL each. A program that wrote a title of its own over them may have left out the last one. */
function commandOf(pid: number): readonly string[] {
  const text = read(`/proc/${pid}/cmdline`) ?? '';
  return text === '' ? [] : text.replace(PADDING, '\0').replace(/\0$/, '').split('\0');
}

const DELETED = ' (deleted)';

function programOf(pid: number): Pick<ProcessDescription, 'executable' | 'executableDeleted'> {
  const program = link(`/proc/${pid}/exe`);
  // A file may really have a name that ends so.
  if (program?.endsWith(DELETED) !== true || isFileOf(program, pid))
    return { executable: program, executableDeleted: false };
  return { executable: program.slice(0, -DELETED.length), executableDeleted: true };
}

function isFileOf(path: string, pid: number): boolean {
  try {
    const [file, program] = [statSync(path), statSync(`/proc/${pid}/exe`)];
    return file.ino === program.ino && file.dev === program.dev;
  } catch {
    // No such file, or the process is gone.
    return false;
  }
}

/** cgroup v2: `0::/path`; v1: the line of systemd's own hierarchy. */
function cgroupOf(pid: number): string | null {
  const rows = (read(`/proc/${pid}/cgroup`) ?? '').split('\n');
  const row =
    rows.find((line) => line.startsWith('0::') && line !== '0::/') ??
    rows.find((line) => line.includes(':name=systemd:')) ??
    rows[0];
  return row === undefined || row === '' ? null : row.split(':').slice(2).join(':');
}

/** Source: passwd(5). Where users come from elsewhere (LDAP) only one's own name can be asked for without a helper program. */
function readUserNames(): Map<number, string> {
  const names = new Map<number, string>();
  for (const row of (read('/etc/passwd') ?? '').split('\n')) {
    const [name, , uid] = row.split(':');
    // As getpwuid(3): the first of several is the one.
    if (name && uid && !names.has(Number(uid))) names.set(Number(uid), name);
  }
  const own = process.getuid?.();
  if (own !== undefined && !names.has(own)) names.set(own, ownName() ?? String(own));
  return names;
}

function ownName(): string | null {
  try {
    return userInfo().username;
  } catch {
    // Nobody knows it: a container that runs as a number.
    return null;
  }
}

function ownerOf(pid: number): number | null {
  try {
    return statSync(`/proc/${pid}`, { throwIfNoEntry: false })?.uid ?? null;
  } catch {
    // It ended just now (ESRCH).
    return null;
  }
}

function link(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch {
    // Gone, or another user's.
    return null;
  }
}

function read(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // Gone, or not to be read by us.
    return null;
  }
}
