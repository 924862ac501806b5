/** DBG-03: a Java machine can be debugged by whoever connects, which is to run any code in it. */

import type { ListenerCheck, ListenerContext } from '../check.ts';
import { openUnasked } from '../fragile.ts';
import { type Habit, NOT_ASKED, patienceFor } from '../probe/habit.ts';
import { inconclusive, notApplicable, type Outcome, safe, vulnerable } from '../verdict.ts';

export const dbg03: ListenerCheck = {
  id: 'DBG-03',
  title: 'A Java debugger is open (JDWP)',
  about: 'listener',
  transport: 'tcp',
  severity: { loopback: 'high', network: 'critical' },
  intrusive: false,
  references: ['CWE-489', 'CWE-306'],
  speaks: ['other', 'silent'],
  requests: 1,
  fix: 'start Java without `-agentlib:jdwp` (or JAVA_TOOL_OPTIONS with it) when nobody debugs, else with `address=127.0.0.1:PORT`',
  probe: 'Sends `JDWP-Handshake` and the command that asks for the version.',
  rule: 'Vulnerable when the handshake comes back and the version is told in a reply with the number of the request; or, where a connection would let the program go (`suspend=y`), by the command line alone.',
  unasked: (server) => (server.name.endsWith('Java') ? openUnasked(server) : null),
  examine: async (context) => {
    const patience = patienceFor(context, HABIT);
    if (patience === null) return notApplicable(NOT_ASKED);
    const wire = await context.connect(patience);
    try {
      wire.send(HANDSHAKE);
      const { bytes } = await wire.receive((all) => all.length >= HANDSHAKE.length || !isBegun(all));
      if (!bytes.subarray(0, HANDSHAKE.length).equals(Buffer.from(HANDSHAKE)))
        return notApplicable('it does not shake hands as a Java debugger does');
      const id = Buffer.from(context.nonce()).readUInt32BE(1);
      wire.send(versionCommand(id));
      return judge((await wire.receive(isWhole)).bytes, id, context);
    } finally {
      wire.close();
    }
  },
};

const HABIT: Habit = { ports: [5005, 8000, 8787], program: /\bjava\b.*\bjdwp\b/, waits: false };
const HANDSHAKE = 'JDWP-Handshake';
/** Length, number, flags, then a command set and a command, or an error. */
const HEADER = 11;
const REPLY = 0x80;
const MOST = 65_536;

function isBegun(bytes: Buffer): boolean {
  return HANDSHAKE.startsWith(bytes.toString('latin1'));
}

/** VirtualMachine.Version: command 1 of set 1. */
function versionCommand(id: number): Buffer {
  const bytes = Buffer.alloc(HEADER);
  bytes.writeUInt32BE(HEADER, 0);
  bytes.writeUInt32BE(id, 4);
  bytes[9] = 1;
  bytes[10] = 1;
  return bytes;
}

/** Events of the machine may come first: they are no replies. */
function replyIn(bytes: Buffer, id: number): Buffer | null {
  let at = 0;
  while (at + HEADER <= bytes.length) {
    const length = bytes.readUInt32BE(at);
    if (length < HEADER || length > MOST || at + length > bytes.length) return null;
    if (bytes[at + 8] === REPLY && bytes.readUInt32BE(at + 4) === id) return bytes.subarray(at, at + length);
    at += length;
  }
  return null;
}

function isWhole(bytes: Buffer): boolean {
  if (bytes.length < HEADER) return false;
  const length = bytes.readUInt32BE(0);
  return length < HEADER || length > MOST || (bytes[8] === REPLY && bytes.length >= length);
}

function judge(bytes: Buffer, id: number, { garbage }: ListenerContext): Promise<Outcome> {
  const reply = replyIn(bytes, id);
  return garbage().then((said) => {
    if (said.toString('latin1').startsWith(HANDSHAKE))
      return notApplicable('it shakes hands with whatever it is told');
    if (reply === null) return inconclusive('it shakes hands, and tells no version');
    if (reply.readUInt16BE(9) !== 0)
      return safe(`it refuses to tell its version (error ${reply.readUInt16BE(9)})`);
    return vulnerable('proven', [
      'it shook hands as a Java debugger does (JDWP-Handshake)',
      'it told the version of its Java machine in the reply to this very command',
    ]);
  });
}
