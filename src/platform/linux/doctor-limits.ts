/** What a user may have on Linux, and what the processes of this user have: descriptors, processes, watches. */

import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import type { InotifyLimits, Limit, LimitFacts, UsageFacts } from '../health.ts';

/** Source: proc_pid_limits(5). */
export function readLimits(pid: number | null): LimitFacts {
  const text = read(`/proc/${pid ?? 'self'}/limits`) ?? '';
  return { files: limitOf(text, 'Max open files'), processes: limitOf(text, 'Max processes') };
}

function limitOf(text: string, name: string): LimitFacts['files'] {
  const match = new RegExp(`^${name} +(\\d+|unlimited) +(\\d+|unlimited) `, 'm').exec(text);
  const [, soft, hard] = match ?? [];
  return soft === undefined || hard === undefined ? null : { soft: amount(soft), hard: amount(hard) };
}

function amount(text: string): Limit {
  return text === 'unlimited' ? text : Number(text);
}

/** The namespace of users may allow less than the machine does. Source: inotify(7), namespaces(7). */
export function readInotifyLimits(): InotifyLimits {
  return {
    watches: least('/proc/sys/fs/inotify/max_user_watches', '/proc/sys/user/max_inotify_watches'),
    watchers: least('/proc/sys/fs/inotify/max_user_instances', '/proc/sys/user/max_inotify_instances'),
  };
}

function least(...files: readonly string[]): number | null {
  const values = files.flatMap((file) => {
    const text = read(file)?.trim();
    return text === undefined || !/^\d+$/.test(text) ? [] : [Number(text)];
  });
  return values.length === 0 ? null : Math.min(...values);
}

/** Of this user's processes alone: the kernel counts by user. Source: proc_pid_fdinfo(5). */
export function readUsage(uid: number): UsageFacts {
  const limit = Error.stackTraceLimit;
  // Processes that end meanwhile are many; their stacks would cost more than the walk.
  Error.stackTraceLimit = 0;
  try {
    let threads = 0;
    let watches = 0;
    let watchers = 0;
    for (const pid of readdirSync('/proc')) {
      if (!/^\d+$/.test(pid)) continue;
      const own = threadsOf(pid, uid);
      if (own === 0) continue;
      threads += own;
      for (const count of watchesOf(pid)) {
        watchers += 1;
        watches += count;
      }
    }
    return { threads, watches, watchers };
  } catch {
    // No /proc: nothing is known, which is not nothing.
    return { threads: null, watches: null, watchers: null };
  } finally {
    Error.stackTraceLimit = limit;
  }
}

/** 0: another user's, or gone. */
function threadsOf(pid: string, uid: number): number {
  const text = read(`/proc/${pid}/status`);
  if (text === null || Number(/^Uid:\s+(\d+)/m.exec(text)?.[1]) !== uid) return 0;
  return Number(/^Threads:\s+(\d+)/m.exec(text)?.[1] ?? 0);
}

/** One number for each inotify descriptor. */
function watchesOf(pid: string): readonly number[] {
  const found: number[] = [];
  for (const descriptor of list(`/proc/${pid}/fd`)) {
    if (link(`/proc/${pid}/fd/${descriptor}`) !== 'anon_inode:inotify') continue;
    const text = read(`/proc/${pid}/fdinfo/${descriptor}`) ?? '';
    found.push(text.split('\n').filter((line) => line.startsWith('inotify ')).length);
  }
  return found;
}

function list(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    // Gone, or it may not be looked into.
    return [];
  }
}

function link(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch {
    // Closed meanwhile.
    return null;
  }
}

function read(file: string): string | null {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    // Gone, or a kernel without it.
    return null;
  }
}
