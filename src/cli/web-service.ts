/** Which service a browser is meant to see: the named one, or the first that speaks HTTP. It must not know commands. */

import { LoopyardError } from '../core/errors.ts';
import type { EndpointStatus, EnvironmentStatus, ServiceStatus } from '../core/status.ts';
import { suggest } from '../core/suggest.ts';

export interface WebService {
  readonly service: ServiceStatus;
  readonly endpoint: EndpointStatus;
}

/** Errors: SERVICE_UNKNOWN, NO_ENDPOINT. */
export function webService(status: EnvironmentStatus, name: string | undefined): WebService {
  const candidates = status.services.filter((service) => name === undefined || service.name === name);
  if (name !== undefined && candidates.length === 0) {
    const names = status.services.map((service) => service.name);
    const near = suggest(name, names);
    const fix = near === undefined ? `the services are: ${names.join(', ')}` : `did you mean \`${near}\`?`;
    throw new LoopyardError('SERVICE_UNKNOWN', { service: name, fix });
  }
  for (const service of candidates) {
    // A browser is nobody declared.
    if (service.access !== undefined) continue;
    const endpoint = service.endpoints.find(({ protocol }) => protocol === 'http' || protocol === 'https');
    if (endpoint !== undefined) return { service, endpoint };
  }
  const [only] = candidates;
  const fix =
    name === undefined || only === undefined
      ? '`lo ps` tells where each service is; one with a `port:` in loopyard.yaml can be opened'
      : fixFor(only);
  throw new LoopyardError('NO_ENDPOINT', { service: name ?? status.project, what: 'http', fix });
}

/** A browser has no use for a database, but its own client has. */
function fixFor({ name, access, endpoints: [endpoint] }: ServiceStatus): string {
  if (access !== undefined)
    return `${name} has \`access: declared\`, and a browser is none of its callers; \`lo exec ${name} -- COMMAND\` starts one that is`;
  if (endpoint === undefined) return `give it a \`port:\` in loopyard.yaml`;
  return `it speaks ${endpoint.protocol} at ${endpoint.address}:${endpoint.port}; a recipe's own client opens with \`lo connect ${name}\``;
}
