/**
 * Processes as /proc shows them. Synchronous on purpose: a hop through the thread pool costs more than the read (proc(5) answers
 * from memory). It must not know runs or services.
 */

import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import type { ProcessDetails, ProcessFacts } from '../platform.ts';

const MOST_LISTINGS = 8;

/** All processes that can be seen. */
export function readProcesses(): ReadonlyMap<number, ProcessFacts> {
  const all = new Map<number, ProcessFacts>();
  forEachPid((pid) => {
    const facts = readProcess(pid);
    if (facts !== null) all.set(pid, facts);
  });
  return all;
}

export function readProcess(pid: number): ProcessFacts | null {
  const text = read(`/proc/${pid}/stat`);
  return text === null ? null : parseStat(text);
}

/** Source: proc_pid_stat(5). The command in parentheses may hold anything, also parentheses, so fields count from the last one. */
export function parseStat(text: string): ProcessFacts | null {
  const close = text.lastIndexOf(')');
  const pid = Number.parseInt(text, 10);
  const fields = text.slice(close + 2).split(' ', 20);
  const [state = '', parent, group, session] = fields;
  const threads = Number(fields[17]);
  const startTime = fields[19];
  if (close < 0 || !Number.isInteger(pid) || startTime === undefined) return null;
  return {
    pid,
    parent: Number(parent),
    group: Number(group),
    session: Number(session),
    startTime: Number(startTime),
    // A main thread that ended before the others looks like a zombie, and the program goes on.
    zombie: (state === 'Z' && threads <= 1) || state === 'X',
  };
}

export function readDetails(pid: number): ProcessDetails | null {
  const command = read(`/proc/${pid}/cmdline`);
  if (command === null) return null;
  return { pid, uid: ownerOf(pid), command: command.split('\0').slice(0, -1), cwd: workingDirectory(pid) };
}

/** Pids whose initial environment holds `name=value` for one of `values`. Environments of other users cannot be read. */
export function readMarks(name: string, values: ReadonlySet<string>): ReadonlyMap<number, string> {
  const marked = new Map<number, string>();
  const prefix = Buffer.from(`${name}=`);
  forEachPid((pid) => {
    const value = markOf(pid, prefix);
    if (value !== null && values.has(value)) marked.set(pid, value);
  });
  return marked;
}

export function bootId(): string {
  return read('/proc/sys/kernel/random/boot_id')?.trim() ?? '';
}

/**
 * Lists again until nobody new is there: a process that forks and ends while the list is read would hide its child from it. Gives
 * up after a few times, since a machine that forks without a pause never ends.
 */
function forEachPid(read: (pid: number) => void): void {
  const done = new Set<number>();
  for (let listing = 0, fresh = true; fresh && listing < MOST_LISTINGS; listing += 1) {
    fresh = false;
    for (const pid of pids()) {
      if (done.has(pid)) continue;
      done.add(pid);
      fresh = true;
      read(pid);
    }
  }
}

function pids(): readonly number[] {
  const found: number[] = [];
  for (const entry of readdirSync('/proc')) {
    const first = entry.charCodeAt(0);
    if (first >= 48 && first <= 57) found.push(Number(entry));
  }
  return found;
}

/** Bytes are compared before anything is decoded: most environments hold no mark, and some are large. */
function markOf(pid: number, prefix: Buffer): string | null {
  let bytes: Buffer;
  try {
    bytes = readFileSync(`/proc/${pid}/environ`);
  } catch {
    // Gone, or another user's.
    return null;
  }
  for (let at = bytes.indexOf(prefix); at >= 0; at = bytes.indexOf(prefix, at + 1)) {
    if (at > 0 && bytes[at - 1] !== 0) continue;
    const end = bytes.indexOf(0, at);
    return bytes.toString('utf8', at + prefix.length, end < 0 ? bytes.length : end);
  }
  return null;
}

function ownerOf(pid: number): number | null {
  try {
    return statSync(`/proc/${pid}`).uid;
  } catch {
    // Gone in the meantime.
    return null;
  }
}

function workingDirectory(pid: number): string | null {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    // Gone, or another user's.
    return null;
  }
}

function read(file: string): string | null {
  try {
    // Node has a short way for exactly this encoding: half the time of any other.
    return readFileSync(file, 'utf8');
  } catch {
    // A process that ended between the listing and the read.
    return null;
  }
}
