/** DBG-11: a notebook, an editor or a terminal in the browser lets whoever comes run code. */

import type { ListenerCheck } from '../check.ts';
import { openDoor } from '../probe/door.ts';
import { FEW, inTurn } from '../probe/looks.ts';
import {
  EDITOR_REQUESTS,
  JUPYTER_REQUESTS,
  lookAtEditor,
  lookAtJupyter,
  TERMINAL_DOORS,
} from './debuggers/consoles.ts';

export const dbg11: ListenerCheck = {
  id: 'DBG-11',
  title: 'A notebook, an editor or a terminal asks for no token',
  about: 'listener',
  transport: 'tcp',
  severity: { loopback: 'high', network: 'critical' },
  intrusive: false,
  references: ['CWE-306'],
  speaks: ['http', 'https'],
  requests: JUPYTER_REQUESTS + EDITOR_REQUESTS + TERMINAL_DOORS.length,
  fix: 'turn its token or password on',
  probe:
    'Jupyter: `/api/status` and `/api/contents` (no files). VS Code in the browser: its home page. ttyd and GoTTY: their token. Each only where the home page is theirs.',
  rule: 'Vulnerable when its status and its directory, its page or an empty token come without a password. Safe when the answer is 401 or 403.',
  examine: (context) =>
    inTurn(
      [
        () => lookAtJupyter(context),
        () => lookAtEditor(context),
        ...TERMINAL_DOORS.map((door) => () => openDoor(context.http, door)),
      ],
      FEW,
    ),
};
