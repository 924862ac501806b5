/**
 * What an address is by the registries of special-purpose addresses (RFC 6890), both families, as of 2025-10-09, and by those of
 * multicast and IPv6 address space, which the former leave out. The narrowest block counts. Pure; it must not know this machine.
 */

import { type Block, contains, type Ip, parseBlock } from '../../core/ip.ts';

export interface Purpose {
  /** Stable; stands in documents. */
  readonly kind: string;
  /** For people: what it means to have such an address, or to send something there. */
  readonly text: string;
  /** The RFC that the registry names; null for ordinary public addresses. */
  readonly source: string | null;
}

export function purposeOf(ip: Ip): Purpose {
  const [narrowest] = ROWS.filter(({ block }) => contains(block, ip)).sort(
    (one, other) => other.block.bits - one.block.bits,
  );
  if (narrowest !== undefined) return narrowest.purpose;
  const isGlobal = ip.family === 4 || contains(GLOBAL_IPV6, ip);
  return isGlobal ? PUBLIC : UNASSIGNED;
}

const PUBLIC: Purpose = { kind: 'global', text: 'a public address of the Internet', source: null };
/** Outside of 2000::/3 only what the registries name is in use. */
const UNASSIGNED: Purpose = {
  kind: 'unassigned',
  text: 'in a part of the IPv6 address space that nobody has been given',
  source: 'RFC 4291',
};

const PRIVATE = 'private: every network may use it, routers of the Internet do not know it';
const DOCUMENTATION = 'for examples in documentation: no machine should have it';
const ANYCAST = 'answered by the nearest router that offers it';
const AS112 = 'of the AS112 project, which answers reverse look-ups of private addresses';
const IETF = 'kept for protocols of the IETF';
const TRANSLATION = 'the IPv6 face of an IPv4 address, behind a translator (NAT64)';

