/**
 * Systems without an implementation, and what macOS and Windows have none for. What is the same on every system works (signals,
 * trying an address); everything else says that it is not there. It must not pretend.
 */

import { hostname } from 'node:os';
import { LoopyardError } from '../core/errors.ts';
import { tryBind, tryListen } from './bind.ts';
import { lookUp } from './look-up.ts';
import type { Platform } from './platform.ts';
import { sendSignal } from './signals.ts';

/** Errors of most verbs: PLATFORM_UNSUPPORTED. */
export function unsupportedPlatform(name: string): Platform {
  const missing = (what: string) => (): never => {
    throw new LoopyardError('PLATFORM_UNSUPPORTED', { what, platform: name });
  };
  return {
    name: name === 'darwin' || name === 'win32' ? name : 'other',
    bootId: () => '',
    processes: missing('listing processes'),
    process: missing('looking at processes'),
    details: missing('looking at processes'),
    marked: missing('looking into the environment of processes'),
    listeners: missing('listing listeners'),
    owners: missing('finding the owner of a port'),
    tryBind,
    tryListen,
    sockets: missing('listing sockets'),
    unixSockets: missing('listing sockets'),
    holders: missing('finding the owner of a socket'),
    unlistedSockets: missing('finding the owner of a socket'),
    describeProcess: missing('looking at processes'),
    userName: String,
    interfaces: missing('listing interfaces'),
    portRanges: missing('reading the port ranges'),
    namespaces: () => ({ network: null, processes: null }),
    otherNetworkNamespaces: () => ({ namespaces: [], gaps: [] }),
    blindSpots: () => [],
    containers: () => Promise.resolve({ containers: [], gaps: [] }),
    socketUnits: () => [],
    hostsFile: missing('reading the hosts file'),
    nameSources: () => null,
    hostName: hostname,
    lookUp,
    signal: (pid, signal) => sendSignal(pid, signal),
    signalGroup: (group, signal) => sendSignal(-group, signal),
    punchHole: () => Promise.resolve(false),
    health: async () => (await import('./unsupported-health.ts')).unsupportedHealth(name, missing),
    hostsBlock: missing('lines in the hosts file'),
    lowPorts: missing('listening on low ports'),
    trust: missing('making a certificate known'),
    claim: missing('running services'),
  };
}
