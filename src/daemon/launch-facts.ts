/** What a launch of a service is planned from, its placement apart. It must not start anything. */

import type { LinkPlace } from '../core/link.ts';
import { externalEndpoint } from '../core/links.ts';
import type { External, Service } from '../core/model.ts';
import { type Described, placeOf, plainUrl } from './describe.ts';
import type { EnvironmentTools } from './environment-tools.ts';
import type { LaunchRequest } from './launch.ts';
import type { ServicePlace } from './variables.ts';

export interface LaunchHost {
  readonly tools: Pick<EnvironmentTools, 'recipes' | 'distDir' | 'authority'>;
  readonly described: Described;
  readonly caller: Readonly<Record<string, string>>;
  readonly links: {
    placeOf(from: string, to: string, endpoint: string): LinkPlace | null;
    externalPlace(external: External): LinkPlace | null;
  };
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
      if (target === undefined) return externalPlaces(environment, service.name, need.service);
      return [placeOf(described, target, (endpoint) => links.placeOf(service.name, target.name, endpoint))];
    }),
    dataDir: service.data ?? paths.data(service.name),
    filesDir: paths.runFiles(service.name),
    recipes: tools.recipes,
    distDir: tools.distDir,
    extraCertificates: tools.authority.extra,
  };
}

/** Told the link, or with `direct: true` the place itself; a service of another environment that is not up has none yet. */
function externalPlaces(host: LaunchHost, from: string, name: string): readonly ServicePlace[] {
  const external = host.described.project.externals?.find((one) => one.name === name);
  if (external === undefined) return [];
  const endpoint = externalEndpoint(external);
  const place = host.links.placeOf(from, name, endpoint.name) ?? host.links.externalPlace(external);
  if (place === null) return [];
  const { address: dialled, port } = place;
  const url = plainUrl(endpoint, dialled, port);
  return [{ service: name, endpoints: [{ ...endpoint, host: dialled, port, url }] }];
}
