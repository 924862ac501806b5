/** Makes documents of links: what is configured, joined with what the gateway tells. Pure. */

import type { FaultStatus } from '../../core/fault.ts';
import { DOOR } from '../../core/guard.ts';
import type { LinkStatistics } from '../../core/link.ts';
import type { LinkDocument } from '../../core/link-list.ts';
import type { LinkSpec } from '../../core/links.ts';
import type { Environment } from '../environment.ts';
import type { LooseLink } from './loose-links.ts';

type Statistics = ReadonlyMap<string, LinkStatistics>;

export function documentOf(
  { ref, links }: Pick<Environment, 'ref' | 'links'>,
  spec: LinkSpec,
  byId: Statistics,
): LinkDocument {
  const { name, from, to, endpoint, allows } = spec;
  const found = byId.get(`${ref.id}/${name}`);
  return {
    name,
    environment: ref,
    from: from === DOOR ? null : from,
    to,
    endpoint,
    listen: links.placeOf(from, to, endpoint) ?? { address: '127.0.0.1', port: spec.port },
    upstream: links.upstreamOf(name),
    enabled: true,
    ...measured(found),
    faults: links.faultStatuses(spec),
    access: allows === null ? 'open' : 'declared',
    refused: found?.refused ?? null,
  };
}

export function looseDocument(
  { name, listen, target }: LooseLink,
  faults: readonly FaultStatus[],
  byId: Statistics,
): LinkDocument {
  const found = byId.get(`link/${name}`);
  return {
    name,
    environment: null,
    from: null,
    to: null,
    endpoint: null,
    listen,
    upstream: target,
    enabled: true,
    ...measured(found),
    faults,
    access: 'open',
    refused: null,
  };
}

type Measured = Pick<
  LinkDocument,
  | 'listening'
  | 'error'
  | 'connections'
  | 'accepted'
  | 'bytesIn'
  | 'bytesOut'
  | 'rateIn'
  | 'rateOut'
  | 'connectMs'
  | 'firstByteMs'
  | 'lastError'
>;

function measured(found: LinkStatistics | undefined): Measured {
  if (found === undefined) return NOTHING_MEASURED;
  const { listening, error, connections, accepted, bytesIn, bytesOut, rateIn, rateOut } = found;
  const { connectMs, firstByteMs, lastError } = found;
  return {
    listening,
    error,
    connections,
    accepted,
    bytesIn,
    bytesOut,
    rateIn,
    rateOut,
    connectMs,
    firstByteMs,
    lastError,
  };
}

const NOTHING_MEASURED: Measured = {
  listening: false,
  error: null,
  connections: 0,
  accepted: 0,
  bytesIn: 0,
  bytesOut: 0,
  rateIn: 0,
  rateOut: 0,
  connectMs: null,
  firstByteMs: null,
  lastError: null,
};
