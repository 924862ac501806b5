/** An environment as it is kept on disk. Pure; it must not write. */

import type { EnvironmentLease } from '../core/leases.ts';
import type { ServiceLife } from '../core/lifecycle.ts';
import type { LinkRecord } from './links/record.ts';
import type { EnvironmentDocument, ServiceRuntime } from './runtime.ts';

interface Documented extends Pick<EnvironmentDocument, 'ref' | 'project' | 'caller' | 'owner'> {
  readonly tools: { readonly platform: { bootId(): string } };
  readonly lease: EnvironmentLease;
  readonly links: { readonly record: LinkRecord };
  life(name: string): ServiceLife;
  runtime(name: string): ServiceRuntime;
}

export function documentOf(environment: Documented): EnvironmentDocument {
  const { ref, project, caller, owner, lease } = environment;
  const services = Object.fromEntries(
    project.services.map(({ name }) => [
      name,
      { life: environment.life(name), runtime: environment.runtime(name) },
    ]),
  );
  const { record: links } = environment.links;
  const boot = environment.tools.platform.bootId();
  return { schema: 1, ref, boot, project, caller, owner, lease, services, links };
}
