/** What `Connection` and `Upgrade` say about this hop (RFC 9110 7.6.1, 7.8). Pure. */

import { type Malformed, type Specials, tokenList, withoutFields } from './fields.ts';

export interface Hop {
  /** Another message may follow on this connection. */
  readonly keepAlive: boolean;
  /** The protocol to change to. */
  readonly upgrade: string | null;
  /** A change is asked for, be it one that passes on or not. */
  readonly changes: boolean;
  /** The field lines without those that concern this hop only. */
  readonly fields: string;
}

/** Fields that say where a message goes or ends, or who sends it, must not be taken out by naming them. */
const MUST_STAY = new Set(['host', 'content-length', 'transfer-encoding', 'cookie', 'authorization']);
const USUAL = new Set(['close', 'keep-alive', 'upgrade', 'te', 'http2-settings']);

export function readHop(specials: Specials, version: 0 | 1, kept: string): Hop | Malformed {
  const { connection } = specials;
  if (connection === null) return { keepAlive: version === 1, upgrade: null, changes: false, fields: kept };
  // What nearly every message says needs no list.
  if (connection === 'keep-alive') return { keepAlive: true, upgrade: null, changes: false, fields: kept };
  const options = tokenList(connection);
  if (options === null) return 'a Connection that is no list of tokens';
  const named = new Set(options.filter((option) => !USUAL.has(option)));
  for (const name of named) if (MUST_STAY.has(name)) return `${name} named in Connection`;
  return {
    keepAlive: !options.includes('close') && (version === 1 || options.includes('keep-alive')),
    changes: options.includes('upgrade'),
    upgrade: options.includes('upgrade') && version === 1 ? protocolOf(specials.upgrade) : null,
    fields: named.size === 0 ? kept : withoutFields(kept, named),
  };
}

/** An h2c upgrade behind our back would carry requests that we never read. */
function protocolOf(upgrade: string | null): string | null {
  return upgrade === null || upgrade === '' || /(?:^|[,\s])h2c?\b/i.test(upgrade) ? null : upgrade;
}
