/** EXP-02: a server listens on an address of a network. Read from the socket table; nothing is sent. */

import type { ListenerCheck } from '../check.ts';
import { bindFix } from '../fixes/bind.ts';
import { notApplicable, vulnerable } from '../verdict.ts';

export const exp02: ListenerCheck = {
  id: 'EXP-02',
  title: 'Listens on an address of a network',
  about: 'listener',
  transport: 'tcp',
  severity: { loopback: 'medium', network: 'medium' },
  intrusive: false,
  references: ['CWE-668'],
  speaks: 'any',
  requests: 0,
  fix: 'make it listen on 127.0.0.1; where other machines shall reach it, give it a password and TLS, and accept this finding in the baseline',
  probe: 'Reads the socket table and the interfaces that are up.',
  rule: 'Vulnerable when it is bound to an address that is neither loopback nor a wildcard.',
  examine: ({ target, facts }) => {
    const wide = target.listeners.filter(({ scope }) => scope === 'interface');
    const [first] = wide;
    if (first === undefined) return notApplicable('it is bound to no address of a network');
    const own = facts.interfaces().find(({ addresses }) => addresses.includes(first.address));
    const who = KINDS[own?.kind ?? 'unknown'];
    return vulnerable(
      'proven',
      [
        `bound to ${wide.map(({ address }) => address).join(' and ')}, port ${target.port}`,
        own === undefined
          ? 'no interface has that address now; it counts again when one does'
          : `that is an address of ${own.name}: ${who} can connect`,
      ],
      { fix: bindFix(target) ?? exp02.fix },
    );
  },
};

const KINDS = {
  loopback: 'this machine',
  lan: 'other machines on that network',
  wireless: 'other machines on that network',
  bridge: 'containers and virtual machines on that bridge',
  vpn: 'other machines on that VPN',
  virtual: 'whatever is behind that virtual interface',
  unknown: 'other machines',
} as const;
