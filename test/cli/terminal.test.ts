/** `lo` in a real terminal and in real pipes, with a real daemon. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { ensureProgram } from '../support/debian.ts';
import { Lab, Live } from '../support/lab.ts';
import { dist } from '../support/paths.ts';
import { HTTP_SERVER } from '../support/programs.ts';

const LO = `'${process.execPath}' '${join(dist, 'lo.js')}'`;

function shop(t: TestContext): Lab {
  const lab = Lab.create(t);
  lab.write('server.mjs', HTTP_SERVER);
  lab.write(
    'loopyard.yaml',
    'name: shop\nservices:\n  api: { run: node server.mjs, port: 3000 }\n  web: { run: node server.mjs, port: 8080, needs: [api] }\n',
  );
  return lab;
}

/** The command in a pseudo terminal of `script`; what is written to it is typed. */
function inTerminal(lab: Lab, program: string, command: string): Live {
  const child = spawn(program, ['-qefc', `stty rows 30 cols 100; exec ${command}`, '/dev/null'], {
    cwd: lab.directory,
    env: { ...lab.variables({ TERM: 'xterm' }), NO_COLOR: '' },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  return new Live(child);
}

test('lo up in a terminal: live table, logs, Ctrl-C stops all', async (t) => {
  const script = await ensureProgram(t, { program: 'script', package: 'bsdutils' });
  if (script === null) return;
  const lab = shop(t);
  const live = inTerminal(lab, script, `${LO} up`);
  await live.says(/api.*ready[\s\S]*web.*ready/);
  await live.says(/up after/);
  await live.says(/api listens on[\s\S]*lo: web is at http:\/\/127\./);
  live.child.stdin?.write('\u0003');
  const { code, stdout } = await live.finished;
  assert.equal(code, 130);
  assert.match(stdout, /stopping/);
  assert.match(stdout, /\u25cf ready/);
  const hidden = stdout.lastIndexOf('\u001b[?25l');
  assert.ok(hidden >= 0 && stdout.lastIndexOf('\u001b[?25h') > hidden, 'the cursor came back');
  const { services } = await lab.ps();
  assert.deepEqual(
    services.map(({ state }) => state),
    ['stopped', 'stopped'],
  );
});

test('a terminal that goes away takes the foreground up with it', async (t) => {
  const script = await ensureProgram(t, { program: 'script', package: 'bsdutils' });
  if (script === null) return;
  const lab = shop(t);
  const live = inTerminal(lab, script, `${LO} up`);
  await live.says(/up after/);
  const { pid } = await lab.service('api');
  // The owner of the terminal's other end dies: the terminal hangs up.
  live.child.kill('SIGKILL');
  await live.finished;
  const { until } = await import('../support/until.ts');
  await until(async () => (await lab.service('api')).state === 'stopped');
  assert.notEqual(pid, null);
});

test('lo logs | head ends quietly', async (t) => {
  const lab = shop(t);
  lab.write('loopyard.yaml', 'name: shop\nservices:\n  loud: { run: seq 1 200000, task: true }\n');
  await lab.must(['up', '--detach']);
  const child = spawn('bash', ['-c', `${LO} logs --tail all | head -n 2; echo "codes \${PIPESTATUS[*]}"`], {
    cwd: lab.directory,
    env: lab.variables(),
  });
  const { stdout, stderr } = await new Live(child).finished;
  assert.equal(stdout, 'loud │ 1\nloud │ 2\ncodes 0 0\n');
  assert.equal(stderr, '');
});

test('every line reaches a slow reader', async (t) => {
  const lab = shop(t);
  lab.write('loopyard.yaml', 'name: shop\nservices:\n  loud: { run: seq 1 100000, task: true }\n');
  await lab.must(['up', '--detach']);
  const child = spawn(
    'bash',
    ['-c', `${LO} logs --tail all --no-prefix | (read -r first; sleep 1; cat) | wc -l`],
    {
      cwd: lab.directory,
      env: lab.variables(),
    },
  );
  assert.equal((await new Live(child).finished).stdout.trim(), '99999');
});
