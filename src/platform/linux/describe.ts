/** One process as a person wants to know it. What may not be read is null. */

import { readFileSync, readlinkSync, statSync } from 'node:fs';
import type { ProcessDescription } from '../facts.ts';
import { parseStat } from './processes.ts';

/** Clock ticks of a second in /proc: USER_HZ, which is 100 on every architecture that Node runs on. */
const TICKS = 100;

export function describeProcess(pid: number): ProcessDescription | null {
  const stat = read(`/proc/${pid}/stat`);
  const facts = stat === null ? null : parseStat(stat);
  const uid = ownerOf(pid);
  if (stat === null || facts === null || uid === null) return null;
  const executable = link(`/proc/${pid}/exe`);
  const booted = bootTime();
  return {
    pid,
    parent: facts.parent,
    session: facts.session,
    uid,
    user: userName(uid),
    name: stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')')),
    command: (read(`/proc/${pid}/cmdline`) ?? '').split('\0').slice(0, -1),
    cwd: link(`/proc/${pid}/cwd`),
    executable: executable?.replace(/ \(deleted\)$/, '') ?? null,
    executableDeleted: executable?.endsWith(' (deleted)') ?? false,
    startedAt: booted === null ? null : booted + Math.round((facts.startTime / TICKS) * 1000),
    cgroup: cgroupOf(pid),
  };
}

export function userName(uid: number): string {
  const row = (read('/etc/passwd') ?? '').split('\n').find((line) => line.split(':')[2] === String(uid));
  return row?.split(':')[0] ?? String(uid);
}

/** Epoch ms. The clock may be set later; then all starts move with it, as in `ps`. */
function bootTime(): number | null {
  const match = /^btime (\d+)$/m.exec(read('/proc/stat') ?? '');
  return match === null ? null : Number(match[1]) * 1000;
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

function ownerOf(pid: number): number | null {
  try {
    return statSync(`/proc/${pid}`).uid;
  } catch {
    // Gone in the meantime.
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
