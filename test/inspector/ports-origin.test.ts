/** Where a process comes from, in words: chains as they are on people's machines. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { originOf } from '../../src/inspector/ports/origin.ts';
import { programName, whatRuns } from '../../src/inspector/ports/program.ts';
import { unitOf } from '../../src/inspector/ports/unit.ts';
import type { ProcessDescription } from '../../src/platform/facts.ts';

const HOME = '/home/ada';

/** `name`, or its whole command; the first is the process itself, the last the topmost. */
function origin(
  chain: readonly (string | Partial<ProcessDescription>)[],
  of: Partial<ProcessDescription> = {},
): string {
  const processes = chain.map((one, index) => described(one, chain.length - index));
  const [process, ...ancestors] = processes;
  assert.ok(process !== undefined);
  return originOf({ ...process, cwd: `${HOME}/shop`, ...of }, ancestors, HOME);
}

function described(one: string | Partial<ProcessDescription>, pid: number): ProcessDescription {
  const given = typeof one === 'string' ? { command: one.split(' ') } : one;
  const file = given.command?.[0]?.split('/').pop() ?? '';
  return {
    pid,
    parent: pid - 1,
    session: 1,
    uid: 1000,
    user: 'ada',
    name: file.replace(/^-/, '').replace(/:$/, '').slice(0, 15),
    command: [],
    cwd: null,
    executable: null,
    executableDeleted: false,
    startedAt: null,
    cgroup: null,
    ...given,
  };
}

const SYSTEMD = '/usr/lib/systemd/systemd --system';
const USER_SYSTEMD = '/usr/lib/systemd/systemd --user';
const NPM = { name: 'npm run dev', command: ['npm run dev'] };
const VITE = 'node /home/ada/shop/node_modules/.bin/vite';

const CASES: readonly (readonly [
  what: string,
  chain: readonly (string | Partial<ProcessDescription>)[],
  text: string,
])[] = [
  [
    'npm in VS Code',
    [
      VITE,
      'sh -c vite',
      NPM,
      '/bin/bash',
      '/usr/share/code/code --type=utility',
      '/usr/share/code/code',
      SYSTEMD,
    ],
    'started by npm in ~/shop, from VS Code',
  ],
  [
    'a remote VS Code',
    [
      VITE,
      'sh -c vite',
      NPM,
      '/bin/bash --init-file x',
      'node /home/ada/.vscode-server/bin/1/out/bootstrap-fork --type=ptyHost',
      'sh /home/ada/.vscode-server/bin/1/bin/code-server',
      SYSTEMD,
    ],
    'started by npm in ~/shop, from VS Code',
  ],
  [
    'npm by its script',
    [VITE, 'sh -c vite', 'node /usr/lib/node_modules/npm/bin/npm-cli.js run dev', '-zsh', 'kitty', SYSTEMD],
    'started by npm in ~/shop, from Kitty',
  ],
  [
    'pnpm over ssh',
    [
      'node a.js',
      'node /opt/pnpm/bin/pnpm.cjs dev',
      '-bash',
      'sshd-session: ada@pts/0',
      'sshd: /usr/sbin/sshd -D',
      SYSTEMD,
    ],
    'started by pnpm in ~/shop, over ssh',
  ],
  [
    'a shell in a terminal',
    ['python3 -m http.server', 'bash', '/usr/libexec/gnome-terminal-server', USER_SYSTEMD, SYSTEMD],
    'started by bash in ~/shop, from GNOME Terminal',
  ],
  [
    'an editor in tmux',
    ['node a.js', 'make dev', 'zsh', 'nvim a.js', '-zsh', 'tmux new -s work', SYSTEMD],
    'started by make in ~/shop, from Neovim, in tmux',
  ],
  [
    'screen',
    ['node a.js', 'bash', 'SCREEN -S x', SYSTEMD].map((one) =>
      one.startsWith('SCREEN') ? { name: 'screen', command: ['SCREEN', '-S', 'x'] } : one,
    ),
    'started by bash in ~/shop, in screen',
  ],
  [
    'cron',
    [
      'node a.js',
      'sh -c node a.js',
      { name: 'cron', command: ['/usr/sbin/CRON', '-f'] },
      '/usr/sbin/cron -f',
      SYSTEMD,
    ],
    'started by cron in ~/shop',
  ],
  [
    'pm2',
    [
      'node /home/ada/shop/a.js',
      { name: 'PM2 v5.4.2: God', command: ['PM2 v5.4.2: God Daemon (/home/ada/.pm2)'] },
      SYSTEMD,
    ],
    'started by pm2 in ~/shop',
  ],
  [
    'supervisord',
    ['node a.js', '/usr/bin/python3 /usr/bin/supervisord -n', SYSTEMD],
    'started by supervisord in ~/shop',
  ],
  [
    'a container',
    ['redis-server *:6379', '/usr/bin/containerd-shim-runc-v2 -namespace moby', SYSTEMD],
    'started in a container (containerd) in ~/shop',
  ],
  [
    'podman',
    ['node a.js', 'npm start', '/usr/bin/conmon --api-version 1', SYSTEMD],
    'started by npm in ~/shop, in a container (podman)',
  ],
  [
    'docker-proxy',
    ['/usr/bin/docker-proxy -proto tcp', '/usr/bin/dockerd -H fd://', SYSTEMD],
    'started by Docker in ~/shop',
  ],
  [
    'a CI runner',
    [
      VITE,
      'sh -c vite',
      NPM,
      '/usr/bin/bash -e /x.sh',
      '/home/ada/runner/bin/Runner.Worker spawnclient',
      '/home/ada/runner/bin/Runner.Listener run',
      SYSTEMD,
    ],
    'started by npm in ~/shop, in GitHub Actions',
  ],
  [
    'sudo',
    ['python3 a.py', 'sudo python3 a.py', 'bash', 'foot', SYSTEMD],
    'started by bash in ~/shop, with sudo, from foot',
  ],
  [
    'workers of a master',
    [
      'nginx: worker process',
      'nginx: master process /usr/sbin/nginx',
      '/usr/bin/make serve',
      'bash',
      'alacritty',
    ],
    'started by make in ~/shop, from Alacritty',
  ],
  ['the first', ['node a.js'], 'the first process in ~/shop'],
  ['an init that is none', ['node a.js', 'sleep 3600'], 'under sleep, the first process, in ~/shop'],
  ['a lost parent', ['node a.js', SYSTEMD], 'on its own, since what started it has ended, in ~/shop'],
  [
    'the desktop',
    ['node a.js', '/usr/bin/gnome-shell', USER_SYSTEMD, SYSTEMD],
    'started from the desktop in ~/shop',
  ],
  [
    'JetBrains',
    ['node a.js', '/bin/bash -i', '/opt/WebStorm/jbr/bin/java com.intellij.idea.Main', SYSTEMD],
    'started by bash in ~/shop, from a JetBrains editor',
  ],
];

