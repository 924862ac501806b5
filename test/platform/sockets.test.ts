/** Listeners and their owners, as /proc shows them. */

import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { RunLab } from '../support/run-lab.ts';

test('a listener is seen with its owner; one that is closed is not', async (t) => {
  const lab = await RunLab.create(t);
  for (const host of ['127.0.0.1', '::1']) {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, host, resolve));
    const { port } = server.address() as { port: number };
    const find = () => lab.platform.listeners().filter((one) => one.port === port && one.address === host);
    const [listener] = find();
    assert.equal(listener?.uid, process.getuid?.());
    const owners = lab.platform.owners(new Set([listener?.inode ?? 0]));
    assert.deepEqual([...owners.values()], [[process.pid]]);
    await new Promise((resolve) => server.close(resolve));
    assert.deepEqual(find(), []);
  }
});

test('a server that hands its socket to children is named first, whoever is youngest', async (t) => {
  const lab = await RunLab.create(t);
  const address = await lab.address();
  // The shell's child inherits descriptor 3, a listening socket that the parent opened.
  const script = `
    const server = require('net').createServer().listen(8080, '${address}', () => {
      require('child_process').spawn('sleep', ['1000'], { stdio: ['ignore', 'inherit', 'inherit', server._handle.fd] });
      console.log('shared');
    });`;
  const pid = await lab.start('web-1', [process.execPath, '-e', script], { addresses: [address] });
  await lab.supervisor.prove(
    {
      run: lab.ref('web-1'),
      pid,
      told: {},
      env: {},
      cwd: '/',
      log: lab.log('web-1'),
      logStart: 0,
      late: false,
    },
    { kind: 'log', pattern: 'shared', timeoutMs: 20_000 },
    new AbortController().signal,
  );
  const inode = lab.platform.listeners().find((one) => one.address === address)?.inode ?? 0;
  const all = lab.platform.owners(new Set([inode])).get(inode) ?? [];
  assert.equal(all.length, 2);
  assert.equal(all[0], pid);
  assert.deepEqual(lab.platform.owners(new Set([inode]), [...all].reverse()).get(inode), all);
  assert.equal(lab.platform.owners(new Set([inode]), [process.pid]).size, 0);
});
