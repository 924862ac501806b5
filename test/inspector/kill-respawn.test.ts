/** Who is said to have started a server again, and how to stop that, by what tools look like to the system. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OwnerDocument, UnitRef } from '../../src/core/inspection.ts';
import { respawnerOf } from '../../src/inspector/kill/respawn.ts';
import type { ProcessDescription } from '../../src/platform/facts.ts';

const TOOLS: readonly (readonly [name: string, command: string, said: string, fix: string])[] = [
  ['node', 'node /usr/lib/node_modules/nodemon/bin/nodemon.js server.js', 'nodemon', 'kill 70'],
  ['sh', 'sh -c while', 'sh', 'kill 70'],
  ['bash', 'bash dev.sh', 'dev.sh', 'kill 70'],
  ['runsv', 'runsv /etc/service/web', 'runsv', 'sv down /etc/service/web'],
  [
    'supervisord',
    '/usr/bin/python3 /usr/bin/supervisord -n',
    'supervisord',
    '`supervisorctl status` names it, `supervisorctl stop NAME` stops it',
  ],
  [
    'PM2 v5.4.2: God',
    'PM2 v5.4.2: God Daemon (/home/ann/.pm2)',
    'PM2',
    '`pm2 list` names it, `pm2 stop NAME` stops it',
  ],
  ['bash', '-bash', 'bash', 'press Ctrl-C in the terminal of bash (pid 70); `kill -HUP 70` closes it'],
];

for (const [name, command, said, fix] of TOOLS)
  test(`${said}, as \`${command}\``, () => {
    const words = name.startsWith('PM2') ? [command] : command.split(' ');
    const found = respawn({ tool: { name, command: words } });
    assert.deepEqual(found, { pid: 70, name: said, fix });
  });

test('systemd is named by the unit, a user manager too', () => {
  const unit: UnitRef = { name: 'web.service', manager: 'system', socket: false };
  assert.deepEqual(respawn({ above: [1], unit }), {
    pid: null,
    name: 'systemd (web.service)',
    fix: 'systemctl stop web.service',
  });
  const own = respawn({
    tool: { name: 'systemd', command: ['systemd', '--user'] },
    unit: { ...unit, manager: 'user' },
  });
  assert.equal(own?.fix, 'systemctl --user stop web.service');
});

test('nobody is blamed without a sign', () => {
  // Another program took the port.
  assert.equal(respawn({ command: ['python3', '-m', 'http.server'], cwd: '/else' }), null);
  // Both came from the terminal in which the command runs.
  assert.equal(respawn({ own: new Set([70]) }), null);
  // Nobody is above both but the first process.
  assert.equal(respawn({ above: [1] }), null);
});

interface Change {
  readonly tool?: Pick<ProcessDescription, 'name' | 'command'>;
  readonly above?: readonly number[];
  readonly unit?: UnitRef;
  readonly own?: ReadonlySet<number>;
  readonly command?: readonly string[];
  readonly cwd?: string;
}

/** A server below the tool that ended, and one that came after it; each below a shell of its own. */
function respawn(change: Change): ReturnType<typeof respawnerOf> {
  const { tool = { name: 'sh', command: ['sh', '-c', 'loop'] }, above = [70, 1], unit = null } = change;
  const before = owner(100, [99, ...above], {});
  const { command = before.command, cwd = before.cwd } = change;
  return respawnerOf({
    before: [before],
    after: owner(200, [199, ...above], {
      command,
      cwd,
      name: command === before.command ? 'node' : 'python3',
    }),
    unit,
    own: change.own ?? new Set([60]),
    processOf: (pid) => ({ ...description(pid), ...(pid === 70 ? tool : {}) }),
  });
}

function owner(pid: number, parents: readonly number[], change: Partial<OwnerDocument>): OwnerDocument {
  return {
    pid,
    user: 'ann',
    name: 'node',
    command: ['node', 'server.js'],
    cwd: '/shop',
    started: null,
    parents: parents.map((parent) => ({ pid: parent, name: '' })),
    origin: '',
    stale: false,
    ...change,
  };
}

function description(pid: number): ProcessDescription {
  return {
    pid,
    parent: 1,
    session: 1,
    uid: 1000,
    user: 'ann',
    name: 'sh',
    command: ['sh'],
    cwd: null,
    executable: null,
    executableDeleted: false,
    startedAt: null,
    cgroup: null,
  };
}
