/**
 * `use: postgres`: a PostgreSQL server with a cluster of the service's own, made on first use. It must not know whether the machine
 * lets it run as the user it is: `refusesRoot` says what PostgreSQL refuses.
 */

import { DEFAULT_READY_TIMEOUT_MS } from '../core/model.ts';
import type { Recipe, RecipeClient, RecipeFacts, RecipePlan } from '../core/recipe.ts';
import { nonScalars, portOf, type Scalar, scalars, shellWord, text, texts } from './options.ts';
import { postgresArgv } from './postgres-script.ts';

const PORT = 5432;
const SERVER_INSTALL = 'apt-get install postgresql (macOS: brew install postgresql)';
const CLIENT_INSTALL = 'apt-get install postgresql-client (macOS: brew install libpq)';
/** Debian, Alpine, Red Hat's PGDG, Homebrew on both processors. */
const PLACES = [
  '/usr/lib/postgresql/*/bin',
  '/usr/libexec/*',
  '/usr/pgsql-*/bin',
  '/opt/homebrew/opt/*/bin',
  '/usr/local/opt/*/bin',
];
const NAME = {
  regex: '^[A-Za-z_][A-Za-z0-9_-]{0,62}$',
  words: 'at most 63 letters, digits, `_` and `-`, not starting with a digit',
};
/** Where to listen and who may connect is Loopyard's to say. */
const OURS = new Set([
  'listen_addresses',
  'unix_socket_directories',
  'hba_file',
  'config_file',
  'data_directory',
]);

export const postgres: Recipe = {
  name: 'postgres',
  title: 'PostgreSQL',
  summary:
    'A PostgreSQL server with data of its own. The first start makes the cluster, the user, the database, and runs the `init` files once.',
  options: [
    {
      name: 'user',
      type: 'string',
      summary: 'The superuser to make.',
      default: 'postgres',
      pattern: NAME,
    },
    {
      name: 'database',
      type: 'string',
      summary: 'The database to make; named like the user unless said otherwise.',
      pattern: NAME,
    },
    {
      name: 'password',
      type: 'string',
      summary:
        'The user’s password. Without one, whoever reaches the loopback address gets in. Counts at the first start.',
    },
    {
      name: 'init',
      type: 'string-list',
      summary:
        'SQL files for the new database, relative to the config file; `*` and `?` match several, in the order of their names. When one fails, the next start begins anew.',
    },
    {
      name: 'settings',
      type: 'map',
      summary:
        'Server settings, e.g. `{ max_connections: 50, log_statement: all }`; changed ones count at the next start.',
    },
    {
      name: 'version',
      type: 'integer',
      summary:
        'The major version, where several are installed. Else the one that made the data, else the highest.',
    },
  ],
  endpoints: [{ name: 'postgres', protocol: 'postgres', port: PORT }],
  programs: [{ program: 'postgres', alsoIn: PLACES, install: SERVER_INSTALL }],
  example: `db:
  use: postgres
  with: { database: app, user: app, init: db/*.sql, settings: { max_connections: 50 } }
`,
  check,
  plan,
  url({ host, ports, options }) {
    const { user, database, password } = login(options);
    const secret = password === undefined ? '' : `:${encodeURIComponent(password)}`;
    return `postgres://${user}${secret}@${host}:${portOf({ ports }, 'postgres', PORT)}/${database}`;
  },
  client({ host, ports, options }): RecipeClient {
    const { user, database, password } = login(options);
    return {
      argv: ['psql'],
      env: {
        PGHOST: host,
        PGPORT: String(portOf({ ports }, 'postgres', PORT)),
        PGUSER: user,
        PGDATABASE: database,
        ...(password === undefined ? {} : { PGPASSWORD: password }),
      },
      install: CLIENT_INSTALL,
    };
  },
};

function login(options: RecipeFacts['options']): {
  user: string;
  database: string;
  password: string | undefined;
} {
  const user = text(options, 'user') ?? 'postgres';
  return { user, database: text(options, 'database') ?? user, password: text(options, 'password') };
}

type Problem = ReturnType<Recipe['check']>[number];

function check(options: RecipeFacts['options']): readonly Problem[] {
  const { user, password } = login(options);
  return [
    ...problem('user', user.startsWith('pg_') && '`user`: PostgreSQL keeps names with `pg_` for itself'),
    ...problem('password', password?.includes('\n') === true && '`password` must be a single line'),
    ...texts(options, 'init').flatMap((pattern) => problem('init', initMistake(pattern))),
    ...scalars(options, 'settings').flatMap(([key]) => problem('settings', settingMistake(key))),
    ...nonScalars(options, 'settings').flatMap((key) =>
      problem('settings', `\`settings.${key}\` must be a text, number or boolean`),
    ),
  ];
}

function problem(option: string, message: string | false): readonly Problem[] {
  return message === false ? [] : [{ option, message }];
}

function initMistake(pattern: string): string | false {
  if (pattern.includes('\n')) return '`init`: a pattern must be a single line';
  return pattern.includes('**') && `\`init\`: \`${pattern}\`: \`**\` is not understood; name each directory`;
}

function settingMistake(key: string): string | false {
  if (!/^[a-z_][a-z0-9_.]*$/i.test(key)) return `\`settings.${key}\` is not a name of a PostgreSQL setting`;
  if (key.toLowerCase() === 'port') return '`settings.port` is set by Loopyard; use the service’s `port:`';
  return OURS.has(key.toLowerCase()) && `\`settings.${key}\` is set by Loopyard; leave it out`;
}

function plan(facts: RecipeFacts): RecipePlan {
  const { options, host, runDir } = facts;
  const { user, database, password } = login(options);
  const port = portOf(facts, 'postgres', PORT);
  const pidFile = `${facts.dataDir}/cluster/postmaster.pid`;
  return {
    argv: postgresArgv({
      server: facts.programs.postgres ?? 'postgres',
      version: typeof options.version === 'number' ? String(options.version) : '',
      dataDir: facts.dataDir,
      runDir,
      user,
      database,
      passwordFile: password === undefined ? '' : `${runDir}/postgres-password`,
      accessFile: `${runDir}/pg_hba.conf`,
      host,
      port,
      root: facts.projectRoot,
      init: texts(options, 'init'),
      flags: scalars(options, 'settings').flatMap(([key, value]) => ['-c', `${key}=${setting(value)}`]),
    }),
    env: {},
    files: [
      { name: 'pg_hba.conf', text: access(password === undefined ? 'trust' : 'scram-sha-256') },
      { name: 'postgres-password', text: password === undefined ? '' : `${password}\n` },
    ],
    // PostgreSQL accepts connections while it recovers, and refuses sessions: pg_isready knows the difference. Asking too early would
    // put a FATAL line into the log, so first the server's own word, which a killed one leaves behind.
    ready: {
      kind: 'exec',
      command: `grep -qs '^ready' ${shellWord(pidFile)} && ${shellWord(`${runDir}/pg_isready`)} -q -h ${host} -p ${port} -U ${user} -d ${database}`,
      timeoutMs: DEFAULT_READY_TIMEOUT_MS,
    },
    // SIGTERM would wait for every client to go; SIGINT ends their sessions and shuts down cleanly.
    stop: { signal: 'SIGINT', graceMs: 10_000 },
    refusesRoot: true,
  };
}

/** Clients of a loopback address come from 127.0.0.1, or from another 127.x when they bind one. */
function access(method: string): string {
  return `host all all 127.0.0.0/8 ${method}\nhost replication all 127.0.0.0/8 ${method}\n`;
}

function setting(value: Scalar): string {
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  return String(value);
}
