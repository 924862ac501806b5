/** Ways in which this process is kept from seeing others. */

import { readFileSync, readlinkSync } from 'node:fs';
import type { Gap } from '../facts.ts';

/** The first pid namespace has this number on every Linux (include/linux/proc_ns.h). */
const FIRST_PID_NAMESPACE = 'pid:[4026531836]';

export function readBlindSpots(): readonly Gap[] {
  const gaps: Gap[] = [];
  const uid = process.getuid?.() ?? 0;
  if (uid !== 0) gaps.push({ what: "other users' processes", why: 'their sockets are shown to root only' });
  const hidden = /^proc \/proc proc \S*\bhidepid=(\w+)/m.exec(read('/proc/mounts'))?.[1];
  if (hidden !== undefined && hidden !== '0' && hidden !== 'off' && uid !== 0)
    gaps.push({ what: "other users' processes", why: `/proc is mounted with hidepid=${hidden}` });
  const own = link('/proc/self/ns/pid');
  if (own !== null && own !== FIRST_PID_NAMESPACE)
    gaps.push({ what: 'processes outside this container', why: 'this is a pid namespace of its own' });
  return gaps;
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
    // A kernel without namespaces.
    return null;
  }
}
