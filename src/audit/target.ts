/**
 * One listener that is looked at, with all that is known about it without sending anything. It must not know how listeners are found.
 */

import type { AuditTarget, ConfigPlace } from '../core/audit.ts';
import type { ListenerDocument } from '../core/inspection.ts';

export interface Target {
  /** `api`, `api/metrics`, `node:3000`; the same in each run. */
  readonly name: string;
  readonly transport: 'tcp' | 'udp';
  /** The loopback literal that probes dial; null: it listens on none. */
  readonly address: string | null;
  readonly port: number;
  /** `localhost:3000`: what an honest client of this machine would send as Host. */
  readonly authority: string;
  /** The host name of `authority`, for TLS by name; null: it is an address or `localhost`. */
  readonly serverName: string | null;
  /** The sockets of one server: a wildcard's, or both families'. Never empty. */
  readonly listeners: readonly ListenerDocument[];
  /** Addresses of this machine, other than loopback, that lead to it. */
  readonly reachableAt: readonly string[];
  readonly service: {
    readonly name: string;
    /** Null: a listener that the service did not declare. */
    readonly endpoint: string | null;
    readonly project: string;
    /** The recipe that it uses; null: a command of its own. */
    readonly recipe: string | null;
  } | null;
  readonly place: ConfigPlace | null;
  /** Of HTTP servers: where an honest GET may find something. The first is `/`; then what the config's `ready:` asks for. */
  readonly paths: readonly string[];
  /** Of HTTP servers: paths to which the config lets a POST be sent that may change something. */
  readonly csrfPaths: readonly string[];
}

export function isReachableFromNetwork(target: Target): boolean {
  return target.reachableAt.length > 0;
}

export function targetDocument(target: Target): AuditTarget {
  const [first] = target.listeners;
  const owner = ownerOf(target);
  return {
    name: target.name,
    protocol: target.transport,
    address: first?.address ?? target.address,
    port: target.port,
    service: target.service?.name ?? null,
    project: target.service?.project ?? null,
    pid: owner?.pid ?? null,
    process: owner?.name ?? null,
    place: target.place,
  };
}

/** For findings that are about no listener. */
export function otherDocument(name: string): AuditTarget {
  const nothing = { address: null, port: null, service: null, project: null, pid: null, process: null };
  return { name, protocol: null, ...nothing, place: null };
}

/** The process that serves: the youngest holder, since elders only pass the socket on. */
export function ownerOf(target: Target): ListenerDocument['owners'][number] | null {
  return target.listeners.flatMap(({ owners }) => owners).at(-1) ?? null;
}

/** `127.0.0.1:3000`, `[::1]:3000` */
export function placeText(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
