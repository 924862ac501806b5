/** The machine's facts for checks, from the platform. It must not judge, nor send anything. */

import { lstat, open, stat } from 'node:fs/promises';
import type { MachineFacts, PathFact } from '../../audit/facts.ts';
import type { Platform } from '../../platform/platform.ts';

/** A look at all processes that is so old still serves, in ms. */
const FRESH_MS = 1000;

export function machineFacts(
  platform: Platform,
  home: string,
  project: MachineFacts['project'],
): MachineFacts {
  const uid = process.geteuid?.() ?? null;
  // Programs are asked for it: once for all checks.
  let asked: ReturnType<MachineFacts['firewalls']> | null = null;
  return {
    interfaces: () => platform.interfaces(),
    processes: () =>
      [...platform.processes(FRESH_MS).values()].map(({ pid, parent }) => {
        const details = platform.details(pid);
        return { pid, parent, uid: details?.uid ?? null, command: details?.command ?? [] };
      }),
    connections: () => connections(platform),
    unixSockets: () => unixSockets(platform),
    firewalls: () => {
      asked ??= firewalls(platform);
      return asked;
    },
    containers: async () => (await platform.containers()).containers,
    path: pathFact,
    readFile: readBeginning,
    user: {
      name: platform.userName(uid ?? -1),
      uid,
      groups: process.getgroups?.() ?? [],
      home,
    },
    time: Date.now,
    project,
  };
}

async function firewalls(platform: Platform): ReturnType<MachineFacts['firewalls']> {
  const found = await (await platform.health()).firewall();
  return found.map(({ name, state, refusesIncoming, why }) => ({ name, state, refusesIncoming, why }));
}

function connections(platform: Platform): ReturnType<MachineFacts['connections']> {
  const sockets = platform.sockets('all').sockets.filter(({ protocol }) => protocol === 'tcp');
  const { byInode } = platform.holders(new Set(sockets.map(({ inode }) => inode)));
  return sockets.flatMap(({ state, local, remote, inode }) =>
    state === 'listen' || remote === null ? [] : [{ state, local, remote, pids: byInode.get(inode) ?? [] }],
  );
}

function unixSockets(platform: Platform): ReturnType<MachineFacts['unixSockets']> {
  const { sockets } = platform.unixSockets();
  const { byInode } = platform.holders(new Set(sockets.map(({ inode }) => inode)));
  return sockets.flatMap(({ path, listening, inode }) =>
    listening && path?.startsWith('/') === true ? [{ path, pids: byInode.get(inode) ?? [] }] : [],
  );
}

export async function pathFact(path: string): Promise<PathFact | null> {
  try {
    const facts = await lstat(path);
    const kind = facts.isDirectory()
      ? 'directory'
      : facts.isFile()
        ? 'file'
        : facts.isSocket()
          ? 'socket'
          : facts.isSymbolicLink()
            ? 'link'
            : 'other';
    return { kind, mode: facts.mode & 0o7777, uid: facts.uid, gid: facts.gid };
  } catch {
    // Not there, or in a directory that is closed to us: for a check both are nothing to look at.
    return null;
  }
}

export async function readBeginning(path: string, mostBytes: number): Promise<Buffer | null> {
  try {
    // What is no regular file may never end, or hold up whoever opens it.
    if (!(await stat(path)).isFile()) return null;
    const file = await open(path, 'r');
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(mostBytes), 0, mostBytes, 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  } catch {
    // As above.
    return null;
  }
}
