/** `use: vite`: the project's own Vite, told by flags where to listen. It must not know the project's config. */

import { DEFAULT_READY_TIMEOUT_MS, DEFAULT_STOP } from '../core/model.ts';
import type { Recipe, RecipeFacts, RecipePlan } from '../core/recipe.ts';
import { portOf, text } from './options.ts';

const PORT = 5173;

export const vite: Recipe = {
  name: 'vite',
  title: 'Vite',
  summary: 'The Vite of the project’s `node_modules`, as development server or as preview of a build.',
  options: [
    {
      name: 'command',
      type: 'string',
      summary: '`dev`, or `preview` to serve what `vite build` wrote.',
      default: 'dev',
      pattern: { regex: '^(dev|preview)$', words: '`dev` or `preview`' },
    },
    { name: 'root', type: 'string', summary: 'The directory with `index.html`, relative to `cwd`.' },
    { name: 'config', type: 'string', summary: 'The config file, relative to `cwd`.' },
    { name: 'mode', type: 'string', summary: 'Which `.env.MODE` files count, e.g. `staging`.' },
  ],
  endpoints: [{ name: 'http', protocol: 'http', port: PORT }],
  programs: [{ program: 'vite', alsoIn: [], install: 'npm install -D vite' }],
  example: `web:
  use: vite
  with: { root: web }
`,
  check(options) {
    return ['root', 'config', 'mode']
      .filter((option) => text(options, option)?.startsWith('-'))
      .map((option) => ({ option, message: `\`${option}\` must not start with \`-\`` }));
  },
  plan,
  url: () => null,
  client: () => null,
};

function plan(facts: RecipeFacts): RecipePlan {
  const { options, host } = facts;
  const valued = (name: string): string[] => {
    const value = text(options, name);
    return value === undefined ? [] : [`--${name}`, value];
  };
  const root = text(options, 'root');
  return {
    argv: [
      facts.programs.vite ?? 'vite',
      text(options, 'command') ?? 'dev',
      ...(root === undefined ? [] : [root]),
      '--host',
      host,
      '--port',
      String(portOf(facts, 'http', PORT)),
      '--strictPort',
      ...valued('config'),
      ...valued('mode'),
    ],
    env: {},
    files: [],
    ready: {
      kind: 'tcp',
      endpoint: Object.keys(facts.ports)[0] ?? 'http',
      timeoutMs: DEFAULT_READY_TIMEOUT_MS,
    },
    stop: DEFAULT_STOP,
    refusesRoot: false,
  };
}
