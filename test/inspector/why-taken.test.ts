/** `lo why` where a port is taken although nobody listens: each cause by making the situation, on a machine of the test's own. */

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { CauseDocument, WhyReport } from '../../src/core/inspection.ts';
import { ensureProgram } from '../support/debian.ts';
import { Lab } from '../support/lab.ts';
import { OwnMachine } from './own-machine.ts';

/** Null: the test is skipped. */
async function stage(t: TestContext): Promise<{ readonly machine: OwnMachine; readonly lab: Lab } | null> {
  const machine = await OwnMachine.create(t);
  const python = await ensureProgram(t, { program: 'python3', package: 'python3' });
  return machine === null || python === null ? null : { machine, lab: Lab.create(t) };
}

/** The one cause of the report. */
function only(report: WhyReport, code: string): CauseDocument {
  const [found, ...more] = report.causes;
  assert.ok(found?.code === code && more.length === 0, `${code} alone, not ${JSON.stringify(report.causes)}`);
  assert.deepEqual(report.listeners, []);
  assert.deepEqual(report.answers, { '127.0.0.1': null, '::1': null });
  return found;
}

const IPV4_TAKEN = { '127.0.0.1': false, '::1': true, '0.0.0.0': false, '::': false };
const ALL_FREE = { '127.0.0.1': true, '::1': true, '0.0.0.0': true, '::': true };

test('EPHEMERAL_CONNECTION: an outgoing connection has the port; its process is named and not to be ended', async (t) => {
  const { machine, lab } = (await stage(t)) ?? {};
  if (machine === undefined || lab === undefined) return;
  machine.run('sh', '-c', 'echo 40000-40010,41000 > /proc/sys/net/ipv4/ip_local_reserved_ports');
  const server = await machine.python("s = listen('127.0.0.1', 3000)\nsay()");
  const { pid, port = 0 } = await machine.python("c = call('127.0.0.1', 3000)\nsay(port=c.getsockname()[1])");
  const report = await machine.why(lab, port, 1);
  assert.deepEqual(report.bindable, IPV4_TAKEN);
  const cause = only(report, 'EPHEMERAL_CONNECTION');
  assert.equal(cause.pid, pid);
  assert.notEqual(cause.pid, server.pid);
  assert.match(
    cause.text,
    new RegExp(`\\(pid ${pid}\\) to 127\\.0\\.0\\.1:3000 has port ${port} .*32768-60999`),
  );
  // What is reserved already stays so.
  const command = `sudo sysctl -w net.ipv4.ip_local_reserved_ports=40000-40010,41000,${port}`;
  assert.ok(cause.fix?.startsWith(`${command}   # `), cause.fix ?? '');
  assert.doesNotMatch(cause.fix ?? '', /kill/);
  const { stdout, code } = await machine.told(lab, port);
  assert.equal(code, 1);
  assert.match(
    stdout,
    new RegExp(`^Port ${port} is taken by an outgoing connection of pid ${pid}, although`),
  );
  // The setting does what it is for: the kernel takes it, and nobody else is given that port.
  const setting = '/proc/sys/net/ipv4/ip_local_reserved_ports';
  machine.run('sh', '-c', `echo ${command.split('=')[1]} > ${setting}`);
  const reserved = machine.run('cat', setting).trim().split(',');
  for (const wanted of [port, 40_005, 41_000]) assert.ok(reserved.some((range) => includes(range, wanted)));
});

function includes(range: string, port: number): boolean {
  const [first = 0, last = first] = range.split('-').map(Number);
  return port >= first && port <= last;
}

test('EPHEMERAL_CONNECTION: a client that chose its port itself is no matter of ranges', async (t) => {
  const { machine, lab } = (await stage(t)) ?? {};
  if (machine === undefined || lab === undefined) return;
  await machine.python("s = listen('127.0.0.1', 3000)\nsay()");
  const script = "c = tcp('127.0.0.1', 3001, reuse=False)\nc.connect(('127.0.0.1', 3000))\nsay()";
  const { pid } = await machine.python(script);
  const cause = only(await machine.why(lab, 3001, 1), 'EPHEMERAL_CONNECTION');
  assert.equal(cause.pid, pid);
  assert.match(cause.fix ?? '', /^lo wait 3001 --free/);
  assert.doesNotMatch(cause.text, /range/);
});

