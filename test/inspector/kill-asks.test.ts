/** `lo kill` in a terminal: what it shows, what it asks, what a no and a yes do. A real server on a loopback address of its own. */

import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { lo } from '../cli/rig.ts';

const SERVER = `
  const server = require('net').createServer();
  server.listen(0, process.argv[1], () => console.log(server.address().port));
`;

/** Of nobody else: neither a lease of ours nor another test's. */
const ADDRESS = `127.${200 + (process.pid % 50)}.${(process.pid >> 8) % 250}.77`;

test('a no leaves the server alone, a yes ends it', async (t) => {
  const { server, port } = await start(t);
  const options = { terminal: 100, connect: async () => null };
  const no = await lo(['kill', `${ADDRESS}:${port}`], { ...options, input: '\n' });
  assert.equal(no.code, 1);
  const { pid } = server;
  assert.match(plain(no.stdout), new RegExp(`^port ${port}: end node\\S* \\(pid ${pid}\\)$`, 'm'));
  assert.match(
    plain(no.stdout),
    new RegExp(`^ {2}listens on ${ADDRESS.replaceAll('.', '\\.')}:${port}$`, 'm'),
  );
  assert.match(plain(no.stdout), /^ {2}started .*, as \S+$/m);
  assert.match(no.stderr, new RegExp(`End node\\S* \\(pid ${pid}\\)\\? \\[y/N\\] `));
  assert.equal(server.exitCode ?? server.signalCode, null);
  const ended = once(server, 'exit');
  const yes = await lo(['kill', `${ADDRESS}:${port}`], { ...options, input: 'y\n' });
  assert.equal(yes.code, 0);
  assert.match(
    plain(yes.stdout),
    new RegExp(`\\(pid ${pid}\\) ended when asked; port ${port} is free$`, 'm'),
  );
  assert.deepEqual(await ended, [null, 'SIGTERM']);
  const again = await lo(['kill', `${ADDRESS}:${port}`], options);
  assert.equal(again.code, 1);
  assert.match(plain(again.stderr), new RegExp(`nothing listens on ${ADDRESS}:${port}$`, 'm'));
});

test('beside a JSON document the plan and the question go to standard error', async (t) => {
  const { server, port } = await start(t);
  const result = await lo(['kill', `${ADDRESS}:${port}`, '--json'], {
    terminal: 100,
    connect: async () => null,
    input: 'y\n',
  });
  assert.equal(result.code, 0);
  assert.deepEqual(JSON.parse(result.stdout).ended, [{ pid: server.pid, by: 'TERM' }]);
  assert.match(plain(result.stderr), new RegExp(`^port ${port}: end node`, 'm'));
});

test('words of the command line that mean nothing are errors', async () => {
  for (const words of [['kill'], ['kill', 'web'], ['kill', '3000', '--grace', 'soon']]) {
    const { code, stderr } = await lo(words, { connect: async () => null });
    assert.equal(code, 2, words.join(' '));
    assert.match(stderr, /^error\[USAGE\]/m);
  }
});

interface Started {
  readonly server: ChildProcess;
  readonly port: number;
}

async function start(t: TestContext): Promise<Started> {
  const server = spawn(process.execPath, ['-e', SERVER, ADDRESS], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => server.kill('SIGKILL'));
  const [port] = await once(server.stdout, 'data');
  return { server, port: Number(port) };
}

function plain(text: string): string {
  return text.replace(new RegExp(`${String.fromCharCode(27)}\\[[\\d;]*m`, 'g'), '');
}
