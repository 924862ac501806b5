/** `lo wait` on machines of a test's own: real servers, real traps. */

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { WaitReport } from '../../src/core/inspection.ts';
import { OwnMachine } from '../inspector/own-machine.ts';
import { bundledProgram } from '../support/bundled-program.ts';
import { ensureProgram } from '../support/debian.ts';
import { Lab } from '../support/lab.ts';

/** Waits for nothing, ends by a signal, and takes the port of any family that it is told. */
const SERVER = `
  const [, host, port, only] = process.argv;
  const server = require('net').createServer((socket) => socket.end());
  server.listen({ host, port: Number(port), ipv6Only: only === 'only' }, () => console.log(JSON.stringify({ pid: process.pid })));
`;

const HTTPS_SERVER = `
  const [, port, key, cert] = process.argv;
  const { readFileSync } = require('fs');
  require('https')
    .createServer({ key: readFileSync(key), cert: readFileSync(cert) }, (request, response) => response.end('ok'))
    .listen(Number(port), '127.0.0.1', () => console.log('{}'));
`;

async function serve(machine: OwnMachine, host: string, port: number, only = ''): Promise<number> {
  const { pid } = await machine.start<{ pid: number }>(process.execPath, '-e', SERVER, host, `${port}`, only);
  return pid;
}

async function waited(lab: Lab, machine: OwnMachine, ...words: readonly string[]): Promise<WaitReport> {
  const { code, stdout, stderr } = await lab.lo(['wait', ...words, '--json'], machine);
  assert.equal(stderr, '');
  const report = JSON.parse(stdout) as WaitReport;
  assert.equal(code, report.met ? 0 : 1);
  return report;
}

test('a port opens over either family, and is free again when its server is gone', async (t) => {
  const machine = await OwnMachine.create(t);
  if (machine === null) return;
  const lab = Lab.create(t);
  for (const [host, address] of [
    ['127.0.0.1', '127.0.0.1'],
    ['::1', '::1'],
    ['0.0.0.0', '127.0.0.1'],
  ] as const) {
    const open = lab.start(['wait', '3000', '--json'], machine);
    const pid = await serve(machine, host, 3000);
    const { code, stdout } = await open.finished;
    const report = JSON.parse(stdout) as WaitReport;
    assert.deepEqual([code, report.met, report.wanted, report.address], [0, true, 'open', address]);
    const busy = await waited(lab, machine, '3000', '--free', '--timeout', '1ms');
    assert.match(busy.lastError ?? '', new RegExp(`^node \\(pid ${pid}\\) listens on `));
    const free = lab.start(['wait', '3000', '--free'], machine);
    machine.run('kill', String(pid));
    const { code: freed, stdout: told } = await free.finished;
    assert.equal(freed, 0);
    assert.match(told, /^3000 is free after /);
  }
});

test('time runs out with the last reason', async (t) => {
  const machine = await OwnMachine.create(t);
  if (machine === null) return;
  const lab = Lab.create(t);
  const { code, stdout } = await lab.lo(['wait', 'localhost:3000', '--timeout', '300ms'], machine);
  assert.equal(code, 1);
  assert.match(stdout, /^localhost:3000 is not open after \d+ms: .*:3000: nothing listens\n$/);
});

test('a port of the ephemeral range does not answer itself', async (t) => {
  const machine = await OwnMachine.create(t);
  if (machine === null || (await ensureProgram(t, { program: 'python3', package: 'python3' })) === null)
    return;
  const lab = Lab.create(t);
  // The one port that outgoing connections may have: whoever dials it meets itself at the first try.
  machine.run('sh', '-c', 'echo "33100 33100" >/proc/sys/net/ipv4/ip_local_port_range');
  const trapped = machine.run(
    'python3',
    '-c',
    "import socket; s = socket.create_connection(('127.0.0.1', 33100)); print(s.getsockname() == s.getpeername())",
  );
  assert.equal(trapped, 'True\n', 'a loop that dials falls into the trap');
  machine.run('sh', '-c', 'echo "33100 33101" >/proc/sys/net/ipv4/ip_local_port_range');
  const quiet = await waited(lab, machine, '127.0.0.1:33101', '--timeout', '300ms');
  assert.deepEqual([quiet.met, quiet.lastError], [false, '127.0.0.1:33101: nothing listens']);
  // Where it has to knock, it knows its own face, and gives the port back.
  machine.run('sh', '-c', 'echo "33102 33102" >/proc/sys/net/ipv4/ip_local_port_range');
  const dialer = await bundledProgram('dialer', machine.directory);
  const said = (): unknown => JSON.parse(machine.run(process.execPath, dialer, '127.0.0.1', '33102'));
  assert.deepEqual(said(), { failed: 'the port only answered itself', code: null });
  await serve(machine, '127.0.0.1', 33_102);
  assert.equal((await waited(lab, machine, '127.0.0.1:33102', '--timeout', '1ms')).met, true);
});

