/** STO-06: a server of MySQL's protocol lets its administrator in with an empty password. */

import type { ListenerCheck, ListenerContext } from '../check.ts';
import { fixFor, type ProgramFix } from '../fixes/programs.ts';
import { type Habit, NOT_ASKED, patienceFor } from '../probe/habit.ts';
import type { Wire } from '../probe/wire.ts';
import {
  emptyPassword,
  errorOf,
  greetingOf,
  loginPacket,
  type MysqlPacket,
  QUIT,
  queryPacket,
  readPackets,
} from '../protocols/mysql.ts';
import { inconclusive, notApplicable, type Outcome, safe, vulnerable } from '../verdict.ts';

export const sto06: ListenerCheck = {
  id: 'STO-06',
  title: 'MySQL lets root in without a password',
  about: 'listener',
  transport: 'tcp',
  severity: { loopback: 'medium', network: 'critical' },
  intrusive: false,
  references: ['CWE-306', 'CWE-258', 'CWE-1188'],
  speaks: ['greets', 'other', 'silent'],
  requests: 1,
  fix: "give root a password: `ALTER USER 'root'@'localhost' IDENTIFIED BY '…'`",
  probe: 'Logs in as `root` with an empty password, selects a random word and leaves.',
  rule: 'Vulnerable when the login is taken and the word comes back in a row. Safe when the login is refused.',
  examine: async (context) => {
    const patience = patienceFor(context, HABIT);
    if (patience === null) return notApplicable(NOT_ASKED);
    const wire = await context.connect(patience);
    try {
      return await converse(wire, context);
    } finally {
      wire.close();
    }
  },
};

const HABIT: Habit = {
  ports: [3306, 3307, 4000, 33_060],
  program: /\b(?:mysqld|mariadbd|tidb-server|dolt)\b/,
  waits: false,
};

async function converse(wire: Wire, { nonce, target }: ListenerContext): Promise<Outcome> {
  const [hello] = await hear(wire, looksLikeGreeting);
  const greeting = hello === undefined ? null : greetingOf(hello);
  if (hello === undefined || greeting === null) return unfriendly(hello);
  wire.send(loginPacket('root', greeting));
  const [answer] = await loggedIn(wire);
  if (answer === undefined) return inconclusive('it does not answer to a login');
  const error = errorOf(answer.body);
  if (error !== null) return judgeError(error);
  if (answer.body[0] !== OK) return safe('it asks for more than an empty password');
  const word = nonce();
  wire.send(queryPacket(`SELECT '${word}'`));
  const rows = await hear(wire, (packets) => packets.length > 2 || packets[0]?.body[0] !== ONE_COLUMN);
  wire.send(QUIT);
  const isRow = rows.slice(2).some(({ body }) => body.includes(word));
  if (rows[0]?.body.length !== 1 || !isRow) return inconclusive('it lets root in, and carries no query out');
  return vulnerable(
    'proven',
    ['root was let in with an empty password', 'a query of a random word was carried out'],
    {
      fix: fixFor(target, FIXES) ?? sto06.fix,
    },
  );
}

const [OK, SWITCH, MORE, ONE_COLUMN] = [0x00, 0xfe, 0x01, 0x01];
const [SEVERAL, FAST_OK] = [2, 3];

/** The server may ask for another plugin first, and say that the fast way was taken before it says OK. */
async function loggedIn(wire: Wire): Promise<readonly MysqlPacket[]> {
  let answers = await hear(wire, (packets) => packets.length > 0);
  for (let turn = 0; turn < SEVERAL; turn += 1) {
    const [first] = answers;
    if (first?.body[0] === SWITCH) {
      const plugin = first.body.toString('latin1', 1).split('\0')[0] ?? '';
      wire.send(emptyPassword(first.sequence + 1, plugin));
      answers = await hear(wire, (packets) => packets.length > 0);
    } else if (first?.body[0] === MORE && first.body[1] === FAST_OK)
      answers = answers.length > 1 ? answers.slice(1) : await hear(wire, (packets) => packets.length > 0);
  }
  return answers;
}

async function hear(wire: Wire, enough: (packets: readonly MysqlPacket[]) => boolean) {
  const { bytes } = await wire.receive((all) => {
    const packets = readPackets(all);
    return packets.length > 0 && enough(packets);
  });
  return readPackets(bytes);
}

function looksLikeGreeting(packets: readonly MysqlPacket[]): boolean {
  return packets.length > 0;
}

/** Some say at once that this machine may not come in. */
function unfriendly(hello: MysqlPacket | undefined): Outcome {
  const error = hello?.sequence === 0 ? errorOf(hello.body) : null;
  return error === null ? notApplicable('it does not greet as MySQL does') : judgeError(error);
}

const [ACCESS_DENIED, MOST_ERROR] = [1000, 4999];
const NOT_NOW: readonly number[] = [1040, 1053, 1203];

function judgeError({ code, message }: { readonly code: number; readonly message: string }): Outcome {
  if (code < ACCESS_DENIED || code > MOST_ERROR) return notApplicable('it has errors of its own');
  return NOT_NOW.includes(code) ? inconclusive(message) : safe(`it refuses: ${message} (${code})`);
}

const FIXES: readonly ProgramFix[] = [
  {
    program: /\bmariadbd\b/,
    fix: "run `ALTER USER 'root'@'localhost' IDENTIFIED VIA unix_socket` (or `… IDENTIFIED BY '…'`), and start it without `--skip-grant-tables`",
  },
  {
    program: /\bmysqld\b/,
    fix: "run `ALTER USER 'root'@'localhost' IDENTIFIED BY '…'`, and start it without `--skip-grant-tables` (`--initialize` instead of `--initialize-insecure`)",
  },
  { program: /\btidb-server\b/, fix: "run `ALTER USER 'root'@'%' IDENTIFIED BY '…'`" },
];
