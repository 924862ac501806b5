/** STO-09: a database that is asked over HTTP shows what it has to whoever asks. */

import type { ListenerCheck } from '../check.ts';
import { openDoor } from '../probe/door.ts';
import { FEW, inTurn } from '../probe/looks.ts';
import { DATABASE_DOORS } from './databases/doors.ts';

export const sto09: ListenerCheck = {
  id: 'STO-09',
  title: 'A database answers over HTTP without a password',
  about: 'listener',
  transport: 'tcp',
  severity: { loopback: 'medium', network: 'critical' },
  intrusive: false,
  references: ['CWE-306', 'CWE-1188'],
  speaks: ['http', 'https'],
  requests: DATABASE_DOORS.length,
  fix: 'turn its authentication on',
  probe: `Asks for the list of databases, or the result of \`6*7\`, of: ${DATABASE_DOORS.map(({ name }) => name).join(', ')}. Most are asked only where the home page is theirs.`,
  rule: 'Vulnerable when the list comes in the form that this database has, and a path that does not exist gets another answer. Safe when it is refused.',
  examine: ({ http }) =>
    inTurn(
      DATABASE_DOORS.map((door) => () => openDoor(http, door)),
      FEW,
    ),
};