test('what a listener accepted has its port and is no cause of anything', async (t) => {
  const { machine, lab } = (await stage(t)) ?? {};
  if (machine === undefined || lab === undefined) return;
  const script = "s = listen('127.0.0.1', 3000)\nc = call('127.0.0.1', 3000)\na, _ = s.accept()\nsay()";
  await machine.python(script);
  const report = await machine.why(lab, 3000, 1);
  assert.deepEqual(
    report.causes.map(({ code }) => code),
    ['HELD', 'HELD_SPECIFIC'],
  );
});

test('SELF_CONNECTED: a loop that waits for a port by connecting to it', async (t) => {
  const { machine, lab } = (await stage(t)) ?? {};
  if (machine === undefined || lab === undefined) return;
  // A small range makes it happen at once; in the usual one it takes some thousand tries.
  machine.run('sh', '-c', 'echo 33100 33120 > /proc/sys/net/ipv4/ip_local_port_range');
  const { pid } = await machine.python(`
while True:
  try: c = call('127.0.0.1', 33100)
  except ConnectionRefusedError: continue
  break
say()`);
  const report = await machine.why(lab, 33_100, 1);
  const cause = only(report, 'SELF_CONNECTED');
  assert.equal(cause.pid, pid);
  assert.equal(cause.fix, `kill ${pid} && lo wait 33100 --free --timeout 90s`);
  assert.match(cause.text, /connected to itself on port 33100.*33100-33120/);
  assert.deepEqual(report.bindable, IPV4_TAKEN);
  // Why it says to wait: the port is not free as soon as that process is gone.
  machine.run('kill', String(pid));
  await machine.gone(pid ?? 0);
  only(await machine.why(lab, 33_100, 1), 'TIME_WAIT');
});

test('LEFT_CONNECTION: a server stopped listening and holds what it accepted', async (t) => {
  const { machine, lab } = (await stage(t)) ?? {};
  if (machine === undefined || lab === undefined) return;
  const { pid } = await machine.python(`
s = listen('127.0.0.1', 3000, reuse=False)
c = call('127.0.0.1', 3000)
a, _ = s.accept()
s.close()
say()`);
  const cause = only(await machine.why(lab, 3000, 1), 'LEFT_CONNECTION');
  assert.equal(cause.pid, pid);
  assert.equal(cause.fix, `kill ${pid} && lo wait 3000 --free --timeout 90s`);
  assert.match(cause.text, /does not listen on port 3000 any more, but still holds 1 connection accepted/);
});

test('with SO_REUSEADDR what a server accepted is in nobody’s way', async (t) => {
  const { machine, lab } = (await stage(t)) ?? {};
  if (machine === undefined || lab === undefined) return;
  await machine.python(`
s = listen('127.0.0.1', 3000)
c = call('127.0.0.1', 3000)
a, _ = s.accept()
s.close()
say()`);
  const report = await machine.why(lab, 3000, 0);
  assert.deepEqual(report.bindable, ALL_FREE);
  assert.deepEqual(report.causes, []);
});

const CLOSED_BY_SERVER = (reuse: string): string => `
s = listen('127.0.0.1', 3000, reuse=${reuse})
c = call('127.0.0.1', 3000)
a, _ = s.accept()
s.close()
a.close()
c.close()
say()`;

test('TIME_WAIT: of a server with SO_REUSEADDR it matters only to those that do not set it', async (t) => {
  const { machine, lab } = (await stage(t)) ?? {};
  if (machine === undefined || lab === undefined) return;
  await machine.python(CLOSED_BY_SERVER('True'));
  const report = await machine.why(lab, 3000, 0);
  assert.deepEqual(report.bindable, ALL_FREE);
  const cause = only(report, 'TIME_WAIT');
  assert.equal(cause.pid, null);
  assert.match(cause.text, /1 closed connection is in TIME_WAIT, for at most 60 s\. Node and all who set/);
  assert.match(cause.fix ?? '', /^setsockopt\(SOL_SOCKET, SO_REUSEADDR, 1\)/);
  assert.match((await machine.told(lab, 3000)).stdout, /^Port 3000 is free\.\n/);
  // It is as it says: without the option a server is refused, with it not.
  const attempt = (reuse: string): string =>
    `import socket\ns = socket.socket()\n${reuse}\ns.bind(('127.0.0.1', 3000))`;
  machine.run('python3', '-c', attempt('s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)'));
  assert.throws(() => machine.run('python3', '-c', attempt('')), /in use/);
});

