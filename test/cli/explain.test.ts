/** `lo explain` as a command: pages for people, `--json`, words that are wrong, and machines of a test's own. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { ExplainReport } from '../../src/core/inspection.ts';
import type { DaemonInfo } from '../../src/core/status.ts';
import { holding, told } from '../inspector/explain-scene.ts';
import { OwnMachine } from '../inspector/own-machine.ts';
import { ensureProgram } from '../support/debian.ts';
import type { Answers } from '../support/fake-workbench.ts';
import { Lab } from '../support/lab.ts';
import { assertGolden } from './golden.ts';
import { lo } from './rig.ts';

const SERVER = `
  const [, host, port] = process.argv;
  const server = require('net').createServer((socket) => socket.end());
  server.listen({ host, port: Number(port) }, () => console.log(JSON.stringify({ pid: process.pid })));
`;

async function serve(machine: OwnMachine, host: string, port: number): Promise<number> {
  const { pid } = await machine.start<{ pid: number }>(process.execPath, '-e', SERVER, host, `${port}`);
  return pid;
}

async function explained(lab: Lab, subject: string, machine: OwnMachine): Promise<ExplainReport> {
  return await lab.json<ExplainReport>(['explain', subject], machine);
}

/** Puts a file of the test over one of the machine. */
function cover(machine: OwnMachine, path: string, text: string): void {
  const file = join(machine.directory, path.replaceAll('/', '-'));
  writeFileSync(file, text);
  machine.run('mount', '--bind', file, path);
}

/** A daemon of this build that answers so. */
function saying(report: ExplainReport): Answers {
  const info = { build: __LOOPYARD_BUILD__ } as DaemonInfo;
  return { info: () => Promise.resolve(info), explain: () => Promise.resolve(report) };
}

/** The words for parents are another file's. */
function withOrigin(report: ExplainReport): ExplainReport {
  const listeners = report.listeners.map((listener) => ({
    ...listener,
    owners: listener.owners.map((owner) => ({ ...owner, origin: 'started by npm in ~/shop' })),
  }));
  return { ...report, listeners };
}

