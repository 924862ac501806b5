/** STO-02: a server of the memcached protocols, in text or binary, gives and takes what whoever connects wants. */

import type { ListenerCheck, ListenerContext } from '../check.ts';
import { type Habit, NOT_ASKED, patienceFor } from '../probe/habit.ts';
import type { ConnectOptions } from '../probe/wire.ts';
import { notApplicable, type Outcome, safe, vulnerable } from '../verdict.ts';

export const sto02: ListenerCheck = {
  id: 'STO-02',
  title: 'memcached answers without a password',
  about: 'listener',
  transport: 'tcp',
  severity: { loopback: 'low', network: 'high' },
  intrusive: false,
  references: ['CWE-306', 'CWE-1188'],
  speaks: ['other', 'silent', 'tls'],
  requests: 2,
  fix: 'give memcached a file of users (`-Y FILE`), or a socket in place of a port (`-s PATH`)',
  probe:
    'Sends `version`, and `get` with a random key; the same in the binary protocol where that is not understood.',
  rule: 'Vulnerable when it tells its version and looks the key up. Safe when it says that one is not authenticated.',
  examine: async (context) => {
    const patience = patienceFor(context, HABIT);
    if (patience === null) return notApplicable(NOT_ASKED);
    const outcome = await asText(context, patience);
    return outcome.verdict === 'not-applicable' ? await asBinary(context, patience) : outcome;
  },
};

const HABIT: Habit = { ports: [11_211], program: /\bmemcached\b/, waits: false };

async function asText({ connect, nonce, garbage }: ListenerContext, patience: ConnectOptions) {
  const wire = await connect(patience);
  wire.send(`version\r\nget ${nonce()}\r\n`);
  const { bytes } = await wire.receive(isEnough);
  wire.close();
  const answer = bytes.toString('latin1');
  const [first = '', second] = answer.split('\r\n');
  if (/^CLIENT_ERROR unauthenticated/.test(first)) return safe('it refuses: not authenticated');
  if (!/^VERSION \S+/.test(first) || second !== 'END')
    return notApplicable('it does not speak the text protocol of memcached');
  if ((await garbage()).toString('latin1').startsWith('VERSION'))
    return notApplicable('it tells a version whatever it is told');
  return vulnerable('proven', [
    '`version` was answered without a password',
    '`get` with a random key was carried out: there is no such key',
  ]);
}

/** Two lines, or one that is no version. */
function isEnough(bytes: Buffer): boolean {
  const [first = '', second = '', ...more] = bytes.toString('latin1').split('\r\n');
  return more.length > 0 || (second === '' && !'VERSION '.startsWith(first.slice(0, 8)));
}

const HEADER = 24;
const [NO_SUCH_KEY, AUTH_ERROR] = [0x0001, 0x0020];

/** As memcached-SASL speaks: it hangs up on text. */
async function asBinary({ connect, nonce }: ListenerContext, patience: ConnectOptions): Promise<Outcome> {
  const key = Buffer.from(nonce());
  const header = Buffer.alloc(HEADER);
  header.writeUInt16BE(0x8000, 0);
  header.writeUInt16BE(key.length, 2);
  header.writeUInt32BE(key.length, 8);
  key.copy(header, 12, 1, 5);
  const wire = await connect(patience);
  wire.send(Buffer.concat([header, key]));
  const { bytes } = await wire.receive((all) => all.length >= HEADER || (all[0] ?? 0x81) !== 0x81);
  wire.close();
  const isReply = bytes.length >= HEADER && bytes.readUInt16BE(0) === 0x8100;
  if (!isReply || !bytes.subarray(12, 16).equals(key.subarray(1, 5)))
    return notApplicable('it does not speak the protocols of memcached');
  const status = bytes.readUInt16BE(6);
  if (status === AUTH_ERROR) return safe('it refuses: not authenticated');
  if (status !== NO_SUCH_KEY) return notApplicable(`it answers a binary get with status ${status}`);
  return vulnerable('proven', [
    'a binary `get` was answered without a password',
    'the answer has the number of the request, and says that there is no such key',
  ]);
}
