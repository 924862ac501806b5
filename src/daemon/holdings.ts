/** What the environments of this daemon hold: makes a listener that the inspector sees a service's. It must not look at the machine. */

import type { Holding } from '../core/inspection.ts';
import type { Environment } from './environment.ts';

export function holdingsOf(environments: readonly Environment[]): readonly Holding[] {
  return environments.flatMap((environment) => {
    const { environment: ref, project, services } = environment.status();
    return services.map(
      ({ name, state, pid, endpoints }): Holding => ({
        environment: ref,
        project,
        service: name,
        state,
        pid,
        endpoints: endpoints.map(({ name, address, port, listens }) => ({
          name,
          ...(listens ?? { address, port }),
        })),
      }),
    );
  });
}
