/** Where `access: declared` is asked for and cannot hold, said on the service. Pure. */

import type { Service } from '../../core/model.ts';
import type { Warning } from '../../core/status.ts';
import type { ServiceRuntime } from '../runtime.ts';

type Known = Pick<ServiceRuntime, 'pid' | 'listening'>;

/** `isServed`: links are carried. */
export function openWarnings(
  { name, access }: Service,
  { pid, listening }: Known,
  isServed: boolean,
): readonly Warning[] {
  if (access === undefined || pid === null) return [];
  if (!isServed)
    return [
      {
        code: 'ACCESS_OPEN',
        text: `${name} has \`access: declared\`, and nobody stands before it: links are off (LOOPYARD_GATEWAY=off)`,
        fix: '`lo daemon stop`, then `lo restart` without that variable',
      },
    ];
  const found = Object.values(listening).find(({ kind }) => kind !== 'as-told');
  if (found === undefined || found.kind === 'as-told') return [];
  const { address, port } = found;
  const where = `${address.includes(':') ? `[${address}]` : address}:${port}`;
  const who = found.kind === 'wide' ? 'whoever connects to any address' : 'whoever connects there';
  return [
    {
      code: 'ACCESS_OPEN',
      text: `${name} has \`access: declared\`, but listens on ${where}, not where it was told: ${who} is not asked`,
      fix: 'make it listen on $HOST:$PORT, an address that nobody else is told',
    },
  ];
}
