/** What `lo ports --all` shows beside listeners: unix sockets, connections, other network namespaces. */

import type { PortsRequest } from '../../core/api.ts';
import type {
  ConnectionDocument,
  NamespaceDocument,
  UnixSocketDocument,
  Unseen,
} from '../../core/inspection.ts';
import type { Gap, Holders, SocketFacts, UnixSocketFacts } from '../../platform/facts.ts';
import type { Look } from '../look.ts';
import { nameContainers } from './container-names.ts';
import {
  isConnectionMeant,
  isListenerMeant,
  isNamespaceMeant,
  isSocketMeant,
  isUnixSocketMeant,
} from './filter.ts';
import { programName } from './program.ts';

export interface Everything {
  readonly unix: readonly UnixSocketDocument[];
  readonly connections: readonly ConnectionDocument[];
  readonly namespaces: readonly NamespaceDocument[];
  readonly gaps: readonly Unseen[];
}

export async function everythingElse(look: Look, request: PortsRequest): Promise<Everything> {
  const { platform } = look;
  const unix = platform.unixSockets();
  const table = platform.sockets('all');
  const connected = table.sockets.filter((socket) => isConnection(socket) && touches(socket, request));
  const inodes = [...unix.sockets, ...connected].map(({ inode }) => inode);
  const holders = platform.holders(new Set(inodes));
  const namesOf = (pid: number): readonly string[] => namesOfProcess(look, pid);
  const elsewhere = await otherNamespaces(look, request);
  return {
    unix: unix.sockets
      .map((socket) => unixDocument(socket, holders))
      .filter((one) => isUnixSocketMeant(one, request, namesOf)),
    connections: connected
      .map((socket) => connectionDocument(socket, holders))
      .filter((one) => isConnectionMeant(one, request, namesOf))
      .sort((one, other) => one.local.port - other.local.port),
    namespaces: elsewhere.namespaces,
    // Gaps of the table of listeners were said with them.
    gaps: [...unix.gaps.map(withoutFix), ...elsewhere.gaps],
  };
}

function isConnection({ state }: SocketFacts): boolean {
  return state !== 'listen' && state !== 'bound';
}

/** Either end: on this machine both are often there. */
function touches({ local, remote }: SocketFacts, { port }: PortsRequest): boolean {
  return port === undefined || local.port === port || remote?.port === port;
}

function connectionDocument(
  { protocol, family, state, local, remote, inode }: SocketFacts,
  holders: Holders,
): ConnectionDocument {
  const pids = holders.byInode.get(inode) ?? [];
  const nowhere = { address: family === 4 ? '0.0.0.0' : '::', port: 0 };
  return { protocol, family, state, local, remote: remote ?? nowhere, pids };
}

function unixDocument(
  { path, type, listening, inode }: UnixSocketFacts,
  holders: Holders,
): UnixSocketDocument {
  return { path, type, listening, pids: holders.byInode.get(inode) ?? [] };
}

function namesOfProcess(look: Look, pid: number): readonly string[] {
  const process = look.process(pid);
  return process === null ? [] : [programName(process), ...process.command];
}

async function otherNamespaces(
  look: Look,
  request: PortsRequest,
): Promise<{ readonly namespaces: readonly NamespaceDocument[]; readonly gaps: readonly Unseen[] }> {
  const others = look.platform.otherNetworkNamespaces();
  const gaps: Unseen[] = others.gaps.map(withoutFix);
  const documents: NamespaceDocument[] = [];
  for (const { id, pids } of others.namespaces) {
    // One that ends while we look takes its view of the tables along; another of the same namespace has it too.
    const found = firstReadable(look, pids);
    if (found === null) {
      gaps.push({
        what: `network namespace ${id}`,
        why: 'its processes ended while they were looked at',
        fix: null,
      });
      continue;
    }
    const { pid, sockets } = found;
    const meant = sockets.filter((socket) => isSocketMeant(socket, request));
    const named = await nameContainers(look.platform, look.listenersElsewhere(meant));
    const listeners = named.listeners.filter((one) => isListenerMeant(one, request));
    gaps.push(...found.gaps.map((gap) => withoutFix({ ...gap, what: `${gap.what} of ${id}` })));
    const process = look.process(pid);
    documents.push({ id, pid, name: process === null ? '' : programName(process), listeners });
  }
  return { namespaces: documents.filter((one) => isNamespaceMeant(one, request)), gaps };
}

interface Readable {
  readonly pid: number;
  readonly sockets: readonly SocketFacts[];
  readonly gaps: readonly Gap[];
}

/** Eldest first: it made the namespace more often than its children did. */
function firstReadable(look: Look, pids: readonly number[]): Readable | null {
  for (const pid of [...pids].sort((one, other) => one - other)) {
    const { sockets, gaps } = look.platform.sockets('listening', pid);
    if (look.platform.process(pid) !== null) return { pid, sockets, gaps };
  }
  return null;
}

function withoutFix(gap: Gap): Unseen {
  return { ...gap, fix: null };
}
