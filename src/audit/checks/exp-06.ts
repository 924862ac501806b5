/** EXP-06: a UDP server takes datagrams from every network. Read from the socket table; nothing is sent. */

import type { ListenerCheck } from '../check.ts';
import { bindFix } from '../fixes/bind.ts';
import { notApplicable, safe, vulnerable } from '../verdict.ts';

export const exp06: ListenerCheck = {
  id: 'EXP-06',
  title: 'Takes UDP from every network',
  about: 'listener',
  transport: 'udp',
  severity: { loopback: 'info', network: 'medium' },
  intrusive: false,
  references: ['CWE-406', 'CWE-1327'],
  speaks: 'any',
  requests: 0,
  fix: 'bind it to 127.0.0.1; whoever forges the sender of a datagram makes it answer somebody else',
  probe: 'Reads the table of UDP sockets and the interfaces that are up.',
  rule: 'Vulnerable when a UDP socket without a peer is bound to a wildcard. mDNS, DHCP and sockets on ports that clients are given by chance are left out.',
  examine: ({ target }) => {
    const wide = target.listeners.filter(({ scope }) => scope === 'wildcard');
    if (wide.length === 0) return notApplicable('it is bound to single addresses');
    const usual = EXPECTED.get(target.port);
    if (usual !== undefined) return notApplicable(`${usual} listens so by its nature`);
    const [reached] = target.reachableAt;
    if (reached === undefined) return safe('no interface but loopback is up now');
    const known = AMPLIFIERS.get(target.port);
    return vulnerable(
      'proven',
      [
        `bound to ${wide.map(({ address }) => address).join(' and ')}, port ${target.port}/udp, without a peer`,
        `it is reached at ${reached}${known === undefined ? '' : `; ${known} answers more than it is asked, which is used for attacks on others`}`,
      ],
      { fix: bindFix(target) ?? exp06.fix },
    );
  },
};

/** By design on every network. */
const EXPECTED: ReadonlyMap<number, string> = new Map([
  [5353, 'mDNS'],
  [5355, 'LLMNR'],
  [67, 'DHCP'],
  [68, 'DHCP'],
  [546, 'DHCPv6'],
  [547, 'DHCPv6'],
]);

const AMPLIFIERS: ReadonlyMap<number, string> = new Map([
  [19, 'chargen'],
  [53, 'DNS'],
  [69, 'TFTP'],
  [111, 'portmap'],
  [123, 'NTP'],
  [161, 'SNMP'],
  [389, 'CLDAP'],
  [1900, 'SSDP'],
  [11_211, 'memcached'],
]);
