/**
 * Sockets that processes hold and that stand in no table of the kernel: bound without listening, or not even bound. Found by
 * elimination, so these are candidates.
 *
 * The kernel counts the TCP sockets that exist and those that stand in its tables (/proc/net/sockstat). Where the counts are equal
 * nobody can have bound a TCP port without listening, and there are no candidates. Where they differ, sockets of families without a
 * table (vsock, AF_ALG, XDP, kcm, TIPC), UDP and SCTP sockets that were never bound, and TCP connections that ended before their
 * program closed them cannot be told from a bound one.
 */

import { readFileSync } from 'node:fs';
import { withoutStacks } from './descriptors.ts';
import type { HolderIndex } from './holders.ts';
import { readLines } from './lines.ts';
import { networkOf, readNamespaces, readOtherNetworks } from './network.ts';
import { OWN_NETWORK } from './socket-tables.ts';

/** Table -> the field of its rows that is the inode: all of proc_net(5), SCTP's and those of Bluetooth. */
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
  'sctp/eps': 7,
  'sctp/assocs': 10,
  hci: 5,
  l2cap: 5,
  rfcomm: 5,
  sco: 5,
  iso: 5,
  bnep: 5,
  hidp: 5,
  cmtp: 5,
};

const MOST_COUNTS = 3;

/** Inode -> its holders. */
export function readUnlisted(index: HolderIndex): ReadonlyMap<number, readonly number[]> {
  const others = readOtherNetworks().namespaces.map(({ pids }) => `/proc/${pids[0]}/net`);
  if (isEverySocketListed([OWN_NETWORK, ...others])) return new Map();
  const held = new Map(index.everything());
  // The tables are read after the processes: a socket that began to listen in between is in them.
  strike(held, OWN_NETWORK);
  keepOwnNetwork(held);
  // Whoever lives in our network may still hold sockets of another one.
  for (const directory of held.size === 0 ? [] : others) strike(held, directory);
  // One that was closed in the meantime is none.
  return index.holders(new Set(held.keys())).byInode;
}

/** Of TCP. False where something moved while it was counted: then it is not known. `directories`: those of all networks that are seen. */
export function isEverySocketListed(directories: readonly string[]): boolean {
  for (let count = 0; count < MOST_COUNTS; count += 1) {
    const [before, after] = [countTcp(directories), countTcp(directories)];
    if (before === null || after === null) return false;
    if (before.existing === after.existing && before.listed === after.listed)
      return before.existing === before.listed;
  }
  return false;
}

interface TcpCount {
  /** On the whole machine. */
  readonly existing: number;
  /** In the tables of these network namespaces. */
  readonly listed: number;
}

function countTcp(directories: readonly string[]): TcpCount | null {
  let existing: number | null = null;
  let listed = 0;
  for (const directory of directories) {
    const row = /^TCP: inuse (\d+) .*\balloc (\d+)/m.exec(read(`${directory}/sockstat`));
    if (row === null) return null;
    existing ??= Number(row[2]);
    listed += Number(row[1]) + Number(/^TCP6: inuse (\d+)/m.exec(read(`${directory}/sockstat6`))?.[1] ?? 0);
  }
  return existing === null ? null : { existing, listed };
}

function strike(held: Map<number, readonly number[]>, directory: string): void {
  // A kernel without this protocol has no such table.
  for (const [name, field] of Object.entries(TABLES))
    readLines(`${directory}/${name}`, (bytes, from, to) => {
      held.delete(Number(bytes.toString('latin1', from, to).trim().split(/\s+/)[field]));
      return held.size > 0;
    });
}

/** A socket is of the network in which it was made, which is nearly always that of its holders. */
function keepOwnNetwork(held: Map<number, readonly number[]>): void {
  const { network: own } = readNamespaces();
  const known = new Map<number, boolean>();
  const isForeign = (pid: number): boolean => {
    let foreign = known.get(pid);
    if (foreign === undefined) {
      const network = networkOf(pid);
      foreign = network !== null && network !== 'closed' && network !== own;
      known.set(pid, foreign);
    }
    return foreign;
  };
  withoutStacks(() => {
    for (const [inode, pids] of held) if (pids.every(isForeign)) held.delete(inode);
  });
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // No IPv6, or the process is gone.
    return '';
  }
}
