/**
 * Where one run of a service is told to listen: its own address and usual port, or a leased port when that cannot be had.
 * It must not know how the program is told, nor start anything.
 */

import { LoopyardError } from '../core/errors.ts';
import type { EndpointSpec, Service } from '../core/model.ts';
import type { Strategy, Warning } from '../core/status.ts';
import type { ListenerFacts, Platform } from '../platform/platform.ts';

export interface Placement {
  readonly strategy: Strategy;
  readonly host: string;
  /** By endpoint name. */
  readonly ports: Readonly<Record<string, number>>;
  readonly warnings: readonly Warning[];
}

export interface PlacementRequest {
  readonly service: Service;
  /** The leased loopback address, IPv4. */
  readonly address: string;
  /** The program was seen to ignore PORT: moving it to another port cannot work. */
  readonly ignoresPort: boolean;
}

export interface PlacementTools {
  readonly platform: Platform;
  leasePort(key: string): Promise<number>;
}

/** Errors: PORT_HELD, PORT_HELD_WIDE, ADDRESS_UNAVAILABLE, NO_ADDRESSES_LEFT. */
export async function place(request: PlacementRequest, tools: PlacementTools): Promise<Placement> {
  const { service, address } = request;
  const usual = atUsualPorts(service.endpoints, address);
  for (const endpoint of service.endpoints) {
    const answer = await tools.platform.tryBind(address, endpoint.port);
    if (answer.bindable) continue;
    return await atLeasedPorts(request, tools, obstacle(answer.code, request, endpoint, tools.platform));
  }
  return usual;
}

export function atUsualPorts(endpoints: readonly EndpointSpec[], host: string): Placement {
  return {
    strategy: 'address',
    host,
    ports: Object.fromEntries(endpoints.map((endpoint) => [endpoint.name, endpoint.port])),
    warnings: [],
  };
}

/** Why the usual port cannot be had: a reason to move, with what to tell; or an error, when moving is no answer. */
type Obstacle = { readonly warning: Warning | null } | { readonly error: LoopyardError };

function obstacle(
  code: string,
  request: PlacementRequest,
  endpoint: EndpointSpec,
  platform: Platform,
): Obstacle {
  const { service, address } = request;
  switch (code) {
    case 'EADDRINUSE':
      return held(request, endpoint, platform);
    case 'EADDRNOTAVAIL':
      // A machine that answers on 127.0.0.1 alone: the `port` strategy is its usual way, nothing to warn of.
      return { warning: null };
    case 'EACCES':
      return {
        warning: {
          code: 'PORT_LEASED',
          text: `port ${endpoint.port} needs a privilege here, so ${service.name} was given a leased one`,
          fix: `use a port of 1024 or above, or allow low ports: sysctl net.ipv4.ip_unprivileged_port_start=${endpoint.port}`,
        },
      };
    default:
      return { error: new LoopyardError('ADDRESS_UNAVAILABLE', { address, reason: code }) };
  }
}

function held(request: PlacementRequest, endpoint: EndpointSpec, platform: Platform): Obstacle {
  const { service, address } = request;
  const holders = holdersOf(platform, address, endpoint.port);
  const wide = holders.find((holder) => isWildcard(holder.listener.address));
  if (wide === undefined) {
    const holder = holders[0]?.words ?? 'a socket that is bound but does not listen';
    const pid = holders[0]?.pid ?? null;
    const fix =
      pid === null
        ? 'find it with `ss -tlnp`, stop it, then try again'
        : `stop it (kill ${pid}), then \`lo start ${service.name}\``;
    return {
      error: new LoopyardError('PORT_HELD', {
        service: service.name,
        address,
        port: endpoint.port,
        holder,
        fix,
      }),
    };
  }
  const details = {
    service: service.name,
    port: endpoint.port,
    holder: wide.words,
    wildcard: wildcardWords(wide.listener),
  };
  const error = new LoopyardError('PORT_HELD_WIDE', details);
  if (request.ignoresPort) return { error };
  return {
    warning: { code: 'PORT_HELD_WIDE', text: `${error.message}; moved to a leased port`, fix: error.hint },
  };
}

async function atLeasedPorts(
  request: PlacementRequest,
  tools: PlacementTools,
  why: Obstacle,
): Promise<Placement> {
  if ('error' in why) throw why.error;
  const ports: Record<string, number> = {};
  for (const endpoint of request.service.endpoints) {
    ports[endpoint.name] = await tools.leasePort(`${request.service.name}/${endpoint.name}`);
  }
  return { strategy: 'port', host: '127.0.0.1', ports, warnings: why.warning === null ? [] : [why.warning] };
}

interface Holder {
  readonly listener: ListenerFacts;
  readonly pid: number | null;
  /** `node (pid 4242, in /home/me/shop)`, or what is known when the owner cannot be seen. */
  readonly words: string;
}

/** Who stands in the way of `address:port`: listeners there and on the wildcards, with their owners in words. */
function holdersOf(platform: Platform, address: string, port: number): readonly Holder[] {
  const listeners = platform
    .listeners()
    .filter((one) => one.port === port && one.protocol === 'tcp')
    // Java listens on IPv4 through an IPv6 socket: `::ffff:127.64.0.1`.
    .filter((one) => one.address.replace(/^::ffff:/, '') === address || isWildcard(one.address));
  const owners = platform.owners(new Set(listeners.map((listener) => listener.inode)));
  return listeners.map((listener) => {
    const pid = owners.get(listener.inode)?.[0] ?? null;
    return { listener, pid, words: ownerWords(platform, listener, pid) };
  });
}

function ownerWords(platform: Platform, listener: ListenerFacts, pid: number | null): string {
  if (pid === null) return `a program of user ${listener.uid} that cannot be seen from here`;
  const details = platform.details(pid);
  const name = (details?.command[0] ?? 'a program').split('/').pop();
  return details?.cwd == null ? `${name} (pid ${pid})` : `${name} (pid ${pid}, in ${details.cwd})`;
}

function isWildcard(address: string): boolean {
  return address === '0.0.0.0' || address === '::' || address === '::ffff:0.0.0.0';
}

function wildcardWords(listener: ListenerFacts): string {
  return listener.family === 6 ? `[::]:${listener.port}` : `0.0.0.0:${listener.port}`;
}
