/** EXP-03: closed on IPv4, and open to every network on IPv6. Read from the socket table; nothing is sent. */

import type { ListenerCheck } from '../check.ts';
import { bindFix } from '../fixes/bind.ts';
import type { Target } from '../target.ts';
import { notApplicable, safe, vulnerable } from '../verdict.ts';

export const exp03: ListenerCheck = {
  id: 'EXP-03',
  title: 'On loopback by IPv4, on every network by IPv6',
  about: 'listener',
  transport: 'tcp',
  severity: { loopback: 'info', network: 'medium' },
  intrusive: false,
  references: ['CWE-668'],
  speaks: 'any',
  requests: 0,
  fix: 'bind ::1 instead of ::, or only 127.0.0.1',
  probe: 'Reads the socket table and the interfaces that are up.',
  rule: 'Vulnerable when one server has both an IPv4 socket on loopback alone and one on [::], and an interface has an IPv6 address.',
  examine: ({ target }) => {
    if (!isSplit(target)) return notApplicable('its families are bound alike, or it has one alone');
    const reached = target.reachableAt.find((address) => address.includes(':'));
    if (reached === undefined) return safe('no interface has an IPv6 address now');
    const own = target.listeners.find(({ scope, family }) => scope === 'loopback' && family === 4);
    return vulnerable(
      'proven',
      [
        `bound to ${own?.address} for IPv4, and to [::] for IPv6`,
        `it is reached at [${reached}]:${target.port}`,
      ],
      { fix: bindFix(target) ?? exp03.fix },
    );
  },
};

/** One process that shut one door and forgot the other. */
export function isSplit({ listeners }: Target): boolean {
  const v4 = listeners.filter(({ family }) => family === 4);
  return (
    v4.length > 0 &&
    v4.every(({ scope }) => scope === 'loopback') &&
    listeners.some(({ family, scope }) => family === 6 && scope === 'wildcard')
  );
}
