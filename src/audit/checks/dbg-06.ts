/** DBG-06: Kubernetes is open to whoever asks: a proxy that carries its user’s rights, a kubelet, a dashboard. */

import type { ListenerCheck } from '../check.ts';
import { openDoor } from '../probe/door.ts';
import { FEW, inTurn } from '../probe/looks.ts';
import { KUBERNETES_DOORS } from './debuggers/kubernetes.ts';

export const dbg06: ListenerCheck = {
  id: 'DBG-06',
  title: 'Kubernetes answers without a token',
  about: 'listener',
  transport: 'tcp',
  severity: { loopback: 'high', network: 'high' },
  intrusive: false,
  references: ['CWE-306'],
  speaks: ['http', 'https'],
  requests: KUBERNETES_DOORS.length,
  fix: 'ask for a token',
  probe: `Reads ${KUBERNETES_DOORS.map(({ request }) => `\`${request.path}\``).join(', ')}. What could have secrets in it is not read.`,
  rule: 'Vulnerable when a list of the kind that Kubernetes gives there comes without a token. Safe when the answer is 401 or 403.',
  examine: ({ http }) =>
    inTurn(
      KUBERNETES_DOORS.map((door) => () => openDoor(http, door)),
      FEW,
    ),
};
