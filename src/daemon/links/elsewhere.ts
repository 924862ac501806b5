/** Where a service of another environment is reached now. Pure. */

import type { LinkPlace } from '../../core/link.ts';
import type { EnvironmentStatus } from '../../core/status.ts';
import type { ExternalService } from '../environment-tools.ts';

interface Elsewhere {
  status(): EnvironmentStatus;
}

/** By the environment's name, else by its id. */
export function placeElsewhere(
  environments: readonly Elsewhere[],
  { environment: wanted, service, endpoint }: ExternalService,
): LinkPlace | null {
  const all = environments.map((one) => one.status());
  const found =
    all.find(({ environment }) => environment.name === wanted) ??
    all.find(({ environment }) => environment.id === wanted);
  const status = found?.services.find(({ name }) => name === service);
  if (status === undefined || status.pid === null) return null;
  const place = status.endpoints.find(({ name }) => endpoint === null || name === endpoint);
  return place === undefined ? null : { address: place.address, port: place.port };
}
