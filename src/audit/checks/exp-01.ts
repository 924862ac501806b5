/** EXP-01: a server listens on every address of the machine. Read from the socket table; nothing is sent. */

import type { ListenerCheck } from '../check.ts';
import { bindFix } from '../fixes/bind.ts';
import { notApplicable, safe, vulnerable } from '../verdict.ts';
import { isSplit } from './exp-03.ts';
import { isFirewalled } from './exp-04.ts';

export const exp01: ListenerCheck = {
  id: 'EXP-01',
  title: 'Listens on every network of this machine',
  about: 'listener',
  transport: 'tcp',
  severity: { loopback: 'info', network: 'medium' },
  intrusive: false,
  references: ['CWE-1327', 'CWE-668'],
  speaks: 'any',
  requests: 0,
  fix: 'make it listen on 127.0.0.1 (often `--host 127.0.0.1`, `HOST=127.0.0.1` or `listen(port, "127.0.0.1")`)',
  probe: 'Reads the socket table and the interfaces that are up.',
  rule: 'Vulnerable when it is bound to 0.0.0.0 or [::]. Safe while no interface but loopback is up; low behind a firewall that refuses incoming connections. One step worse where the server is also a data store without a password or a debugger.',
  examine: async ({ target, facts }) => {
    const wide = target.listeners.filter(({ scope }) => scope === 'wildcard');
    const [first] = wide;
    if (first === undefined) return notApplicable('it is bound to single addresses');
    if (isSplit(target)) return notApplicable('only IPv6 is open, which EXP-03 tells');
    const bound = wide.map(({ address }) => address).join(' and ');
    const [some] = target.reachableAt;
    if (some === undefined) return safe('no interface but loopback is up now');
    const via = facts.interfaces().find(({ addresses }) => addresses.includes(some))?.name ?? 'an interface';
    const more = target.reachableAt.length - 1;
    return vulnerable(
      'proven',
      [
        `bound to ${bound}, port ${target.port}`,
        `${via} is up: it is reached at ${some}${more > 0 ? ` and ${more} more` : ''}`,
      ],
      { fix: bindFix(target) ?? exp01.fix, ...((await isFirewalled(facts)) ? BEHIND_FIREWALL : {}) },
    );
  },
};

const BEHIND_FIREWALL = { severity: { loopback: 'info', network: 'low' } } as const;
