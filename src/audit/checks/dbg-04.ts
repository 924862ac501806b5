/** DBG-04: a debugger of another language takes commands of whoever connects. One conversation for each protocol stands in `debuggers/`. */

import type { ListenerCheck } from '../check.ts';
import { type Habit, NOT_ASKED, patienceFor } from '../probe/habit.ts';
import { inTurn } from '../probe/looks.ts';
import { notApplicable } from '../verdict.ts';
import { lookAtDap } from './debuggers/dap.ts';
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
  rule: 'Vulnerable when the answer to this very request comes as the protocol asks. A language server, which is framed alike, is none.',
  examine: (context) => {
    const patience = patienceFor(context, HABIT);
    if (patience === null) return notApplicable(NOT_ASKED);
    if (context.speech === 'greets') return lookAtDap(context, patience);
    // Debug servers take one client after the other: together they would only wait for each other.
    return inTurn([lookAtGdb, lookAtDelve, lookAtDap].map((look) => () => look(context, patience)));
  },
};

const HABIT: Habit = {
  ports: [1234, 2345, 2159, 3333, 4711, 5678],
  program: /\b(?:gdbserver|lldb-server|dlv|debugpy|lldb-dap|codelldb)\b/,
  waits: true,
};
