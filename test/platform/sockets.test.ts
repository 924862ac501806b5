/** Listeners and their owners, as /proc shows them. */

import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { parseRow } from '../../src/platform/linux/sockets.ts';
import { RunLab } from '../support/run-lab.ts';

/** One row of /proc/net/tcp on a little-endian machine. */
function row(address: string, state = '0A', uid = '1000', inode = '4711'): string[] {
  return ['0:', address, '00000000:0000', state, '0:0', '0:0', '0', uid, '0', inode, '1'];
}

test('addresses of both families read as people write them', () => {
  const read = (address: string, family: 4 | 6): string | undefined =>
    parseRow(row(address), family)?.address;
  assert.equal(read('0100007F:1F90', 4), '127.0.0.1');
  assert.equal(read('0300407F:1F90', 4), '127.64.0.3');
  assert.equal(read('00000000:1F90', 4), '0.0.0.0');
  assert.equal(read('00000000000000000000000000000000:0050', 6), '::');
  assert.equal(read('00000000000000000000000001000000:0050', 6), '::1');
  assert.equal(read('0000000000000000FFFF00000100407F:0050', 6), '::ffff:127.64.0.1');
  assert.equal(read('B80D0120000000000000000001000000:0050', 6), '2001:db8::1');
  assert.equal(read('000080FE00000000FF005450B6AD1DFE:0050', 6), 'fe80::5054:ff:fe1d:adb6');
});

test('a row holds port, inode and user', () => {
  const { port, inode, uid, protocol, family } = parseRow(row('0100007F:1F90'), 4) ?? {};
  assert.deepEqual([port, inode, uid, protocol, family], [8080, 4711, 1000, 'tcp', 4]);
});

test('what does not read as a listener is none', () => {
  for (const [fields, family] of [
    [row('0100007F:1F90', '01'), 4],
    [row('0100007F:1F90'), 6],
    [row('0100007:1F90'), 4],
    [row('ZZ00007F:1F90'), 4],
    [row('0100007F'), 4],
    [row('0100007F:1F90', '0A', 'x'), 4],
    [row('0100007F:1F90', '0A', '0', ''), 4],
    [[], 4],
    [['sl', 'local_address'], 4],
  ] as const)
    assert.equal(parseRow(fields, family), null, fields.join(' '));
});

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
