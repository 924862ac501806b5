/**
 * Ways in which this process is kept from seeing others, known before looking. Which processes stay closed when they are looked at is
 * told by `holders.ts`.
 */

import { readFileSync, readlinkSync } from 'node:fs';
import type { Gap } from '../facts.ts';

/** The first namespaces have these numbers on every Linux (include/linux/proc_ns.h). */
const FIRST_PIDS = 'pid:[4026531836]';
const FIRST_USERS = 'user:[4026531837]';

/** include/uapi/linux/capability.h */
const DAC_OVERRIDE = 1n;
const DAC_READ_SEARCH = 2n;
const SYS_PTRACE = 19n;

const OTHERS = "sockets of other users' processes";

/** What decides it, as /proc tells it. */
export interface Sight {
  readonly uid: number;
  /** All groups of the caller. */
  readonly groups: readonly number[];
  /** Bits of capabilities(7) in effect. */
  readonly capabilities: bigint;
  /** /proc/self/mounts */
  readonly mounts: string;
  readonly userNamespace: string | null;
  readonly pidNamespace: string | null;
  /** Own number, as the process and as /proc knows it. */
  readonly pid: number;
  readonly pidInProc: string | null;
}

export function readBlindSpots(): readonly Gap[] {
  const status = read('/proc/self/status');
  const [, capabilities = '0'] = /^CapEff:\s*([0-9a-f]+)$/m.exec(status) ?? [];
  return blindSpots({
    uid: process.geteuid?.() ?? 0,
    groups: [...(process.getgroups?.() ?? []), process.getegid?.() ?? 0],
    capabilities: BigInt(`0x${capabilities}`),
    mounts: read('/proc/self/mounts'),
    userNamespace: link('/proc/self/ns/user'),
    pidNamespace: link('/proc/self/ns/pid'),
    pid: process.pid,
    pidInProc: link('/proc/self'),
  });
}

export function blindSpots(sight: Sight): readonly Gap[] {
  return [...ofRights(sight), ...ofMount(sight), ...ofNamespaces(sight)];
}

/** Descriptors of others: ptrace(2), "access mode checking", and the mode of their directory. */
function ofRights({ uid, capabilities }: Sight): readonly Gap[] {
  if (
    has(capabilities, SYS_PTRACE) &&
    (has(capabilities, DAC_OVERRIDE) || has(capabilities, DAC_READ_SEARCH))
  )
    return [];
  const why =
    uid === 0
      ? 'root lacks the capability CAP_SYS_PTRACE or CAP_DAC_READ_SEARCH here, as in most containers'
      : 'the system shows them to root only';
  return [{ what: OTHERS, why }];
}

/** Source: Documentation/filesystems/proc.rst, "Mount Options". */
function ofMount({ groups, capabilities, mounts }: Sight): readonly Gap[] {
  // The last one mounted there hides the others.
  const options = [...mounts.matchAll(/^\S+ \/proc proc (\S+)/gm)].at(-1)?.[1]?.split(',') ?? [];
  const option = (name: string): string | undefined =>
    options.find((one) => one.startsWith(`${name}=`))?.slice(name.length + 1);
  const gaps: Gap[] = [];
  const hidden = option('hidepid') ?? '0';
  const seesAll = has(capabilities, SYS_PTRACE);
  // Members of the mount's group see everything, except where only those are shown that may be traced.
  const isMember = groups.includes(Number(option('gid') ?? 0)) && !['4', 'ptraceable'].includes(hidden);
  if (!['0', 'off'].includes(hidden) && !seesAll && !isMember)
    gaps.push({ what: "other users' processes", why: `/proc is mounted with hidepid=${hidden}` });
  if (option('subset') === 'pid')
    gaps.push({ what: 'port ranges and start times', why: '/proc is mounted with subset=pid' });
  return gaps;
}

function ofNamespaces({ userNamespace, pidNamespace, pid, pidInProc }: Sight): readonly Gap[] {
  const gaps: Gap[] = [];
  if (pidNamespace !== null && pidNamespace !== FIRST_PIDS)
    gaps.push({ what: 'processes outside this container', why: 'this is a pid namespace of its own' });
  if (userNamespace !== null && userNamespace !== FIRST_USERS)
    gaps.push({
      what: 'sockets of processes outside this user namespace',
      why: 'root in here has no rights over them',
    });
  if (pidInProc !== null && pidInProc !== String(pid))
    gaps.push({
      what: 'processes by number',
      why: '/proc belongs to another pid namespace than this process: its numbers mean other processes here',
    });
  return gaps;
}

function has(capabilities: bigint, bit: bigint): boolean {
  return ((capabilities >> bit) & 1n) === 1n;
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // Without /proc nothing else works either, and says so.
    return '';
  }
}

function link(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch {
    // A kernel without namespaces, or no /proc.
    return null;
  }
}
