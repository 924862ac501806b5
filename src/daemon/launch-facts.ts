/** What a launch of a service is planned from, its placement apart. It must not start anything. */

import type { LinkPlace } from '../core/link.ts';
import type { Service } from '../core/model.ts';
import { type Described, placeOf } from './describe.ts';
import type { EnvironmentTools } from './environment-tools.ts';
import type { LaunchRequest } from './launch.ts';

export interface LaunchHost {
  readonly tools: Pick<EnvironmentTools, 'recipes' | 'distDir' | 'authority'>;
  readonly described: Described;
  readonly caller: Readonly<Record<string, string>>;
  readonly links: { placeOf(from: string, to: string, endpoint: string): LinkPlace | null };
  service(name: string): Service | undefined;
}

export function launchFacts(environment: LaunchHost, service: Service): Omit<LaunchRequest, 'placement'> {
  const { described, tools, links } = environment;
  const { paths, project, ref } = described;
  return {
    service,
    projectRoot: project.root,
    environment: ref.id,
    caller: environment.caller,
    needs: service.needs.flatMap((need) => {
      const target = environment.service(need.service);
      if (target === undefined) return [];
      return [placeOf(described, target, (endpoint) => links.placeOf(service.name, target.name, endpoint))];
    }),
    dataDir: service.data ?? paths.data(service.name),
    filesDir: paths.runFiles(service.name),
    recipes: tools.recipes,
    distDir: tools.distDir,
    extraCertificates: tools.authority.extra,
  };
}