for (const [what, chain, text] of CASES) test(what, () => assert.equal(origin(chain), text));

test('parents that are not seen', () => {
  const process = described('node a.js', 4711);
  assert.equal(originOf(process, [], HOME), 'started by a process that is not seen from here');
  assert.equal(originOf({ ...process, parent: 0 }, [], HOME), 'started from outside of what is seen here');
});

test('a service of systemd, and scopes that keep the name of what has ended', () => {
  const chain = ['nginx: master process /usr/sbin/nginx', SYSTEMD];
  const cwd = '/';
  assert.equal(
    origin(chain, { cgroup: '/system.slice/nginx.service', cwd }),
    'started by systemd (nginx.service) in /',
  );
  const below = '/user.slice/user-1000.slice/user@1000.service';
  const lost = 'on its own, since what started it has ended, in ~/shop';
  const of = (cgroup: string): string => origin(['node a.js', USER_SYSTEMD, SYSTEMD], { cgroup });
  assert.equal(of(`${below}/app.slice/redis.service`), 'started by systemd (redis.service) in ~/shop');
  assert.equal(of(`${below}/app.slice/app-gnome-code-4711.scope`), `${lost}, from code`);
  assert.equal(of(`${below}/tmux-spawn-1b2c.scope`), `${lost}, in tmux`);
  assert.equal(
    of('/user.slice/user-1000.slice/session-3.scope'),
    `${lost}, from a login that may have ended`,
  );
});

test('units are the innermost part, and scopes are none', () => {
  const unit = (cgroup: string | null): unknown => unitOf([{ cgroup }]);
  assert.deepEqual(unit('/system.slice/nginx.service'), {
    name: 'nginx.service',
    manager: 'system',
    socket: false,
  });
  assert.deepEqual(unit('/system.slice/system-postgresql.slice/postgresql@16-main.service'), {
    name: 'postgresql@16-main.service',
    manager: 'system',
    socket: false,
  });
  assert.deepEqual(unit('/system.slice/k3s.service/kubelet'), {
    name: 'k3s.service',
    manager: 'system',
    socket: false,
  });
  const below = '/user.slice/user-1000.slice/user@1000.service';
  assert.deepEqual(unit(`${below}/app.slice/a.service`), {
    name: 'a.service',
    manager: 'user',
    socket: false,
  });
  for (const none of [null, '/', '/init.scope', `${below}/init.scope`, `${below}/app.slice/app-x-1.scope`])
    assert.equal(unit(none), null, `${none}`);
});

test('what a process is called', () => {
  const names = (command: string, of: Partial<ProcessDescription> = {}): readonly string[] => {
    const process = { ...described(command, 9), ...of };
    return [programName(process), whatRuns(process)];
  };
  assert.deepEqual(names('/usr/bin/node /srv/shop/server.js'), ['node', 'shop/server.js']);
  assert.deepEqual(names('node --inspect -r ts-node/register worker.ts'), ['node', 'worker.ts']);
  assert.deepEqual(names('node -e 0'), ['node', 'node']);
  assert.deepEqual(names('node', { name: 'MainThread' }), ['node', 'node']);
  assert.deepEqual(names('node /a/node_modules/@scope/tool/dist/index.js'), ['node', '@scope/tool']);
  assert.deepEqual(names('python3 -m http.server 8000'), ['python3', 'http.server']);
  assert.deepEqual(names('python3.12 manage.py runserver'), ['python3.12', 'manage.py']);
  assert.deepEqual(names('java -Xmx1g -jar /opt/app.jar'), ['java', 'app.jar']);
  assert.deepEqual(names('java -cp x:y org.example.Main'), ['java', 'org.example.Main']);
  assert.deepEqual(names('-bash'), ['bash', 'bash']);
  assert.deepEqual(names('bun run dev'), ['bun', 'dev']);
  assert.deepEqual(names('/usr/bin/containerd-shim-runc-v2 -id x'), [
    'containerd-shim-runc-v2',
    'containerd-shim-runc-v2',
  ]);
  assert.deepEqual(names('', { name: 'kworker/0:1', command: [] }), ['kworker/0:1', 'kworker/0:1']);
  assert.deepEqual(names('', { name: 'x', command: [''] }), ['x', 'x']);
});
