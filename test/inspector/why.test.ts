/** `lo why`: free ports, clients of `localhost`, what is no cause, wrong words, several at once. */

import assert from 'node:assert/strict';
import { describe, it, type TestContext, test } from 'node:test';
import type { WhyReport } from '../../src/core/inspection.ts';
import { Lab } from '../support/lab.ts';
import { OwnMachine } from './own-machine.ts';

const SERVER = `
  const [, host, port] = process.argv;
  require('net').createServer().listen(Number(port), host, () => console.log(JSON.stringify({ pid: process.pid })));
`;

/** Null: the test is skipped. */
async function stage(t: TestContext): Promise<{ readonly machine: OwnMachine; readonly lab: Lab } | null> {
  const machine = await OwnMachine.create(t);
  return machine === null ? null : { machine, lab: Lab.create(t) };
}

async function listen(machine: OwnMachine, host: string, port: number): Promise<number> {
  return (await machine.start<{ pid: number }>(process.execPath, '-e', SERVER, host, String(port))).pid;
}

function codes(report: WhyReport): readonly string[] {
  return report.causes.map(({ code }) => code);
}

const FREE: Partial<WhyReport> = {
  bindable: { '127.0.0.1': true, '::1': true, '0.0.0.0': true, '::': true },
  refusals: {},
  answers: { '127.0.0.1': null, '::1': null },
  listeners: [],
  causes: [],
};

test('a free port on a quiet machine: exit 0, nothing to tell', async (t) => {
  const { machine, lab } = (await stage(t)) ?? {};
  if (machine === undefined || lab === undefined) return;
  for (const port of [1024, 3000, 33_100, 65_535]) {
    const { unseen, localhost, ...report } = await machine.why(lab, port, 0);
    assert.deepEqual(report, { schema: 1, port, ...FREE });
    assert.deepEqual([localhost.ipv6First, localhost.ipv4First], [null, null]);
    // The processes outside of its pid namespace, and nothing else.
    assert.equal(unseen.length, 1);
  }
  const { stdout, stderr, code } = await machine.told(lab, 3000);
  assert.match(stdout, /^Port 3000 is free\.\n/);
  assert.doesNotMatch(stdout, /fix:|REACHES/);
  assert.deepEqual({ stderr, code }, { stderr: '', code: 0 });
});

/** What people run: idlers, servers on other ports, clients of them, unix sockets, UDP. */
const CROWD = `
  const net = require('net');
  const dgram = require('dgram');
  const { spawn } = require('child_process');
  for (let i = 0; i < 280; i += 1) spawn('sleep', ['3600'], { stdio: 'ignore' });
  const up = [];
  for (let i = 0; i < 20; i += 1) {
    const server = net.createServer();
    up.push(new Promise((done) => server.listen(4000 + i, i % 2 ? '::1' : '0.0.0.0', done)));
    up.push(new Promise((done) => dgram.createSocket('udp4').bind(3000 + i, '127.0.0.1', done)));
  }
  Promise.all(up).then(async () => {
    for (let i = 0; i < 40; i += 2)
      await new Promise((done) => net.connect({ port: 4000 + (i % 20), host: '127.0.0.1' }, done));
    net.createServer().listen('\\0crowd', () => console.log(JSON.stringify({ pid: process.pid })));
  });
`;

test('no false cause among 300 ordinary processes with servers, clients and datagrams of their own', async (t) => {
  const { machine, lab } = (await stage(t)) ?? {};
  if (machine === undefined || lab === undefined) return;
  const { pid } = await machine.start<{ pid: number }>(process.execPath, '-e', CROWD);
  for (const port of [3100, 5432, 8080]) {
    const { unseen: _, localhost: __, ...report } = await machine.why(lab, port, 0);
    assert.deepEqual(report, { schema: 1, port, ...FREE });
  }
  // UDP of the same number is another matter, and said to be.
  const namesake = await machine.why(lab, 3000, 0);
  assert.deepEqual(codes(namesake), []);
  assert.deepEqual(
    namesake.listeners.map(({ protocol }) => protocol),
    ['udp'],
  );
  assert.match(
    (await machine.told(lab, 3000)).stdout,
    new RegExp(`^Port 3000 is free\\. .*UDP.*\\(pid ${pid}\\)`),
  );
  const held = await machine.why(lab, 4000, 1);
  assert.deepEqual(codes(held), ['HELD', 'HELD_WIDE']);
  assert.equal(held.causes[0]?.pid, pid);
});

describe('who answers localhost, by the order of the resolver', () => {
  const both = '127.0.0.1 localhost\n::1 localhost\n';
  const rows: readonly (readonly [string, string, string, readonly string[], string | null])[] = [
    ['on IPv4 where IPv6 comes first', both, '127.0.0.1', ['::1', '127.0.0.1'], 'likely'],
    ['on IPv6 where IPv6 comes first', both, '::1', ['::1', '127.0.0.1'], null],
    ['on IPv6 where the name is of IPv4 alone', '127.0.0.1 localhost\n', '::1', ['127.0.0.1'], 'certain'],
    ['on every IPv4 address where IPv6 comes first', both, '0.0.0.0', ['::1', '127.0.0.1'], 'likely'],
    ['on both', both, '::', ['::1', '127.0.0.1'], null],
  ];
  for (const [name, hosts, host, order, sure] of rows) {
    it(`a listener ${name}`, async (t) => {
      const { machine, lab } = (await stage(t)) ?? {};
      if (machine === undefined || lab === undefined) return;
      machine.useHosts(hosts);
      const pid = await listen(machine, host, 3000);
      const report = await machine.why(lab, 3000, 1);
      assert.deepEqual(report.localhost, { order, ipv6First: pid, ipv4First: pid });
      const found = report.causes.filter(({ code }) => code === 'LOCALHOST_FAMILY');
      assert.deepEqual(
        found.map((cause) => [cause.pid, cause.sure]),
        sure === null ? [] : [[pid, sure]],
      );
      const place = host === '::1' ? '\\[::1\\]' : '127\\.0\\.0\\.1';
      for (const { fix } of found)
        assert.match(fix ?? '', new RegExp(`^${place}:3000 {3}# in place of localhost:3000`));
    });
  }
});

