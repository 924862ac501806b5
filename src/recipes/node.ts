/**
 * `use: node`: a Node program, told by `HOST` and `PORT` and by the preload that the daemon adds. It must not know what the
 * program does.
 */

import { DEFAULT_READY_TIMEOUT_MS, DEFAULT_STOP } from '../core/model.ts';
import type { Recipe, RecipeFacts, RecipePlan } from '../core/recipe.ts';
import { flag, text, texts } from './options.ts';

export const node: Recipe = {
  name: 'node',
  title: 'Node.js program',
  summary:
    'Runs a script with the same Node.js as Loopyard, in the service’s `cwd`. `HOST` and `PORT` tell it where to listen; a plain `listen(PORT)` is enough.',
  options: [
    {
      name: 'script',
      type: 'string',
      summary: 'The script, relative to `cwd`.',
      default: 'server.js',
    },
    { name: 'args', type: 'string-list', summary: 'Arguments for the script.' },
    {
      name: 'watch',
      type: 'boolean',
      summary: 'Starts the script again when a file that it imports changes (`node --watch`).',
      default: false,
    },
    {
      name: 'inspect',
      type: 'boolean',
      summary:
        'Lets a debugger attach, on port 9229 of the service’s own address, or on the port of an endpoint named `inspect`.',
      default: false,
    },
  ],
  endpoints: [],
  programs: [],
  example: `api:
  use: node
  with: { script: server.js, watch: true }
  port: 3000
`,
  check(options) {
    const script = text(options, 'script') ?? 'server.js';
    return script.startsWith('-')
      ? [{ option: 'script', message: '`script` names a file; it must not start with `-`' }]
      : [];
  },
  plan,
  url: () => null,
  client: () => null,
};

const INSPECTOR_PORT = 9229;

function plan(facts: RecipeFacts): RecipePlan {
  const { options, host, ports } = facts;
  const inspect = flag(options, 'inspect') ? [`--inspect=${host}:${ports.inspect ?? INSPECTOR_PORT}`] : [];
  const watch = flag(options, 'watch') ? ['--watch', '--watch-preserve-output'] : [];
  const first = Object.keys(ports).find((endpoint) => endpoint !== 'inspect');
  return {
    argv: [
      facts.node,
      ...watch,
      ...inspect,
      text(options, 'script') ?? 'server.js',
      ...texts(options, 'args'),
    ],
    env: {},
    files: [],
    ready:
      first === undefined
        ? { kind: 'none' }
        : { kind: 'tcp', endpoint: first, timeoutMs: DEFAULT_READY_TIMEOUT_MS },
    stop: DEFAULT_STOP,
    refusesRoot: false,
  };
}
