/** The target guard: nothing but loopback is ever dialled, however it is spelled, whatever a resolver or a socket says. */

import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { LoopyardError } from '../../src/core/errors.ts';
import { isLoopback } from '../../src/core/loopback.ts';
import { createDial, dial, guard } from '../../src/daemon/audit/dial.ts';
import { scopeOf } from '../../src/daemon/audit/scope.ts';
import { wantedOf } from '../../src/daemon/audit/words.ts';
import { Rig } from '../cli/rig.ts';
import { listenerOf } from './support/examine.ts';
import { tcp } from './support/servers.ts';

/** What a person, or a page that a person copied from, may write. */
const REFUSED = [
  '127.1:80',
  '127.0.1:80',
  '0x7f000001:80',
  '0x7f.0.0.1:80',
  '2130706433:80',
  '0177.0.0.1:80',
  '127.0.0.1.:80',
  '127.000.000.001:80',
  '[::ffff:127.0.0.1]:80',
  '[::ffff:7f00:1]:80',
  '[0:0:0:0:0:0:0:1]:80',
  '[::1%lo]:80',
  '[::127.0.0.1]:80',
  '0.0.0.0:80',
  '0:80',
  '[::]:80',
  '10.0.0.1:80',
  '172.16.0.1:80',
  '192.168.1.1:80',
  '169.254.1.1:80',
  '169.254.169.254',
  '[fe80::1]:80',
  '[fd00::1]:80',
  '100.64.0.1:80',
  '8.8.8.8:53',
  '255.255.255.255:80',
  'http://127.1/',
  'http://user@10.0.0.1/',
  'http://127.0.0.1@10.0.0.1/',
  'http://[::ffff:10.0.0.1]/',
  '//10.0.0.1:80',
];

for (const command of ['audit', 'attack'])
  test(`lo ${command} refuses whatever is no loopback address in its one spelling`, async () => {
    for (const word of REFUSED) {
      const rig = new Rig([command, word, '--yes'].slice(0, command === 'attack' ? 3 : 2), {
        connect: async () => null,
      });
      assert.equal(await rig.ended, 2, `${word}: ${rig.stdout.text}${rig.stderr.text}`);
      assert.match(rig.stderr.text, /loopback/, word);
    }
  });

test('literals: 127.0.0.0/8 and ::1 alone, in one spelling', () => {
  for (const good of ['127.0.0.1', '127.0.0.53', '127.64.3.1', '127.255.255.255', '::1'])
    assert.ok(isLoopback(good), good);
  for (const bad of [
    '126.255.255.255',
    '128.0.0.0',
    '127.1',
    '::',
    '::2',
    '::ffff:127.0.0.1',
    '0:0:0:0:0:0:0:1',
    '::0001',
    'localhost',
    '',
    '127.0.0.1 ',
    '127.0.0.1\n',
  ])
    assert.ok(!isLoopback(bad), JSON.stringify(bad));
});

test('names: all addresses have to be loopback, and a resolver is asked once', async () => {
  const refused = async (addresses: readonly string[]): Promise<void> => {
    await assert.rejects(
      wantedOf('api.test:80', [], async () => addresses),
      isRefusal,
    );
  };
  await refused(['10.0.0.1']);
  await refused(['127.0.0.1', '10.0.0.1']);
  await refused(['::ffff:127.0.0.1']);
  await refused([]);
  await assert.rejects(
    wantedOf('api.test:80', [], () => Promise.reject(new Error('ENOTFOUND'))),
    isRefusal,
  );
  const asked: string[] = [];
  const wanted = await wantedOf('http://localhost:3000/x', [], async (name) => {
    asked.push(name);
    return ['10.0.0.1'];
  });
  assert.deepEqual(asked, [], 'names below localhost are loopback, whatever a resolver would say');
  assert.deepEqual(wanted.kind === 'place' ? wanted.addresses : null, ['127.0.0.1', '::1']);
});

test('a name that changes between the check and the connection: what was checked is dialled', async () => {
  const answers = [['127.0.0.1'], ['192.0.2.66']];
  const scope = await scopeOf(
    { target: { directory: '/' }, words: ['api.test:3000'], allUsers: false },
    {
      workbench: null,
      listeners: async () => [
        listenerOf('127.0.0.1', 3000),
        listenerOf('192.0.2.66', 3000, { scope: 'interface' }),
      ],
      interfaces: () => [],
      user: 'ada',
      resolve: async () => answers.shift() ?? [],
    },
  );
  assert.equal(answers.length, 1, 'asked once');
  assert.deepEqual(
    scope.targets.map(({ address }) => address),
    ['127.0.0.1'],
  );
});

test('nothing is opened for an address that is not loopback', async () => {
  let opened = 0;
  const counting = createDial(() => {
    opened += 1;
    throw new Error('must not be called');
  });
  for (const address of [
    '10.0.0.1',
    '0.0.0.0',
    '::',
    '::ffff:127.0.0.1',
    'localhost',
    '169.254.1.1',
    'fe80::1',
  ]) {
    assert.throws(() => guard(address), isRefusal);
    await assert.rejects(counting({ address, port: 80 }, {}), isRefusal);
    await assert.rejects(counting({ address, port: 80 }, { tls: {} }), isRefusal);
  }
  assert.equal(opened, 0);
});

test('a connection that led elsewhere than it was told is cut before a byte is sent', async (t) => {
  const said: Buffer[] = [];
  const elsewhere = await listening(t, said);
  // As a proxy of the system, or a rule of a firewall, would: asked for one place, connected to another.
  const lying = createDial(() => connect({ host: '127.0.0.1', port: elsewhere }));
  await assert.rejects(
    lying({ address: '127.0.0.2', port: elsewhere }, {}),
    /led to 127\.0\.0\.1, .*loopback/,
  );
  const unknown = createDial(() => hiding(connect({ host: '127.0.0.1', port: elsewhere })));
  await assert.rejects(
    unknown({ address: '127.0.0.1', port: elsewhere }, {}),
    /led to 192\.0\.2\.66, .*loopback/,
  );
  const wire = await dial({ address: '127.0.0.1', port: elsewhere }, {});
  wire.send('honest');
  await wire.receive((bytes) => bytes.length > 0);
  wire.close();
  assert.equal(Buffer.concat(said).toString(), 'honest');
});

async function listening(t: TestContext, said: Buffer[]): Promise<number> {
  const { port } = await tcp(t, (socket) =>
    socket.on('data', (bytes) => {
      said.push(bytes);
      socket.write('ok');
    }),
  );
  return port;
}

/** Says of itself that it is connected to another machine. */
function hiding(socket: Socket): Socket {
  Object.defineProperty(socket, 'remoteAddress', { get: () => '192.0.2.66' });
  return socket;
}

function isRefusal(error: unknown): true {
  assert.ok(error instanceof LoopyardError, String(error));
  assert.equal(error.code, 'AUDIT_REFUSED');
  assert.equal(error.exit, 2);
  assert.match(`${error.message} ${error.hint}`, /loopback/);
  return true;
}
