/** `lo audit` on machines of a test's own: real sockets, real interfaces, real unix sockets, and nothing of the host. */

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { AuditFinding, AuditReport } from '../../src/core/audit.ts';
import { OwnMachine } from '../inspector/own-machine.ts';
import { ensureProgram } from '../support/debian.ts';
import { Lab } from '../support/lab.ts';

const LAN = '192.0.2.7';

test('what networks reach is found on the sockets of a machine, and nothing else', async (t) => {
  const rig = await create(t);
  if (rig === null) return;
  const { machine } = rig;
  machine.run(
    'sh',
    '-c',
    `ip link add out0 type veth peer name out1 && ip address add ${LAN}/24 dev out0 && ip link set out0 up && ip link set out1 up`,
  );
  await machine.python(`
a = listen('0.0.0.0', 3001)
b = listen('127.0.0.1', 3002)
c = listen('${LAN}', 3003)
d = listen('127.0.0.1', 3004)
e = socket(AF_INET6, SOCK_STREAM)
e.setsockopt(IPPROTO_IPV6, IPV6_V6ONLY, 1)
e.bind(('::', 3004))
e.listen()
f = socket(AF_INET, SOCK_DGRAM)
f.bind(('0.0.0.0', 1900))
g = socket(AF_INET, SOCK_DGRAM)
g.bind(('0.0.0.0', 5353))
h = socket(AF_INET, SOCK_DGRAM)
h.bind(('127.0.0.1', 1901))
say()`);
  const report = await audit(rig, []);
  assert.deepEqual(
    report.findings
      .filter(({ verdict, check }) => verdict === 'vulnerable' && check !== 'EXP-04')
      .map(({ check, target }) => `${check} ${target.address}:${target.port}`)
      .sort(),
    [`EXP-01 0.0.0.0:3001`, `EXP-02 ${LAN}:3003`, 'EXP-03 127.0.0.1:3004', 'EXP-06 0.0.0.0:1900'],
  );
  const wide = findingOf(report, 'EXP-01');
  assert.match(
    wide.evidence.signs.join(),
    new RegExp(`out0 is up: it is reached at ${LAN.replaceAll('.', '\\.')}`),
  );
  // A firewall of this namespace lets everything in, or cannot be read: it never counts as safe.
  const firewall = report.findings.find(({ check, verdict }) => check === 'EXP-04' && verdict === 'safe');
  assert.equal(firewall, undefined);
  const sent = report.skipped.filter(({ target }) => target.includes('3003'));
  assert.match(JSON.stringify(sent), /nothing is sent: it listens on no loopback address/);
});

test('a wildcard on a machine that has no network is no finding', async (t) => {
  const rig = await create(t);
  if (rig === null) return;
  await rig.machine.python(`a = listen('0.0.0.0', 3001)\nsay()`);
  assert.deepEqual((await audit(rig, [], 0)).findings, []);
});

test('a control socket that everybody may write to', async (t) => {
  const rig = await create(t);
  if (rig === null) return;
  const { machine } = rig;
  const path = `${machine.directory}/docker.sock`;
  machine.run('chmod', '755', machine.directory);
  await machine.python(`
s = socket(AF_UNIX, SOCK_STREAM)
s.bind('${path}')
s.listen()
os.chmod('${path}', 0o666)
t = listen('127.0.0.1', 3000)
say()`);
  const open = findingOf(await audit(rig, ['--check', 'EXP-08']), 'EXP-08');
  assert.equal(open.target.name, path);
  assert.match(open.fix ?? '', /chmod o-w/);
  machine.run('chmod', '660', path);
  assert.deepEqual((await audit(rig, ['--check', 'EXP-08'], 0)).findings, []);
  machine.run('chmod', '666', path);
  assert.deepEqual(
    (await audit(rig, ['3000', '--check', 'EXP-08'], 0)).findings,
    [],
    'one port was asked for',
  );
});

test('a program that publishes a port is found by its command line', async (t) => {
  const rig = await create(t);
  if (rig === null) return;
  const { machine } = rig;
  await machine.python(`a = listen('127.0.0.1', 3000)\nb = listen('127.0.0.1', 4000)\nsay()`);
  // Named as the real one; the words behind are never read by it.
  await machine.launch('bash', '-c', `exec -a ngrok sh -c 'echo up; sleep 3600; :' http 3000`);
  const found = findingOf(await audit(rig, ['--check', 'EXP-09']), 'EXP-09');
  assert.equal(found.target.port, 3000);
  assert.equal(found.severity, 'high');
  assert.deepEqual((await audit(rig, ['4000', '--check', 'EXP-09'], 0)).findings, []);
});

test('a specific listener stands before a wildcard: each is asked at its own address', async (t) => {
  const rig = await create(t);
  if (rig === null) return;
  await rig.machine.python(`
import threading
def serve(s, word):
    while True:
        c, _ = s.accept()
        c.settimeout(1)
        try:
            c.recv(100)
            c.sendall(word)
        except OSError: pass
        c.close()
for host, word in (('0.0.0.0', b'wide\\r\\n'), ('127.0.0.1', b'narrow\\r\\n')):
    if os.fork() == 0:
        s = listen(host, 3000, share=True)
        serve(s, word)
say()`);
  const report = await audit(rig, ['3000', '--all', '--check', 'STO-01', '--explain'], 0);
  assert.equal(report.checked.targets, 2);
  assert.equal(new Set(report.findings.map(({ target }) => target.name)).size, 2, 'two names');
});

interface Rig {
  readonly machine: OwnMachine;
  readonly lab: Lab;
}

async function create(t: TestContext): Promise<Rig | null> {
  const machine = await OwnMachine.create(t);
  if (machine === null) return null;
  if ((await ensureProgram(t, { program: 'python3', package: 'python3' })) === null) return null;
  return { machine, lab: Lab.create(t) };
}

/** Outside of every project, as whoever runs the test. */
async function audit({ machine, lab }: Rig, args: readonly string[], code = 1): Promise<AuditReport> {
  return JSON.parse(await lab.must(['audit', ...args, '--json'], code, machine)) as AuditReport;
}

function findingOf({ findings }: AuditReport, check: string): AuditFinding {
  const [finding, ...more] = findings.filter((one) => one.check === check);
  assert.ok(finding !== undefined && more.length === 0, JSON.stringify(findings, null, 1));
  return finding;
}
