/** Turns the service names of a request into names that exist. Pure. */

import type { EnvironmentState } from '../core/environment.ts';
import { LoopyardError } from '../core/errors.ts';
import { suggest } from '../core/suggest.ts';

/** Empty means all. Errors: SERVICE_UNKNOWN. */
export function checkServices(
  environment: { readonly state: EnvironmentState },
  names: readonly string[],
): readonly string[] {
  const known = [...environment.state.services.keys()];
  if (names.length === 0) return known;
  for (const name of names) {
    if (environment.state.services.has(name)) continue;
    const near = suggest(name, known);
    const fix = near === undefined ? `the services are: ${known.join(', ')}` : `did you mean \`${near}\`?`;
    throw new LoopyardError('SERVICE_UNKNOWN', { service: name, fix });
  }
  return [...new Set(names)];
}
