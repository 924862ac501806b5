/**
 * `use: nginx`: nginx with everything it writes in the service's own directories, for a directory of files or for server blocks from a
 * template. It must not read the template: its script does, at each start.
 */

import { DEFAULT_READY_TIMEOUT_MS, DEFAULT_STOP } from '../core/model.ts';
import type { Recipe, RecipeFacts, RecipePlan } from '../core/recipe.ts';
import { FILL_TEMPLATE, nginxConfig, START_NGINX } from './nginx-files.ts';
import { flag, fromRoot, portOf, text } from './options.ts';

const PORT = 8080;

export const nginx: Recipe = {
  name: 'nginx',
  title: 'nginx',
  summary:
    'An nginx of the service’s own: serves a directory, or what the server blocks of a template say, e.g. as a proxy before the services it needs.',
  options: [
    {
      name: 'root',
      type: 'string',
      summary: 'The directory to serve, relative to the config file; `public` without a `template`.',
    },
    {
      name: 'template',
      type: 'string',
      summary:
        'A file with what stands inside `http { }`, relative to the config file. `${LISTEN}` (address and port), `${HOST}`, `${PORT}`, `${DATA_DIR}` and every other variable of the service, such as `${API_URL}`, are filled in; nginx’s own `$variables` stay. Relative paths in it start at the config file.',
    },
    {
      name: 'daemon',
      type: 'boolean',
      summary: 'Lets nginx put itself into the background; it is watched and stopped all the same.',
      default: false,
    },
  ],
  endpoints: [{ name: 'http', protocol: 'http', port: PORT }],
  programs: [
    {
      program: 'nginx',
      alsoIn: ['/usr/sbin', '/usr/local/sbin', '/opt/homebrew/bin', '/usr/local/bin'],
      install: 'apt-get install nginx-light (macOS: brew install nginx)',
    },
  ],
  example: `edge:
  use: nginx
  with: { template: edge.conf }   # server { listen \${LISTEN}; location / { proxy_pass \${API_URL}; } }
  needs: [api]
`,
  check(options) {
    const root = text(options, 'root');
    if (root !== undefined && text(options, 'template') !== undefined)
      return [{ option: 'root', message: '`root` and `template` exclude each other' }];
    return root?.includes('$')
      ? [{ option: 'root', message: '`root` must not contain `$`, which nginx takes for a variable' }]
      : [];
  },
  plan,
  url: () => null,
  client: () => null,
};

function plan(facts: RecipeFacts): RecipePlan {
  const { options, host, runDir, dataDir, projectRoot } = facts;
  const port = portOf(facts, 'http', PORT);
  const template = text(options, 'template');
  const site = template === undefined ? { root: text(options, 'root') ?? 'public' } : null;
  return {
    argv: [
      'sh',
      '-c',
      START_NGINX,
      'sh',
      facts.programs.nginx ?? 'nginx',
      runDir,
      projectRoot,
      template === undefined ? '' : fromRoot(facts, template),
      flag(options, 'daemon') ? 'on' : 'off',
      host,
      String(port),
      dataDir,
    ],
    env: {},
    files: [
      { name: 'nginx.conf', text: nginxConfig({ runDir, dataDir, host, port, site }) },
      { name: 'fill-template.awk', text: FILL_TEMPLATE },
    ],
    ready: {
      kind: 'tcp',
      endpoint: Object.keys(facts.ports)[0] ?? 'http',
      timeoutMs: DEFAULT_READY_TIMEOUT_MS,
    },
    stop: DEFAULT_STOP,
    refusesRoot: false,
  };
}
