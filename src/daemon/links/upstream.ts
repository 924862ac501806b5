/** Where a link leads, from the life of its service and what is known of where that listens. Pure. */

import type { ServiceLife } from '../../core/lifecycle.ts';
import type { LinkPlace } from '../../core/link.ts';
import type { LinkSpec } from '../../core/links.ts';
import { dialable } from '../listening.ts';
import type { ServiceRuntime } from '../runtime.ts';

/** Null: there is nobody to lead to, and a listener of ours could take the port from one that comes. */
export function upstreamOf(spec: LinkSpec, { life }: ServiceLife, runtime: ServiceRuntime): LinkPlace | null {
  switch (life.state) {
    case 'ready':
    case 'running':
    // It did not prove itself in time, or is on its way out: what answers still is led to.
    case 'unready':
    case 'stopping':
      return placeOf(spec, runtime);
    case 'starting':
      return spec.until === 'started' ? placeOf(spec, runtime) : null;
    default:
      return null;
  }
}

/**
 * The usual port is, or may come to be, taken on every address: by the service itself, by whoever made it move, or by a service that
 * has still to show where it listens.
 */
export function wantsLeasedPort(spec: LinkSpec, runtime: ServiceRuntime): boolean {
  const found = ownOf(runtime.listening, spec.endpoint);
  return spec.until === 'started' || runtime.placement?.strategy === 'port' || found?.kind === 'wide';
}

function placeOf(spec: LinkSpec, { placement, listening }: ServiceRuntime): LinkPlace | null {
  if (placement === null) return null;
  const found = ownOf(listening, spec.endpoint);
  if (found?.kind === 'elsewhere')
    return { address: dialable(found.address, placement.host), port: found.port };
  return { address: placement.host, port: ownOf(placement.ports, spec.endpoint) ?? spec.port };
}

/** `constructor` is a name like any other. */
function ownOf<T>(record: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}
