/** `lo why` where somebody listens: each cause by making the situation, on a machine of the test's own. */

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { CauseDocument, WhyReport } from '../../src/core/inspection.ts';
import { ensureProgram } from '../support/debian.ts';
import { Lab } from '../support/lab.ts';
import { OwnMachine } from './own-machine.ts';

const NODE_SERVER = `
  const [, host, port, only] = process.argv;
  const server = require('net').createServer((socket) => socket.end());
  server.listen({ host, port: Number(port), ipv6Only: only === 'only' }, () => console.log(JSON.stringify({ pid: process.pid })));
`;

/** The worker has the one family, the master the other. */
const FORKING_SERVER = `
  const { fork } = require('child_process');
  const { createServer } = require('net');
  if (process.send !== undefined) createServer().listen(3000, '::1', () => process.send('up'));
  else createServer().listen(3000, '127.0.0.1', () => fork(__filename).once('message', () => console.log('{}')));
`;

const PYTHON = { program: 'python3', package: 'python3' };

async function node(machine: OwnMachine, host: string, port: number, only = ''): Promise<number> {
  const { pid } = await machine.start<{ pid: number }>(
    process.execPath,
    '-e',
    NODE_SERVER,
    host,
    `${port}`,
    only,
  );
  return pid;
}

function codes(report: WhyReport): readonly string[] {
  return report.causes.map(({ code }) => code);
}

function cause(report: WhyReport, code: string): CauseDocument {
  const [found, ...more] = report.causes.filter((one) => one.code === code);
  assert.ok(found !== undefined && more.length === 0, `${code} once in ${JSON.stringify(report.causes)}`);
  return found;
}

