/** STO-05: a server of PostgreSQL's protocol lets users in without a password. */

import type { ListenerCheck, ListenerContext } from '../check.ts';
import { passwordFix } from '../fixes/programs.ts';
import { type Habit, NOT_ASKED, patienceFor } from '../probe/habit.ts';
import type { ConnectOptions } from '../probe/wire.ts';
import {
  errorFields,
  type PostgresMessage,
  readMessages,
  startupMessage,
  TERMINATE,
} from '../protocols/postgres.ts';
import type { Target } from '../target.ts';
import { inconclusive, notApplicable, type Outcome, safe, vulnerable } from '../verdict.ts';

export const sto05: ListenerCheck = {
  id: 'STO-05',
  title: 'PostgreSQL lets users in without a password',
  about: 'listener',
  transport: 'tcp',
  severity: { loopback: 'medium', network: 'critical' },
  intrusive: false,
  references: ['CWE-306', 'CWE-1188', 'CWE-287'],
  speaks: ['other', 'silent'],
  requests: 3,
  fix: 'ask for a password of everybody who comes over TCP',
  probe:
    'Begins a session as `postgres`, as the user who runs it, and as `root`, without a password; it is ended at once.',
  rule: 'Vulnerable when the server says AuthenticationOk without asking for anything. Safe when it asks for a password or refuses.',
  examine: async (context) => {
    const patience = patienceFor(context, HABIT);
    if (patience === null) return notApplicable(NOT_ASKED);
    let trusted: Outcome | null = null;
    for (const user of usersOf(context.target)) {
      const login = await logIn(context, user, patience);
      // Who has to be told about each user is known after the first one, unless the user does not exist.
      if (!login.isUserMissing) return login.outcome;
      trusted ??= login.outcome;
    }
    return trusted ?? notApplicable('there is no user to try');
  },
};

const HABIT: Habit = {
  ports: [5432, 5433, 6432, 26_257],
  program: /\b(?:postgres|postmaster|pgbouncer|cockroach)\b/,
  waits: true,
};

function usersOf({ listeners: [first] }: Target): readonly string[] {
  const own = first?.user ?? 'postgres';
  return [...new Set(['postgres', own, 'root'])];
}

interface Login {
  readonly outcome: Outcome;
  /** It lets in, and has no such user. */
  readonly isUserMissing: boolean;
}

async function logIn(
  { connect, target }: ListenerContext,
  user: string,
  patience: ConnectOptions,
): Promise<Login> {
  const wire = await connect(patience);
  wire.send(startupMessage(user, 'postgres'));
  const { bytes } = await wire.receive(isEnough);
  wire.send(TERMINATE);
  wire.close();
  return judge(readMessages(bytes), user, fixOf(target));
}

/** Up to an answer that ends the login, or something that is none. */
function isEnough(bytes: Buffer): boolean {
  if (bytes.length > 0 && !'REvN'.includes(String.fromCharCode(bytes[0] ?? 0))) return true;
  return readMessages(bytes).some((message) => 'ZE'.includes(message.type) || methodOf(message) > 0);
}

/** 0: AuthenticationOk; -1: it is another message. */
function methodOf({ type, body }: PostgresMessage): number {
  return type === 'R' && body.length >= 4 ? body.readInt32BE(0) : -1;
}

const METHODS: Readonly<Record<number, string>> = {
  3: 'a password',
  5: 'an MD5 password',
  7: 'GSSAPI',
  9: 'SSPI',
  10: 'a SCRAM password',
};

function judge(messages: readonly PostgresMessage[], user: string, fix: string): Login {
  const method = messages.map(methodOf).find((one) => one >= 0);
  const failure = messages.find(({ type }) => type === 'E');
  const error = failure === undefined ? null : errorFields(failure.body);
  const state = error?.get('C') ?? '';
  const only = (outcome: Outcome): Login => ({ outcome, isUserMissing: false });
  if (method === undefined) return only(refusal(error, state));
  if (method > 0) return only(safe(`it asks for ${METHODS[method] ?? `authentication ${method}`}`));
  const letIn = `AuthenticationOk for the user ${user}, without a password`;
  if (messages.some(({ type }) => type === 'Z'))
    return only(vulnerable('proven', [letIn, 'the session is open: ReadyForQuery'], { fix }));
  if (state === '') return only(inconclusive('it says AuthenticationOk, and the session does not begin'));
  const about = `then it speaks of the user or the database, and of no password: ${error?.get('M') ?? state}`;
  return {
    outcome: vulnerable('behavioural', [letIn, about], { fix }),
    isUserMissing: state.startsWith('28'),
  };
}

/** SQLSTATE classes for "not now": starting, stopping, full. */
const NOT_NOW = /^(?:57P|53)/;

function refusal(error: ReadonlyMap<string, string> | null, state: string): Outcome {
  if (!/^[0-9A-Z]{5}$/.test(state)) return notApplicable('it does not speak the protocol of PostgreSQL');
  const words = error?.get('M') ?? state;
  return NOT_NOW.test(state) ? inconclusive(words) : safe(`it refuses: ${words}`);
}

function fixOf(target: Target): string {
  return passwordFix(target, FIXES) ?? sto05.fix;
}

const FIXES = [
  {
    program: /\b(?:postgres|postmaster)\b/,
    fix: "write `scram-sha-256` instead of `trust` in the `host` lines of pg_hba.conf, give each user a password (`ALTER ROLE … PASSWORD '…'`), then `pg_ctl reload`",
  },
  { program: /\bpgbouncer\b/, fix: 'set `auth_type = scram-sha-256` and `auth_file` in pgbouncer.ini' },
  { program: /\bcockroach\b/, fix: 'start it with `--certs-dir` instead of `--insecure`' },
];
