/** `use: static`: the files of a directory over HTTP, by the small server that comes with Loopyard. It must not read files. */

import { DEFAULT_READY_TIMEOUT_MS, DEFAULT_STOP } from '../core/model.ts';
import type { Recipe, RecipeFacts, RecipePlan } from '../core/recipe.ts';
import { flag, fromRoot, portOf, text } from './options.ts';

const PORT = 8080;

/** `static` is a reserved word. */
export const staticFiles: Recipe = {
  name: 'static',
  title: 'Static files',
  summary: 'Serves the files of a directory over HTTP. Nothing has to be installed.',
  options: [
    {
      name: 'root',
      type: 'string',
      summary: 'The directory, relative to the config file.',
      default: 'public',
    },
    {
      name: 'spa',
      type: 'boolean',
      summary: 'Answers unknown paths with `index.html`, for single-page applications.',
      default: false,
    },
    {
      name: 'listing',
      type: 'boolean',
      summary: 'Lists directories that have no `index.html`.',
      default: false,
    },
  ],
  endpoints: [{ name: 'http', protocol: 'http', port: PORT }],
  programs: [],
  example: `docs:
  use: static
  with: { root: build/site }
`,
  check(options) {
    return flag(options, 'spa') && flag(options, 'listing')
      ? [{ option: 'listing', message: '`listing` and `spa` exclude each other: `spa` answers every path' }]
      : [];
  },
  plan,
  url: () => null,
  client: () => null,
};

function plan(facts: RecipeFacts): RecipePlan {
  const { options, host } = facts;
  return {
    argv: [
      facts.node,
      facts.staticServer,
      '--root',
      fromRoot(facts, text(options, 'root') ?? 'public'),
      '--host',
      host,
      '--port',
      String(portOf(facts, 'http', PORT)),
      ...(flag(options, 'spa') ? ['--spa'] : []),
      ...(flag(options, 'listing') ? ['--listing'] : []),
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