test('pages read well at every width', async () => {
  const reports: Readonly<Record<string, ExplainReport>> = {
    dynamic: await told('127.0.0.1:62893'),
    localhost: await told('localhost', { sockets: [['0.0.0.0', 3000]] }),
    postgres: await told('[::1]:5432', { sockets: [['::1', 5432]] }),
    wildcard: await told('0.0.0.0:8080', { sockets: [['0.0.0.0', 8080]] }),
    ours: await told('127.64.3.2:3000', {
      sockets: [['127.64.3.2', 3000]],
      holdings: [holding('web', 'ready', '127.64.3.2', 3000)],
    }),
    foreign: await told('http://example.org/'),
  };
  for (const terminal of [60, 80, 120]) {
    let pages = '';
    for (const report of Object.values(reports).map(withOrigin)) {
      const { code, stdout } = await lo(['explain', report.subject], { terminal, answers: saying(report) });
      assert.equal(code, 0);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are what is taken off.
      for (const line of stdout.replaceAll(/\u001b\[\d+m/g, '').split('\n'))
        assert.ok(line.length <= terminal, line);
      pages += `$ lo explain ${report.subject}\n${stdout}\n`;
    }
    assertGolden(`explain-${terminal}`, pages);
  }
});

test('control characters of another program do not reach the terminal', async () => {
  const report = await told('80', { sockets: [['127.0.0.1', 80]] });
  const evil = '\u001b]0;gone\u0007\u001b[2J';
  const [listener] = report.listeners;
  assert.ok(listener !== undefined);
  const owners = listener.owners.map((owner) => ({
    ...owner,
    name: `node${evil}`,
    origin: `started by ${evil}`,
  }));
  const changed = { ...report, answer: `${report.answer}${evil}`, listeners: [{ ...listener, owners }] };
  const { stdout } = await lo(['explain', '80'], { answers: saying(changed) });
  assert.match(stdout, /node \(pid 812\)/);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
  assert.doesNotMatch(stdout, /[\u0000-\u0009\u000b-\u001f\u007f]/);
});

test('words that are wrong end with 2 and the next step', async (t) => {
  const lab = Lab.create(t);
  for (const [words, message, hint] of [
    [
      ['127.0.0.1:http'],
      /error\[SUBJECT_INVALID\]: `127\.0\.0\.1:http` .*`http` is not a port/,
      /hint: name a port/,
    ],
    [['10.0.0.0/8'], /it is a network/, /hint: .*lo explain 10\.0\.0\.0/],
    [['::ffff:127.0.0.1:80'], /not an IPv6 address/, /hint: .*\[::ffff:127\.0\.0\.1\]:80/],
    [['70000'], /ports end at 65535/, /hint/],
    [[], /error\[USAGE\]: ADDRESS\[:PORT\] is missing/, /hint: usage: `lo explain ADDRESS\[:PORT\]`/],
    [['::1', '80'], /error\[USAGE\]: `80` is one word too many/, /hint/],
  ] as const) {
    const { code, stdout, stderr } = await lab.lo(['explain', ...words]);
    assert.equal(code, 2);
    assert.equal(stdout, '');
    assert.match(stderr, message);
    assert.match(stderr, hint);
  }
  const { code, stdout } = await lab.lo(['explain', 'a b', '--json']);
  assert.equal(code, 2);
  assert.equal((JSON.parse(stdout) as { error: { code: string } }).error.code, 'SUBJECT_INVALID');
});

test('a machine with a network: who listens, on which interface, and whom it reaches', async (t) => {
  const machine = await OwnMachine.create(t);
  if (machine === null) return;
  const lab = Lab.create(t);
  machine.run('ip', 'link', 'add', 'lan0', 'type', 'veth', 'peer', 'name', 'lan1');
  for (const link of ['lan0', 'lan1']) machine.run('ip', 'link', 'set', link, 'up');
  machine.run('ip', 'address', 'add', '192.168.50.5/24', 'dev', 'lan0');
  const everywhere = await serve(machine, '0.0.0.0', 3000);
  const inside = await serve(machine, '192.168.50.5', 4000);

  const own = await explained(lab, '127.0.0.1:3000', machine);
  assert.equal(
    own.answer,
    `127.0.0.1:3000 is where node (pid ${everywhere}) listens, reachable from every network of this machine.`,
  );
  assert.match(
    own.reach ?? '',
    /^every host of the networks of this machine, .*192\.168\.50\.0\/24 \(lan0\).*not looked/,
  );

  const lan = await explained(lab, '192.168.50.5:4000', machine);
  assert.equal(
    lan.answer,
    `192.168.50.5:4000 is where node (pid ${inside}) listens, reachable from the network of lan0.`,
  );
  assert.match(lan.reach ?? '', /^the hosts of lan0's network 192\.168\.50\.0\/24, unless a firewall/);
  assert.deepEqual(
    [lan.addresses[0]?.interface, lan.addresses[0]?.local, lan.addresses[0]?.kind],
    ['lan0', true, 'private-use'],
  );

  const other = await explained(lab, '192.168.50.6:4000', machine);
  assert.deepEqual([other.listeners, other.addresses[0]?.local], [[], false]);
  assert.match(
    (await explained(lab, '127.0.0.1:4000', machine)).notes.join('\n'),
    /listens at 192\.168\.50\.5, which is another place/,
  );
});

test('the hosts file leads names, with its lines; others are not asked for', async (t) => {
  const machine = await OwnMachine.create(t);
  if (machine === null) return;
  const lab = Lab.create(t);
  cover(
    machine,
    '/etc/hosts',
    '# ours\n127.0.0.1 localhost\n::1 localhost\n127.9.9.9 shop.example # the shop\n',
  );
  cover(machine, '/etc/nsswitch.conf', 'hosts: files dns\n');
  const localhost = await explained(lab, 'localhost', machine);
  assert.deepEqual([...(localhost.name?.addresses ?? [])].sort(), ['127.0.0.1', '::1']);
  assert.equal(localhost.name?.source, '/etc/hosts, lines 2 and 3');
  const shop = await explained(lab, 'Shop.Example:80', machine);
  assert.deepEqual(shop.name, {
    name: 'shop.example',
    addresses: ['127.9.9.9'],
    source: '/etc/hosts, line 4',
  });
  assert.equal(shop.answer, 'Shop.Example:80 is port 80 of this machine itself; nothing listens there.');
  assert.deepEqual((await explained(lab, '127.9.9.9', machine)).names, [
    { name: 'shop.example', source: '/etc/hosts, line 4' },
  ]);
});

test('no name server hears of it, whatever the name', async (t) => {
  const strace = await ensureProgram(t, { program: 'strace', package: 'strace' });
  const machine = strace === null ? null : await OwnMachine.create(t);
  if (strace === null || machine === null) return;
  const lab = Lab.create(t);
  cover(machine, '/etc/hosts', '127.0.0.1 localhost\n10.9.9.9 only4.example\n');
  cover(machine, '/etc/nsswitch.conf', 'hosts: files dns\n');
  cover(machine, '/etc/resolv.conf', 'search example\nnameserver 127.0.0.53\n');
  const trace = join(machine.directory, 'trace');
  const through = [...machine.through, strace, '-f', '-e', 'trace=network', '-o', trace];
  const asked = (): boolean => /htons\((53|5353)\)/.test(readFileSync(trace, 'utf8'));
  const [program = '', ...words] = [...through, 'getent', 'ahosts', 'web.shop.localhost'];
  spawnSync(program, words);
  assert.ok(asked(), 'the C library asks, and this test would see it');
  for (const name of [
    'localhost',
    'web.shop.localhost',
    'only4.example',
    'example.org',
    'only4',
    'printer.local',
  ]) {
    await lab.must(['explain', name, '--json'], 0, { through });
    assert.ok(!asked(), name);
  }
});

test('a machine without IPv6', async (t) => {
  const machine = await OwnMachine.create(t);
  if (machine === null) return;
  const lab = Lab.create(t);
  machine.run(
    'sh',
    '-c',
    'for file in all default lo; do echo 1 >/proc/sys/net/ipv6/conf/$file/disable_ipv6; done',
  );
  cover(machine, '/etc/hosts', '127.0.0.1 localhost\n::1 localhost\n');
  const pid = await serve(machine, '127.0.0.1', 5432);
  const six = await explained(lab, '[::1]:5432', machine);
  assert.equal(six.addresses[0]?.local, false);
  assert.match(six.answer, /this machine has no such address, so nobody can listen there/);
  const name = await explained(lab, 'localhost:5432', machine);
  assert.equal(
    name.answer,
    `localhost:5432 is where node (pid ${pid}) listens, reachable from this machine only.`,
  );
  assert.match(name.notes.join('\n'), /::1 cannot be used on this machine/);
});

test('an address of a service names it, while it runs and after', async (t) => {
  const lab = Lab.create(t);
  lab.write(
    'server.mjs',
    `import { createServer } from 'node:http';
     createServer((request, response) => response.end('ok')).listen(process.env.PORT, process.env.HOST);`,
  );
  lab.write('loopyard.yaml', 'name: shop\nservices:\n  api: { run: node server.mjs, port: 3000 }\n');
  await lab.must(['up', '--detach']);
  const { address = '' } = (await lab.service('api')).endpoints[0] ?? {};
  const up = await lab.json<ExplainReport>(['explain', `${address}:3000`]);
  assert.equal(
    up.answer,
    `${address}:3000 is where the service api of shop listens, reachable from this machine only.`,
  );
  assert.equal(up.services[0]?.state, 'ready');
  assert.equal(
    (await lab.json<ExplainReport>(['explain', 'api'])).answer,
    `api is the service api of shop, at ${address}.`,
  );
  await lab.must(['stop', 'api']);
  const down = await lab.json<ExplainReport>(['explain', address]);
  assert.equal(down.answer, `${address} is the address of the service api of shop, on this machine itself.`);
  assert.equal(down.services[0]?.state, 'stopped');
});