test('TIME_WAIT: of a server without it, every server is refused', async (t) => {
  const { machine, lab } = (await stage(t)) ?? {};
  if (machine === undefined || lab === undefined) return;
  await machine.python(CLOSED_BY_SERVER('False'));
  const report = await machine.why(lab, 3000, 1);
  assert.deepEqual(report.bindable, IPV4_TAKEN);
  const cause = only(report, 'TIME_WAIT');
  assert.equal(cause.pid, null);
  assert.equal(cause.fix, 'lo wait 3000 --free --timeout 90s');
  assert.match(cause.text, /every server is refused until then/);
});

test('beside a listener, what is left in TIME_WAIT is no cause', async (t) => {
  const { machine, lab } = (await stage(t)) ?? {};
  if (machine === undefined || lab === undefined) return;
  await machine.python(CLOSED_BY_SERVER('True'));
  await machine.python("s = listen('127.0.0.1', 3000)\nsay()");
  const report = await machine.why(lab, 3000, 1);
  assert.deepEqual(
    report.causes.map(({ code }) => code),
    ['HELD', 'HELD_SPECIFIC'],
  );
});

test('BOUND_NOT_LISTENING: no table shows it, the trials and the only candidate do', async (t) => {
  const { machine, lab } = (await stage(t)) ?? {};
  if (machine === undefined || lab === undefined) return;
  const { pid } = await machine.python("s = tcp('::1', 3000, reuse=False)\nsay()");
  const report = await machine.why(lab, 3000, 1);
  assert.deepEqual(report.bindable, { '127.0.0.1': true, '::1': false, '0.0.0.0': true, '::': false });
  const cause = only(report, 'BOUND_NOT_LISTENING');
  assert.equal(cause.pid, pid);
  assert.equal(cause.sure, 'likely');
  assert.equal(cause.fix, `ps -fp ${pid}   # if that is the one: kill ${pid}`);
  assert.match(cause.text, /has bound port 3000 on ::1 and does not listen, probably \S+ \(pid /);
});

test('BOUND_NOT_LISTENING: of several candidates the one whose command names the port is told first', async (t) => {
  const { machine, lab } = (await stage(t)) ?? {};
  if (machine === undefined || lab === undefined) return;
  const other = await machine.python("s = socket(AF_INET, SOCK_STREAM)\ns.bind(('127.0.0.1', 0))\nsay()");
  const { pid } = await machine.python("s = tcp('127.0.0.1', 3000, reuse=False)\nsay()");
  const named = only(await machine.why(lab, 3000, 1), 'BOUND_NOT_LISTENING');
  assert.equal(named.pid, pid);
  assert.equal(named.sure, 'possible');
  const third = await machine.python("s = tcp('127.0.0.1', int('30' + '01'), reuse=False)\nsay()");
  const unnamed = only(await machine.why(lab, 3001, 1), 'BOUND_NOT_LISTENING');
  assert.equal(unnamed.pid, null);
  for (const one of [other, third])
    assert.ok(
      unnamed.evidence.some((line) => line.includes(`pid ${one.pid} `)),
      unnamed.evidence.join('\n'),
    );
});

test('BOUND_NOT_LISTENING: beside a listener on :: that leaves IPv4 to others', async (t) => {
  const { machine, lab } = (await stage(t)) ?? {};
  if (machine === undefined || lab === undefined) return;
  const script =
    "s = socket(AF_INET6, SOCK_STREAM)\ns.setsockopt(IPPROTO_IPV6, IPV6_V6ONLY, 1)\ns.bind(('::', 3000))\ns.listen()\nsay()";
  const listening = await machine.python(script);
  const bound = await machine.python("s = tcp('127.0.0.1', 3000, reuse=False)\nsay()");
  const report = await machine.why(lab, 3000, 1);
  assert.deepEqual(report.answers, { '127.0.0.1': null, '::1': listening.pid });
  assert.deepEqual(
    report.causes.map(({ code, pid }) => [code, pid]),
    [
      ['HELD', listening.pid],
      ['HELD_WIDE', listening.pid],
      ['LOCALHOST_FAMILY', listening.pid],
      ['BOUND_NOT_LISTENING', bound.pid],
    ],
  );
});
