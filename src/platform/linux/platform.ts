/** The platform interface on Linux. */

import { execFile } from 'node:child_process';
import { createServer } from 'node:net';
import { homedir, hostname } from 'node:os';
import { tryBind, tryListen } from '../bind.ts';
import { lookUp } from '../look-up.ts';
import type { Claim, Platform, ProcessFacts } from '../platform.ts';
import { sendSignal } from '../signals.ts';
import { readBlindSpots } from './blind-spots.ts';
import { ProcessBook } from './describe.ts';
import { HolderIndex } from './holders.ts';
import { readInterfaces } from './interfaces.ts';
import { readHostsFile, readNameSources } from './names.ts';
import { readNamespaces, readOtherNetworks, readPortRanges } from './network.ts';
import { bootId, readDetails, readMarks, readProcess, readProcesses } from './processes.ts';
import { OWN_NETWORK, readSockets, readUnixSockets } from './socket-tables.ts';
import { readSocketUnits } from './socket-units.ts';
import { readListeners, readOwners } from './sockets.ts';
import { readUnlisted } from './unlisted.ts';

export function linuxPlatform(): Platform {
  const index = new HolderIndex();
  const book = new ProcessBook((pid) => index.stamp(pid));
  let boot: string | undefined;
  let snapshot: { readonly at: number; readonly processes: ReadonlyMap<number, ProcessFacts> } | null = null;
  return {
    name: 'linux',
    bootId: () => {
      boot ??= bootId();
      return boot;
    },
    processes(maxAgeMs) {
      const now = performance.now();
      if (snapshot === null || now - snapshot.at > maxAgeMs)
        snapshot = { at: now, processes: readProcesses() };
      return snapshot.processes;
    },
    process: readProcess,
    details: readDetails,
    marked: readMarks,
    listeners: () => readListeners(),
    owners: readOwners,
    tryBind,
    tryListen,
    sockets: (selection, of) => readSockets(of === undefined ? OWN_NETWORK : `/proc/${of}/net`, selection),
    unixSockets: () => readUnixSockets(),
    holders: (inodes) => index.holders(inodes),
    unlistedSockets: () => readUnlisted(index),
    describeProcess: (pid) => book.describe(pid),
    interfaces: readInterfaces,
    portRanges: readPortRanges,
    namespaces: readNamespaces,
    otherNetworkNamespaces: readOtherNetworks,
    blindSpots: readBlindSpots,
    containers: async () => (await import('./containers.ts')).readContainers(process.env),
    socketUnits: () => readSocketUnits(homedir()),
    hostsFile: readHostsFile,
    nameSources: readNameSources,
    hostName: hostname,
    lookUp,
    userName: (uid) => book.userName(uid),
    signal: (pid, signal) => sendSignal(pid, signal),
    signalGroup: (group, signal) => sendSignal(-group, signal),
    punchHole,
    health: async () => {
      const { linuxHealth } = await import('./doctor-health.ts');
      return linuxHealth({
        unixSockets: () => readUnixSockets(),
        holders: (inodes) => index.holders(inodes),
        punchHole,
        bootId,
      });
    },
    lowPorts: async () => (await import('./low-ports.ts')).linuxLowPorts(),
    hostsBlock: async () => (await import('./hosts-block.ts')).linuxHostsBlock(),
    trust: async () => (await import('./trust-stores.ts')).linuxTrust(),
    claim,
  };
}

/** Through util-linux, which every Linux with `setsid` has: Node offers no fallocate(2). */
function punchHole(file: string, from: number, to: number): Promise<boolean> {
  const range = ['--offset', String(from), '--length', String(to - from)];
  return new Promise((resolve) => {
    execFile('fallocate', ['--punch-hole', '--keep-size', ...range, file], (error) =>
      resolve(error === null),
    );
  });
}

/**
 * A name in the abstract socket namespace (unix(7)): shared by all users of this network namespace, as the loopback addresses
 * are, and freed by the kernel when the holder ends in any way.
 */
function claim(name: string): Promise<Claim | null> {
  return new Promise((resolve, reject) => {
    const server = createServer((connection) => connection.destroy());
    server.unref();
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(null);
      else reject(error);
    });
    server.listen(`\0loopyard/${name}`, () => resolve({ name, release: () => server.close() }));
  });
}