test('a server on :: is dialled to see whether it takes IPv4', async (t) => {
  const machine = await OwnMachine.create(t);
  if (machine === null) return;
  const lab = Lab.create(t);
  await serve(machine, '::', 3000, 'only');
  await serve(machine, '::', 4000);
  const only = await waited(lab, machine, '127.0.0.1:3000', '--timeout', '1ms');
  assert.deepEqual([only.met, only.lastError], [false, '127.0.0.1:3000: the connection is refused']);
  assert.equal((await waited(lab, machine, '[::1]:3000', '--timeout', '1ms')).met, true);
  assert.equal((await waited(lab, machine, '127.0.0.1:4000', '--timeout', '1ms')).met, true);
});

test('a port that is bound and not listened on is not free', async (t) => {
  const machine = await OwnMachine.create(t);
  if (machine === null || (await ensureProgram(t, { program: 'python3', package: 'python3' })) === null)
    return;
  const lab = Lab.create(t);
  await machine.python("s = tcp('127.0.0.1', 3000, reuse=False)\nsay()");
  const report = await waited(lab, machine, '3000', '--free', '--timeout', '1ms');
  assert.deepEqual(
    [report.met, report.lastError],
    [false, '127.0.0.1:3000: it cannot be had (EADDRINUSE); `lo why 3000` tells why'],
  );
});

test('a machine without IPv6, and its hosts file', async (t) => {
  const machine = await OwnMachine.create(t);
  if (machine === null) return;
  const lab = Lab.create(t);
  machine.run(
    'sh',
    '-c',
    'for file in all default lo; do echo 1 >/proc/sys/net/ipv6/conf/$file/disable_ipv6; done',
  );
  const hosts = join(machine.directory, 'hosts');
  writeFileSync(hosts, '127.0.0.1 localhost\n127.9.9.9 shop.example\n');
  machine.run('mount', '--bind', hosts, '/etc/hosts');
  assert.equal((await waited(lab, machine, '3000', '--free', '--timeout', '1ms')).met, true);
  await serve(machine, '127.9.9.9', 3000);
  const named = await waited(lab, machine, 'shop.example:3000', '--timeout', '1ms');
  assert.deepEqual([named.met, named.address], [true, '127.9.9.9']);
  assert.equal((await waited(lab, machine, '3000', '--timeout', '1ms')).met, false);
});

test('a URL of a server with a certificate of its own', async (t) => {
  const machine = await OwnMachine.create(t);
  if (machine === null || (await ensureProgram(t, { program: 'openssl', package: 'openssl' })) === null)
    return;
  const lab = Lab.create(t);
  const [key, cert] = ['key.pem', 'cert.pem'].map((name) => join(machine.directory, name));
  const subject = ['-subj', '/CN=localhost', '-days', '1'];
  machine.run(
    'openssl',
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    ...subject,
    '-keyout',
    key ?? '',
    '-out',
    cert ?? '',
  );
  const open = lab.start(['wait', 'https://127.0.0.1:8443/health?key=s3cret', '--json'], machine);
  await machine.launch(process.execPath, '-e', HTTPS_SERVER, '8443', key ?? '', cert ?? '');
  const { code, stdout } = await open.finished;
  assert.equal(code, 0);
  assert.equal((JSON.parse(stdout) as WaitReport).target, 'https://127.0.0.1:8443/health');
  assert.doesNotMatch(stdout, /s3cret/);
  const plain = await waited(lab, machine, 'http://127.0.0.1:8443/', '--timeout', '1ms');
  assert.equal(plain.met, false);
});
