/**
 * `use: redis`: a Redis server with its data in the service's data directory. Everything goes through a private config file, so that
 * a password is in no process list. It must not know who connects.
 */

import { DEFAULT_READY_TIMEOUT_MS } from '../core/model.ts';
import type { Recipe, RecipeClient, RecipeFacts, RecipePlan } from '../core/recipe.ts';
import { nonScalars, portOf, type Scalar, scalars, shellWord, text } from './options.ts';

const PORT = 6379;
const INSTALL = 'apt-get install redis-server (macOS: brew install redis)';
const CLIENT_INSTALL = 'apt-get install redis-tools (macOS: brew install redis)';
/** What the recipe itself says to Redis; a second word on it would win or be refused. */
const OURS = new Set([
  'bind',
  'port',
  'dir',
  'daemonize',
  'supervised',
  'pidfile',
  'logfile',
  'requirepass',
  'protected-mode',
  'unixsocket',
  'appendonly',
]);

export const redis: Recipe = {
  name: 'redis',
  title: 'Redis',
  summary: 'A Redis server of the service’s own. Its data survives restarts and crashes.',
  options: [
    { name: 'password', type: 'string', summary: 'What clients have to say first; none by default.' },
    {
      name: 'persist',
      type: 'boolean',
      summary: 'Keeps the data on disk (append-only file). `false`: every start is empty.',
      default: true,
    },
    {
      name: 'settings',
      type: 'map',
      summary: 'Lines of `redis.conf`, e.g. `{ maxmemory: 64mb }`.',
    },
  ],
  endpoints: [{ name: 'redis', protocol: 'redis', port: PORT }],
  programs: [
    { program: 'redis-server', alsoIn: [], install: INSTALL },
    { program: 'redis-cli', alsoIn: [], install: CLIENT_INSTALL },
  ],
  example: `cache:
  use: redis
  with: { settings: { maxmemory: 64mb, maxmemory-policy: allkeys-lru } }
`,
  check,
  plan,
  url({ host, ports, options }) {
    const password = text(options, 'password');
    // Clients differ in what an empty user means; the one that `requirepass` guards is named `default`.
    const login = password === undefined ? '' : `default:${encodeURIComponent(password)}@`;
    return `redis://${login}${host}:${portOf({ ports }, 'redis', PORT)}`;
  },
  client({ host, ports, options }): RecipeClient {
    const password = text(options, 'password');
    return {
      argv: ['redis-cli', '-h', host, '-p', String(portOf({ ports }, 'redis', PORT))],
      env: password === undefined ? {} : { REDISCLI_AUTH: password },
      install: CLIENT_INSTALL,
    };
  },
};

function check(options: RecipeFacts['options']): { option: string; message: string }[] {
  const named = scalars(options, 'settings').map(([key]) => key);
  return [
    ...named
      .filter((key) => !/^[a-z][a-z0-9-]*$/.test(key))
      .map((key) => ({ option: 'settings', message: `\`settings.${key}\` is not a name of redis.conf` })),
    ...named
      .filter((key) => OURS.has(key))
      .map((key) => ({
        option: 'settings',
        message: `\`settings.${key}\` is set by Loopyard; ${instead(key)}`,
      })),
    ...nonScalars(options, 'settings').map((key) => ({
      option: 'settings',
      message: `\`settings.${key}\` must be a text, number or boolean`,
    })),
  ];
}

function instead(key: string): string {
  if (key === 'requirepass') return 'use `password`';
  if (key === 'appendonly') return 'use `persist`';
  if (key === 'port') return 'use the service’s `port:`';
  return 'leave it out';
}

function plan(facts: RecipeFacts): RecipePlan {
  const port = portOf(facts, 'redis', PORT);
  const password = text(facts.options, 'password');
  const auth = `${facts.runDir}/redis-auth`;
  const cli = facts.programs['redis-cli'] ?? 'redis-cli';
  const server = facts.programs['redis-server'] ?? 'redis-server';
  return {
    // Named as an argument, a path with `*`, `?` or `[` is a pattern to Redis: no match, no config, and it listens everywhere.
    argv: ['sh', '-c', 'exec "$1" - <"$2"', 'sh', server, `${facts.runDir}/redis.conf`],
    env: {},
    files: [
      { name: 'redis.conf', text: config(facts, port) },
      { name: 'redis-auth', text: password ?? '' },
    ],
    // An accepted connection proves little: while it loads its data Redis accepts and answers LOADING.
    ready: {
      kind: 'exec',
      command: `REDISCLI_AUTH="$(cat ${shellWord(auth)})"; [ -z "$REDISCLI_AUTH" ] && unset REDISCLI_AUTH || export REDISCLI_AUTH; ${shellWord(cli)} -h ${facts.host} -p ${port} ping 2>&1 | grep -x PONG`,
      timeoutMs: DEFAULT_READY_TIMEOUT_MS,
    },
    stop: { signal: 'SIGTERM', graceMs: 10_000 },
    refusesRoot: false,
  };
}

function config(facts: RecipeFacts, port: number): string {
  const { options } = facts;
  const password = text(options, 'password');
  const ours = [
    ['bind', facts.host],
    ['port', String(port)],
    ['dir', facts.dataDir],
    ['daemonize', 'no'],
    ['protected-mode', 'yes'],
    ['appendonly', options.persist === false ? 'no' : 'yes'],
    // The append-only file alone is the truth; without it nothing may be left for the next start.
    ['save', ''],
    ...(password === undefined ? [] : [['requirepass', password]]),
  ];
  const settings = scalars(options, 'settings').map(([key, value]) => [key, words(value)]);
  return [...ours.map(([key = '', value = '']) => [key, quoted(value)]), ...settings]
    .map((line) => `${line.join(' ')}\n`)
    .join('');
}

/** Plain words stay apart (`save: 60 1` has two); anything else is one text in quotes. */
function words(value: Scalar): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  const plain = String(value).trim();
  return /^[\w. -]+$/.test(plain) ? plain : quoted(plain);
}

function quoted(value: string): string {
  const escaped = value.replace(/[\\"]/g, '\\$&').replaceAll('\n', '\\n').replaceAll('\r', '\\r');
  return `"${escaped}"`;
}
