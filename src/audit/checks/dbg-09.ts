/** DBG-09: a server shows its state, its settings or its profiles to whoever looks. */

import type { ListenerCheck } from '../check.ts';
import { openDoor } from '../probe/door.ts';
import { FEW, inTurn } from '../probe/looks.ts';
import { STATUS_DOORS } from './debuggers/status-pages.ts';

export const dbg09: ListenerCheck = {
  id: 'DBG-09',
  title: 'Profiles or state of a server are open',
  about: 'listener',
  transport: 'tcp',
  severity: { loopback: 'low', network: 'medium' },
  intrusive: false,
  references: ['CWE-497'],
  speaks: ['http', 'https'],
  requests: STATUS_DOORS.length,
  fix: 'serve such pages on a loopback port of their own, or ask for a password',
  probe: `Reads ${STATUS_DOORS.map(({ request }) => `\`${request.path}\``).join(', ')}, up to the first that is open.`,
  rule: 'Vulnerable when the page has two marks that only such a page has, and a path that does not exist gets another answer. Metrics and counters are information only while no other machine reaches them.',
  examine: ({ http }) =>
    inTurn(
      STATUS_DOORS.map((door) => () => openDoor(http, door)),
      FEW,
    ),
};
