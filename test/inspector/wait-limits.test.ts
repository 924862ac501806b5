/** What `lo wait` keeps to: this machine, its own face, and an end when somebody else has failed. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LoopyardError } from '../../src/core/errors.ts';
import { parseWaitTarget, placesOf } from '../../src/inspector/wait/target.ts';
import { waitFor } from '../../src/inspector/wait/wait.ts';
import { bundledProgram } from '../support/bundled-program.ts';
import { ensureProgram } from '../support/debian.ts';
import { fakePlatform } from '../support/fake-platform.ts';
import { OwnMachine } from './own-machine.ts';
import { OWN, tools, waited } from './wait-rig.ts';

test('somebody else’s failure ends it with one more look', async () => {
  const failed = new AbortController();
  const report = await waitFor(tools(), {
    target: parseWaitTarget(`${OWN}:1`),
    wanted: 'open',
    timeoutMs: Number.POSITIVE_INFINITY,
    signal: failed.signal,
    onAttempt: () => failed.abort(),
  });
  assert.deepEqual([report.met, report.lastError], [false, `${OWN}:1: nothing listens`]);
});

test('no other machine is dialled, nor asked for a name', async () => {
  const never = (): never => assert.fail('somebody else was asked');
  const platform = fakePlatform({
    interfaces: () => [{ name: 'eth0', kind: 'lan', addresses: ['192.0.2.7'], networks: ['192.0.2.0/24'] }],
    hostsFile: () => ({
      path: '/etc/hosts',
      entries: [{ line: 1, address: '198.51.100.1', names: ['build.example'] }],
      gap: null,
    }),
    nameSources: () => ['files', 'dns'],
    hostName: () => 'box',
    lookUp: async (name) =>
      name === 'build.example' ? { addresses: ['198.51.100.1'], code: null } : never(),
  });
  for (const [target, reason, fix] of [
    ['198.51.100.1:80', /no interface has 198\.51\.100\.1/, /`until nc -z -w 2 198\.51\.100\.1 80; do/],
    ['build.example:80', /no interface has 198\.51\.100\.1/, /nc -z -w 2 build\.example 80/],
    ['example.org:80', /only another machine may know the name/, /nc -z -w 2 example\.org 80/],
    ['http://u:p@example.org/x?y=z', /only another machine/, /curl -fsS -o \/dev\/null 'http:/],
  ] as const)
    await assert.rejects(
      waited(target, 'open', never, { tools: { platform, dial: never, get: never } }),
      (error) =>
        error instanceof LoopyardError &&
        error.code === 'SUBJECT_INVALID' &&
        reason.test(error.message) &&
        fix.test(error.hint) &&
        !/u:p|y=z/.test(error.message + error.hint),
      target,
    );
  const own = await placesOf(parseWaitTarget('192.0.2.7:80'), 'open', { platform, holdings: () => [] });
  assert.deepEqual(
    own.map(({ address }) => address),
    ['192.0.2.7'],
  );
});

test('300 looks at a port of the ephemeral range never meet themselves', async (t) => {
  const machine = await OwnMachine.create(t);
  if (machine === null || (await ensureProgram(t, { program: 'python3', package: 'python3' })) === null)
    return;
  // So few ports that a loop which dials cannot miss its own.
  machine.run('sh', '-c', 'echo "33100 33131" >/proc/sys/net/ipv4/ip_local_port_range');
  const loop = machine.run('python3', '-c', DIALS);
  assert.match(loop, /^met itself/, 'the trap is there');
  const looker = await bundledProgram('looker', machine.directory);
  const told = JSON.parse(machine.run(process.execPath, looker, '33100', '300')) as unknown;
  assert.deepEqual(told, { looks: 300, met: 0, dialled: 0, reasons: ['127.0.0.1:33100: nothing listens'] });
});

const DIALS = `
import socket
for tries in range(5000):
    s = socket.socket()
    try:
        s.connect(('127.0.0.1', 33100))
        if s.getsockname() == s.getpeername():
            print('met itself after', tries)
            break
    except ConnectionRefusedError:
        s.close()
`;
