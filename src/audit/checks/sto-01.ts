/** STO-01: a server of the Redis protocol runs commands of whoever connects. */

import type { ListenerCheck } from '../check.ts';
import { passwordFix } from '../fixes/programs.ts';
import { notApplicable, safe, vulnerable } from '../verdict.ts';

export const sto01: ListenerCheck = {
  id: 'STO-01',
  title: 'Redis answers without a password',
  about: 'listener',
  transport: 'tcp',
  severity: { loopback: 'low', network: 'critical' },
  intrusive: false,
  references: ['CWE-306', 'CWE-1188'],
  speaks: ['other', 'silent'],
  requests: 1,
  fix: 'set a password (`requirepass`, or an ACL user) and keep `protected-mode yes`',
  probe: 'Sends `PING` and `ECHO` with a random word in the Redis protocol.',
  rule: 'Vulnerable when it answers `+PONG` and gives the word back as the protocol asks. Safe when it asks for a password (`-NOAUTH`), or refuses (`-DENIED`, `-NOPERM`).',
  examine: async ({ target, connect, nonce, garbage }) => {
    const word = nonce();
    const echoed = `$${word.length}\r\n${word}\r\n`;
    const wire = await connect();
    wire.send(`*1\r\n$4\r\nPING\r\n*2\r\n$4\r\nECHO\r\n${echoed}`);
    const { bytes } = await wire.receive(isEnough);
    wire.close();
    const answer = bytes.toString('latin1');
    if (/^-(?:NOAUTH|DENIED|NOPERM|WRONGPASS)\b/.test(answer))
      return safe(`it refuses: ${answer.split('\r\n')[0]}`);
    // Redis answers garbage with an error; whoever says PONG to it says it to everybody.
    if (!answer.startsWith('+PONG\r\n') || (await garbage()).toString('latin1').startsWith('+PONG'))
      return notApplicable('it does not speak the Redis protocol');
    if (!answer.includes(`+PONG\r\n${echoed}`))
      return notApplicable('it says PONG, and runs no other command');
    return vulnerable(
      'proven',
      [
        '`PING` was answered with `+PONG`',
        '`ECHO` gave a random word back: commands are run without a password',
      ],
      {
        fix: passwordFix(target, FIXES) ?? sto01.fix,
      },
    );
  },
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
