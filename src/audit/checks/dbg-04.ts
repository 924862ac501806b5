/** DBG-04: a debugger of another language takes commands of whoever connects. One conversation for each protocol stands in `debuggers/`. */

import type { ListenerCheck } from '../check.ts';
import { openUnasked } from '../fragile.ts';
import { type Habit, NOT_ASKED, patienceFor } from '../probe/habit.ts';
import { atOnce, inTurn } from '../probe/looks.ts';
import { ANSWER_WITHIN_MS } from '../probe/wire.ts';
import { notApplicable } from '../verdict.ts';
import { greetsAsDap, lookAtDap } from './debuggers/dap.ts';
import { lookAtDelve } from './debuggers/delve.ts';
import { lookAtGdb } from './debuggers/gdb.ts';

export const dbg04: ListenerCheck = {
  id: 'DBG-04',
  title: 'A debugger takes commands without a password',
  about: 'listener',
  transport: 'tcp',
  severity: { loopback: 'medium', network: 'critical' },
  intrusive: false,
  references: ['CWE-489', 'CWE-306'],
  speaks: ['greets', 'other', 'silent'],
  requests: 3,
  fix: 'let it listen on loopback only, and only while somebody debugs',
  probe:
    'Debug Adapter Protocol (debugpy, lldb-dap and others): `initialize`. GDB’s remote protocol: `qSupported`. Delve: `RPCServer.GetVersion`. Nothing is launched, attached or stopped.',
  rule: 'Vulnerable when the answer to this very request comes as the protocol asks. A language server, which is framed alike, is none. Delve with one client and QEMU, which a connection would disturb, are told by their command line alone.',
  unasked: (server) => (server.name.endsWith('Java') ? null : openUnasked(server)),
  examine: async (context) => {
    const patience = patienceFor(context, HABIT);
    if (patience === null) return notApplicable(NOT_ASKED);
    if (await greetsAsDap(context)) return await lookAtDap(context, patience);
    if (context.speech === 'greets') return notApplicable('it does not greet as a debug adapter does');
    const looks = [lookAtGdb, lookAtDelve, lookAtDap].map((look) => () => look(context, patience));
    // Debug servers take one client after the other; of a stranger's time each look costs as much as all.
    return patience.answerWithinMs === ANSWER_WITHIN_MS ? await inTurn(looks) : await atOnce(looks);
  },
};

const HABIT: Habit = {
  ports: [1234, 2345, 2159, 3333, 4711, 5678],
  program: /\b(?:gdbserver|lldb-server|dlv|debugpy|lldb-dap|codelldb)\b/,
  waits: true,
};
