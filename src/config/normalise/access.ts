/** `access:` of a service, and where it can mean nothing. It must not know how callers are told apart. */

import type { EndpointSpec, Service } from '../../core/model.ts';
import type { Context, Draft } from './draft.ts';

export function readAccess(
  { name, raw, wrong, path, recipe }: Draft,
  endpoints: readonly EndpointSpec[],
  { report }: Context,
): Pick<Service, 'access'> {
  if (raw.access !== 'declared') return {};
  const at = [...path, 'access'];
  if (raw.task === true)
    report.key(at, `\`${name}\` is a task: nobody connects to it`, 'remove `access`, or `task: true`');
  // With a mistake in what says its ports nothing is known of them.
  const unsure = wrong.has('port') || wrong.has('use') || (raw.use !== undefined && recipe === null);
  if (raw.task !== true && endpoints.length === 0 && !unsure)
    report.key(
      at,
      `\`${name}\` has no port, so nobody can be kept from it`,
      `give it a \`port:\`, or remove \`access\``,
    );
  if (raw.names !== undefined)
    report.key(
      at,
      '`access: declared` and `names` exclude each other: whoever opens a name is nobody declared',
      'remove one of the two',
    );
  return { access: 'declared' };
}