/** Block, kind, text, source. */
const REGISTRY: readonly (readonly [string, string, string, string])[] = [
  [
    '0.0.0.0/8',
    'this-network',
    'of "this network": only a source while a machine has no address yet',
    'RFC 791',
  ],
  [
    '0.0.0.0/32',
    'unspecified',
    'the wildcard: whoever listens there listens on every IPv4 address of this machine',
    'RFC 1122',
  ],
  ['10.0.0.0/8', 'private-use', PRIVATE, 'RFC 1918'],
  [
    '100.64.0.0/10',
    'shared',
    'shared by providers behind their own NAT; some VPNs use it for their members',
    'RFC 6598',
  ],
  ['127.0.0.0/8', 'loopback', 'loopback: it never leaves this machine', 'RFC 1122'],
  [
    '169.254.0.0/16',
    'link-local',
    'link-local: taken by machines that were given no address, not routed; clouds answer there about the machine itself',
    'RFC 3927',
  ],
  ['172.16.0.0/12', 'private-use', PRIVATE, 'RFC 1918'],
  ['192.0.0.0/24', 'protocol', IETF, 'RFC 6890'],
  [
    '192.0.0.0/29',
    'service-continuity',
    'between the halves of a tunnel that carries IPv4 over IPv6 (DS-Lite, 464XLAT)',
    'RFC 7335',
  ],
  ['192.0.0.8/32', 'dummy', 'a placeholder as the source of error messages', 'RFC 7600'],
  ['192.0.0.9/32', 'anycast', `Port Control Protocol, ${ANYCAST}`, 'RFC 7723'],
  ['192.0.0.10/32', 'anycast', `TURN, ${ANYCAST}`, 'RFC 8155'],
  ['192.0.0.170/32', 'translation', 'by which a machine finds out about NAT64', 'RFC 8880'],
  ['192.0.0.171/32', 'translation', 'by which a machine finds out about NAT64', 'RFC 8880'],
  ['192.0.2.0/24', 'documentation', DOCUMENTATION, 'RFC 5737'],
  ['192.31.196.0/24', 'as112', AS112, 'RFC 7535'],
  ['192.52.193.0/24', 'amt', 'of relays that tunnel multicast (AMT)', 'RFC 7450'],
  ['192.88.99.0/24', 'deprecated', 'once of relays from IPv6 to IPv4 (6to4), given up', 'RFC 7526'],
  ['192.88.99.2/32', 'anycast', `6a44, ${ANYCAST}`, 'RFC 6751'],
  ['192.168.0.0/16', 'private-use', PRIVATE, 'RFC 1918'],
  ['192.175.48.0/24', 'as112', AS112, 'RFC 7534'],
  ['198.18.0.0/15', 'benchmarking', 'for measuring network devices, not routed', 'RFC 2544'],
  ['198.51.100.0/24', 'documentation', DOCUMENTATION, 'RFC 5737'],
  ['203.0.113.0/24', 'documentation', DOCUMENTATION, 'RFC 5737'],
  ['240.0.0.0/4', 'reserved', 'reserved: most systems refuse it', 'RFC 1112'],
  ['255.255.255.255/32', 'broadcast', 'every machine of the local network at once', 'RFC 919'],
  ['224.0.0.0/4', 'multicast', 'multicast: a group of receivers, not a machine', 'RFC 5771'],
  ['224.0.0.0/24', 'multicast', 'multicast that stays on the local network', 'RFC 5771'],
  [
    '224.0.0.251/32',
    'multicast',
    'multicast DNS: machines ask each other for names ending in .local',
    'RFC 6762',
  ],
  ['239.0.0.0/8', 'multicast', 'multicast inside one organisation', 'RFC 2365'],
  ['::/96', 'deprecated', 'an IPv4-compatible IPv6 address, given up', 'RFC 4291'],
  ['::1/128', 'loopback', 'loopback: it never leaves this machine', 'RFC 4291'],
  [
    '::/128',
    'unspecified',
    'the wildcard: whoever listens there listens on every IPv6 address of this machine, mostly on every IPv4 one too',
    'RFC 4291',
  ],
  ['::ffff:0:0/96', 'ipv4-mapped', 'an IPv4 address as programs see it through an IPv6 socket', 'RFC 4291'],
  ['64:ff9b::/96', 'translation', TRANSLATION, 'RFC 6052'],
  ['64:ff9b:1::/48', 'translation', `${TRANSLATION}, inside one network`, 'RFC 8215'],
  ['100::/64', 'discard', 'a black hole: routers drop what is sent there', 'RFC 6666'],
  ['100:0:0:1::/64', 'dummy', 'a placeholder as a source', 'RFC 9780'],
  ['2001::/23', 'protocol', IETF, 'RFC 2928'],
  ['2001::/32', 'tunnel', 'of a tunnel through NAT (Teredo)', 'RFC 4380'],
  ['2001:1::1/128', 'anycast', `Port Control Protocol, ${ANYCAST}`, 'RFC 7723'],
  ['2001:1::2/128', 'anycast', `TURN, ${ANYCAST}`, 'RFC 8155'],
  ['2001:1::3/128', 'anycast', `registration of services (DNS-SD), ${ANYCAST}`, 'RFC 9665'],
  ['2001:2::/48', 'benchmarking', 'for measuring network devices, not routed', 'RFC 5180'],
  ['2001:3::/32', 'amt', 'of relays that tunnel multicast (AMT)', 'RFC 7450'],
  ['2001:4:112::/48', 'as112', AS112, 'RFC 7535'],
  ['2001:10::/28', 'deprecated', 'once an identifier made of a hash (ORCHID), given up', 'RFC 4843'],
  ['2001:20::/28', 'identifier', 'an identifier made of a hash (ORCHIDv2), not a place', 'RFC 7343'],
  ['2001:30::/28', 'identifier', 'the identity of a drone, not a place', 'RFC 9374'],
  ['2001:db8::/32', 'documentation', DOCUMENTATION, 'RFC 3849'],
  ['2002::/16', 'tunnel', 'of a tunnel over IPv4 (6to4)', 'RFC 3056'],
  ['2620:4f:8000::/48', 'as112', AS112, 'RFC 7534'],
  ['3fff::/20', 'documentation', DOCUMENTATION, 'RFC 9637'],
  ['5f00::/16', 'segment-routing', 'an instruction to routers (segment routing), not a place', 'RFC 9602'],
  ['fc00::/7', 'unique-local', 'private (unique local): routers of the Internet do not know it', 'RFC 4193'],
  [
    'fe80::/10',
    'link-local',
    'link-local: it means something only together with an interface, `fe80::1%eth0`',
    'RFC 4291',
  ],
  ['fec0::/10', 'deprecated', 'once private (site-local), given up', 'RFC 3879'],
  ['ff00::/8', 'multicast', 'multicast: a group of receivers, not a machine', 'RFC 4291'],
];

const GLOBAL_IPV6 = blockOf('2000::/3');

const ROWS = REGISTRY.map(([block, kind, text, source]) => ({
  block: blockOf(block),
  purpose: { kind, text, source },
}));

function blockOf(text: string): Block {
  const block = parseBlock(text);
  if (block === null) throw new Error(`no block: ${text}`);
  return block;
}