test('one address taken: HELD and HELD_SPECIFIC', async (t) => {
  const machine = await OwnMachine.create(t);
  if (machine === null) return;
  const lab = Lab.create(t);
  const pid = await node(machine, '127.0.0.1', 3000);
  const report = await machine.why(lab, 3000, 1);
  assert.deepEqual(codes(report), ['HELD', 'HELD_SPECIFIC']);
  assert.deepEqual(report.bindable, { '127.0.0.1': false, '::1': true, '0.0.0.0': false, '::': false });
  assert.deepEqual(report.refusals, {
    '127.0.0.1': 'EADDRINUSE',
    '0.0.0.0': 'EADDRINUSE',
    '::': 'EADDRINUSE',
  });
  assert.deepEqual(report.answers, { '127.0.0.1': pid, '::1': null });
  assert.deepEqual(report.localhost, { order: report.localhost.order, ipv6First: pid, ipv4First: pid });
  const held = cause(report, 'HELD');
  assert.equal(held.pid, pid);
  assert.equal(held.fix, 'lo kill 3000');
  assert.equal(held.sure, 'certain');
  assert.match(held.text, new RegExp(`\\(pid ${pid}\\) listens on 127\\.0\\.0\\.1:3000\\.$`));
  const specific = cause(report, 'HELD_SPECIFIC');
  assert.equal(specific.pid, pid);
  assert.match(specific.fix ?? '', /^lo run --port 3000 -- COMMAND {3}# .*server\.listen\(3000, '::1'\)$/);
  assert.match(specific.text, /^Only 127\.0\.0\.1:3000 is taken.*one on ::1 or 127\.0\.0\.2 is not/);
  const { stdout } = await machine.told(lab, 3000);
  assert.match(stdout, new RegExp(`^Port 3000 is held by \\S+ \\(pid ${pid}\\), started `));
  assert.match(stdout, /^ {2}127\.0\.0\.1 +this machine, IPv4 +no: in use$/m);
  assert.match(stdout, /^ {2}::1 +this machine, IPv6 +yes$/m);
  assert.match(stdout, /^ {2}\[::1\]:3000 +nobody$/m);
  assert.match(stdout, /^ {2}fix: lo kill 3000$/m);
});

test('every IPv4 address taken: HELD_WIDE', async (t) => {
  const machine = await OwnMachine.create(t);
  if (machine === null) return;
  const lab = Lab.create(t);
  const pid = await node(machine, '0.0.0.0', 3000);
  const report = await machine.why(lab, 3000, 1);
  assert.deepEqual(codes(report), ['HELD', 'HELD_WIDE']);
  const wide = cause(report, 'HELD_WIDE');
  assert.equal(wide.pid, pid);
  assert.equal(wide.fix, "server.listen(3000, '127.0.0.1')");
  assert.match(wide.text, /0\.0\.0\.0:3000, which is every IPv4 address/);
  assert.deepEqual(report.answers, { '127.0.0.1': pid, '::1': null });
});

test('both families taken by one socket, and by one of IPv6 alone', async (t) => {
  const machine = await OwnMachine.create(t);
  if (machine === null) return;
  const lab = Lab.create(t);
  const [dual, only] = [await node(machine, '::', 3000), await node(machine, '::', 3001, 'only')];
  const [both, six] = [await machine.why(lab, 3000, 1), await machine.why(lab, 3001, 1)];
  assert.deepEqual(both.bindable, { '127.0.0.1': false, '::1': false, '0.0.0.0': false, '::': false });
  assert.deepEqual(both.answers, { '127.0.0.1': dual, '::1': dual });
  assert.match(cause(both, 'HELD_WIDE').text, /every address of both families/);
  assert.deepEqual(six.bindable, { '127.0.0.1': true, '::1': false, '0.0.0.0': true, '::': false });
  assert.deepEqual(six.answers, { '127.0.0.1': null, '::1': only });
  assert.deepEqual(six.localhost, { ...six.localhost, ipv6First: only, ipv4First: only });
  assert.match(cause(six, 'HELD_WIDE').text, /every IPv6 address/);
});

test('a known program is told to listen on one address by its own flag', async (t) => {
  const machine = await OwnMachine.create(t);
  if (machine === null || (await ensureProgram(t, PYTHON)) === null) return;
  const lab = Lab.create(t);
  await machine.launch('python3', '-u', '-m', 'http.server', '3000');
  const report = await machine.why(lab, 3000, 1);
  assert.match(
    cause(report, 'HELD_WIDE').fix ?? '',
    /^lo kill 3000 && cd \S+ && \S+ -u -m http\.server 3000 --bind 127\.0\.0\.1$/,
  );
});

test('two programs by family: SPLIT_BY_FAMILY names the one that came second, though nothing failed', async (t) => {
  const machine = await OwnMachine.create(t);
  if (machine === null) return;
  const lab = Lab.create(t);
  const first = await node(machine, '0.0.0.0', 3000);
  // Starts are told apart by the kernel's clock ticks of 10 ms.
  machine.run('sleep', '0.05');
  const second = await node(machine, '::1', 3000);
  const report = await machine.why(lab, 3000, 1);
  assert.deepEqual(report.answers, { '127.0.0.1': first, '::1': second });
  assert.deepEqual({ ...report.localhost, order: [] }, { order: [], ipv6First: second, ipv4First: first });
  const split = cause(report, 'SPLIT_BY_FAMILY');
  assert.equal(split.pid, second);
  assert.equal(split.fix, "lo kill 0.0.0.0:3000   # or lo kill '[::1]:3000', whichever is not wanted");
  const fixes = report.causes.filter(({ code }) => code === 'HELD').map(({ fix }) => fix);
  assert.deepEqual(fixes, ['lo kill 0.0.0.0:3000', "lo kill '[::1]:3000'"]);
  assert.match(
    split.text,
    new RegExp(`IPv4 reaches \\S+ \\(pid ${first}\\), IPv6 reaches \\S+ \\(pid ${second}\\)`),
  );
  assert.match((await machine.told(lab, 3000)).stdout, /^Port 3000 is held by 2 programs: /);
  // The fix does what it says, and leaves the other one alone.
  await lab.must(['kill', '[::1]:3000', '--yes'], 0, machine);
  assert.deepEqual((await machine.why(lab, 3000, 1)).answers, { '127.0.0.1': first, '::1': null });
});

test('one program on both families is no split', async (t) => {
  const machine = await OwnMachine.create(t);
  if (machine === null) return;
  const lab = Lab.create(t);
  const file = join(machine.directory, 'server.cjs');
  writeFileSync(file, FORKING_SERVER);
  await machine.start(process.execPath, file);
  const report = await machine.why(lab, 3000, 1);
  assert.equal(report.listeners.length, 2);
  assert.deepEqual(codes(report), ['HELD', 'HELD_SPECIFIC']);
});

test('a SO_REUSEPORT group: all holders, and the eldest to be ended', async (t) => {
  const machine = await OwnMachine.create(t);
  if (machine === null || (await ensureProgram(t, PYTHON)) === null) return;
  const lab = Lab.create(t);
  const script = "s = listen('127.0.0.1', 3000, share=True)\nsay()";
  const old = (await machine.python(script)).pid;
  machine.run('sleep', '0.05');
  const young = (await machine.python(script)).pid;
  const report = await machine.why(lab, 3000, 1);
  const group = cause(report, 'REUSEPORT_GROUP');
  assert.equal(group.pid, old);
  assert.equal(group.fix, `kill ${old}   # the eldest; the others go on`);
  assert.match(group.text, /spread over 2 programs/);
  for (const pid of [old, young]) assert.ok(group.evidence.some((line) => line.includes(`pid ${pid} `)));
  assert.deepEqual(
    report.causes
      .filter(({ code }) => code === 'HELD')
      .map(({ pid, fix }) => [pid, fix])
      .sort(),
    [
      [old, `kill ${old}`],
      [young, `kill ${young}`],
    ].sort(),
  );
});

test('a group of one program has nothing to mend', async (t) => {
  const machine = await OwnMachine.create(t);
  if (machine === null || (await ensureProgram(t, PYTHON)) === null) return;
  const lab = Lab.create(t);
  const { pid } = await machine.python("a, b = [listen('127.0.0.1', 3000, share=True) for _ in 'ab']\nsay()");
  const group = cause(await machine.why(lab, 3000, 1), 'REUSEPORT_GROUP');
  assert.equal(group.fix, null);
  assert.equal(group.pid, pid);
  assert.match(group.text, /spread over 2 sockets of one program/);
});

test('workers that share one socket are no group', async (t) => {
  const machine = await OwnMachine.create(t);
  if (machine === null || (await ensureProgram(t, PYTHON)) === null) return;
  const lab = Lab.create(t);
  const { pid } = await machine.python(
    "s = listen('127.0.0.1', 3000)\nif os.fork() == 0: time.sleep(3600)\nsay()",
  );
  const report = await machine.why(lab, 3000, 1);
  assert.deepEqual(codes(report), ['HELD', 'HELD_SPECIFIC']);
  assert.equal(report.listeners[0]?.owners.length, 2);
  assert.equal(cause(report, 'HELD').pid, pid);
});