test('without IPv6 what it lacks is no obstacle', async (t) => {
  const { machine, lab } = (await stage(t)) ?? {};
  if (machine === undefined || lab === undefined) return;
  machine.run('sh', '-c', 'echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6');
  const report = await machine.why(lab, 3000, 0);
  assert.equal(report.refusals['::1'], 'EADDRNOTAVAIL');
  assert.deepEqual(codes(report), []);
  const { stdout } = await machine.told(lab, 3000);
  assert.match(stdout, /^Port 3000 is free\.\n/);
  assert.match(stdout, /^ {2}::1 +.* no: no such address here$/m);
});

describe('an owner that cannot be seen is not said to be nobody', () => {
  // Below 1024 the caller is refused by privilege, whoever is there.
  for (const [port, refusal] of [
    [3000, 'in use'],
    [80, 'not allowed'],
  ] as const) {
    it(`port ${port}, ${refusal}`, async (t) => {
      const { machine, lab } = (await stage(t)) ?? {};
      if (machine === undefined || lab === undefined) return;
      await listen(machine, '127.0.0.1', port);
      const through = [...machine.through, 'setpriv', '--reuid', '65534', '--clear-groups', '--'];
      const { code, stdout, stderr } = await lab.lo(['why', `${port}`], { through });
      assert.equal(code, 1, stderr);
      assert.match(
        stdout,
        new RegExp(`^Port ${port} is held by a process of root that cannot be seen from here\\.$`, 'm'),
      );
      assert.match(stdout, new RegExp(`^ {2}127\\.0\\.0\\.1 .* no: ${refusal}$`, 'm'));
      assert.match(
        stdout,
        new RegExp(`^ {2}127\\.0\\.0\\.1:${port} +a process of root that cannot be seen`, 'm'),
      );
      assert.match(stdout, new RegExp(`^ {2}\\[::1\\]:${port} +nobody$`, 'm'));
      const report = JSON.parse(
        (await lab.lo(['why', `${port}`, '--json'], { through })).stdout,
      ) as WhyReport;
      const held = report.causes.find((cause) => cause.code === 'HELD');
      assert.deepEqual([held?.pid, held?.fix], [null, null]);
    });
  }
});

test('several at once do not take each other for holders', async (t) => {
  const { machine, lab } = (await stage(t)) ?? {};
  if (machine === undefined || lab === undefined) return;
  const all = await Promise.all(Array.from({ length: 5 }, () => lab.lo(['why', '3000', '--json'], machine)));
  for (const { stdout, code } of all) {
    assert.equal(code, 0, stdout);
    assert.deepEqual((JSON.parse(stdout) as WhyReport).causes, []);
  }
});

describe('wrong words: exit 2, and what to type instead', () => {
  const rows: readonly (readonly [string, RegExp, RegExp])[] = [
    ['abc', /`abc` is no port/, /1 to 65535.*`lo why 3000`/],
    ['70000', /`70000` is no port/, /1 to 65535/],
    ['0', /port 0 is no port/, /1 to 65535/],
    ['3e3', /`3e3` is no port/, /1 to 65535/],
    ['localhost:3000', /`localhost:3000` is no port/, /`lo why 3000`; `lo explain localhost:3000`/],
  ];
  for (const [word, reason, fix] of rows) {
    it(word, async (t) => {
      const lab = Lab.create(t);
      const { code, stderr, stdout } = await lab.lo(['why', word]);
      assert.deepEqual({ code, stdout }, { code: 2, stdout: '' });
      assert.match(stderr, reason);
      assert.match(stderr, fix);
    });
  }
});

test('with a daemon the holder is named as the service that it runs', async (t) => {
  const { machine, lab } = (await stage(t)) ?? {};
  if (machine === undefined || lab === undefined) return;
  lab.write(
    'server.cjs',
    SERVER.replace('const [, host, port] = process.argv', 'const { HOST: host, PORT: port } = process.env'),
  );
  lab.write('loopyard.yaml', 'name: shop\nservices:\n  api: { run: node server.cjs, port: 3000 }\n');
  // Entering the mounts leaves the working directory behind.
  const inside = { through: [...machine.through, 'env', '-C', lab.directory] };
  await lab.must(['up', '--detach'], 0, inside);
  const { pid, endpoints } = await lab.service('api', inside);
  const report = await machine.why(lab, 3000, 1);
  const [listener] = report.listeners;
  assert.deepEqual([listener?.service?.name, listener?.address], ['api', endpoints[0]?.address]);
  // Its address is none of the four, so only who asks for all of them is refused.
  assert.deepEqual(report.bindable, { '127.0.0.1': true, '::1': true, '0.0.0.0': false, '::': false });
  const held = report.causes.find(({ code }) => code === 'HELD');
  assert.deepEqual([held?.pid, held?.fix], [pid, 'lo kill 3000']);
  assert.match(
    (await machine.told(lab, 3000)).stdout,
    new RegExp(`^Port 3000 is held by service api of shop \\(pid ${pid}\\), `),
  );
});
