/** STO-01: a server of the Redis protocol runs commands of whoever connects. */

import type { ListenerCheck, ListenerContext } from '../check.ts';
import { passwordFix } from '../fixes/programs.ts';
import { type Habit, NOT_ASKED, patienceFor } from '../probe/habit.ts';
import type { ConnectOptions } from '../probe/wire.ts';
import { notApplicable, safe, vulnerable } from '../verdict.ts';

export const sto01: ListenerCheck = {
  id: 'STO-01',
  title: 'Redis answers without a password',
  about: 'listener',
  transport: 'tcp',
  severity: { loopback: 'low', network: 'critical' },
  intrusive: false,
  references: ['CWE-306', 'CWE-1188'],
  speaks: ['other', 'silent', 'tls'],
  requests: 2,
  fix: 'set a password (`requirepass`, or an ACL user) and keep `protected-mode yes`',
  probe:
    'Sends `PING` and `ECHO` with a random word in the Redis protocol, and `INFO server` to those that know no `ECHO`.',
  rule: 'Vulnerable when it answers `+PONG` and gives the word back as the protocol asks, or tells about its process. Safe when it asks for a password (`-NOAUTH`), or refuses (`-DENIED`, `-NOPERM`).',
  examine: async (context) => {
    const { target, connect, nonce, garbage } = context;
    const patience = patienceFor(context, HABIT);
    if (patience === null) return notApplicable(NOT_ASKED);
    const word = nonce();
    const echoed = `$${word.length}\r\n${word}\r\n`;
    const wire = await connect(patience);
    wire.send(`*1\r\n$4\r\nPING\r\n*2\r\n$4\r\nECHO\r\n${echoed}`);
    const { bytes } = await wire.receive(isEnough);
    wire.close();
    const answer = bytes.toString('latin1');
    if (/^-(?:NOAUTH|DENIED|NOPERM|WRONGPASS)\b/.test(answer))
      return safe(`it refuses: ${answer.split('\r\n')[0]}`);
    // Redis answers garbage with an error; whoever says PONG to it says it to everybody.
    if (!answer.startsWith('+PONG\r\n') || (await garbage()).toString('latin1').startsWith('+PONG'))
      return notApplicable('it does not speak the Redis protocol');
    const ran = answer.includes(`+PONG\r\n${echoed}`)
      ? '`ECHO` gave a random word back: commands are run without a password'
      : await tellsAbout(context, patience);
    if (ran === null) return notApplicable('it says PONG, and runs no other command');
    return vulnerable('proven', ['`PING` was answered with `+PONG`', ran], {
      fix: passwordFix(target, FIXES) ?? sto01.fix,
    });
  },
};

/** Null: it does not. Sentinels know no ECHO. */
async function tellsAbout({ connect }: ListenerContext, patience: ConnectOptions): Promise<string | null> {
  const wire = await connect(patience);
  wire.send('*2\r\n$4\r\nINFO\r\n$6\r\nserver\r\n');
  const { bytes } = await wire.receive((all) => /^-.*\r\n|\r\nprocess_id:/.test(all.toString('latin1')));
  wire.close();
  return /^\$\d+\r\n# Server\r\n[\s\S]*\r\nprocess_id:\d+\r\n/.test(bytes.toString('latin1'))
    ? '`INFO server` told about its process: commands are run without a password'
    : null;
}

const HABIT: Habit = {
  ports: [6379, 6380],
  program: /\b(?:redis-server|valkey-server|keydb-server|dragonfly)\b/,
  waits: true,
};

/** The second answer is waited for where the first one is right. */
function isEnough(bytes: Buffer): boolean {
  const [first = '', ...more] = bytes.toString('latin1').split('\r\n');
  return more.length > 0 && (first !== '+PONG' || more.length > 2);
}

const FIXES = [
  {
    program: /\b(?:redis|valkey)-server\b/,
    fix: 'set `requirepass` in redis.conf (or start it with `--requirepass`), and put the password into the URL of its clients',
  },
];
