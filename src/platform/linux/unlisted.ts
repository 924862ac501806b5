/** Sockets that processes hold and that stand in no table of the kernel: bound without listening, or not even bound. */

import { readFileSync } from 'node:fs';
import { socketsOf } from './holders.ts';
import { newestFirst } from './sockets.ts';

/** Table -> the field of its rows that is the inode; all of proc_net(5) that have one. */
const TABLES: Readonly<Record<string, number>> = {
  tcp: 9,
  tcp6: 9,
  udp: 9,
  udp6: 9,
  udplite: 9,
  udplite6: 9,
  raw: 9,
  raw6: 9,
  icmp: 9,
  icmp6: 9,
  unix: 6,
  packet: 8,
  netlink: 9,
};

export function readUnlisted(): ReadonlyMap<number, readonly number[]> {
  const held = new Map<number, number[]>();
  for (const pid of newestFirst())
    for (const inode of socketsOf(pid) ?? []) held.set(inode, [...(held.get(inode) ?? []), pid]);
  // The tables are read after the processes: a socket that began to listen in between is in them.
  for (const inode of listedInodes()) held.delete(inode);
  return held;
}

function* listedInodes(): Generator<number> {
  for (const [name, field] of Object.entries(TABLES))
    for (const row of read(`/proc/net/${name}`).split('\n').slice(1))
      yield Number(row.trim().split(/\s+/)[field]);
}

function read(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    // A kernel without this protocol.
    return '';
  }
}
