/** `lo ports --watch`: what opens, closes and changes, by a daemon and without one; and which of two looks is which. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { test } from 'node:test';
import type { ListenerDocument, OwnerDocument, PortsEvent } from '../../src/core/inspection.ts';
import { changesBetween } from '../../src/inspector/ports/changes.ts';
import { watchPorts } from '../../src/inspector/ports/watch.ts';
import { fakePlatform } from '../support/fake-platform.ts';
import { Lab, type Live } from '../support/lab.ts';
import { PortsRig } from './ports-rig.ts';

function events(live: Live): readonly PortsEvent[] {
  return live.stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as PortsEvent);
}

function listenerOf(event: PortsEvent | undefined): ListenerDocument {
  assert.ok(event !== undefined && event.type !== 'snapshot', JSON.stringify(event));
  return event.listener;
}

function pids({ owners }: ListenerDocument): readonly number[] {
  return owners.map(({ pid }) => pid);
}

for (const withDaemon of [false, true]) {
  test(`a listener comes and goes, ${withDaemon ? 'seen by a daemon' : 'without a daemon'}; Ctrl-C ends with 130`, async (t) => {
    const lab = Lab.create(t);
    if (withDaemon) await lab.must(['ls']);
    const live = lab.start(['ports', '--watch', '--json', '--pid', String(process.pid)]);
    await live.says(/"type":"snapshot"/);
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    await live.says(new RegExp(`"type":"opened".*"port":${port},`));
    server.close();
    await once(server, 'close');
    await live.says(new RegExp(`"type":"closed".*"port":${port},`));
    const [opened, closed] = events(live).filter(
      (event) => event.type !== 'snapshot' && event.listener.port === port,
    );
    assert.deepEqual(pids(listenerOf(opened)), [process.pid]);
    assert.deepEqual(listenerOf(closed), listenerOf(opened));
    live.signal('SIGINT');
    assert.equal((await live.finished).code, 130);
  });
}

test('another owner of the same listener is a change, which tells both', async (t) => {
  const rig = await PortsRig.create(t);
  if (rig === null) return;
  const live = rig.lab.start(['ports', '--watch', '--json'], rig.inside());
  await live.says(/"type":"snapshot"/);
  const { pid = 0 } = await rig.machine.python(`
import signal
s = listen('127.0.0.1', 3000)
def hand_over(*_):
    if os.fork() > 0: os._exit(0)
signal.signal(signal.SIGUSR1, hand_over)
say()`);
  await live.says(/"type":"opened".*"port":3000,/);
  rig.machine.run('kill', '-USR1', String(pid));
  await live.says(new RegExp(`"type":"changed".*"owners":\\[\\{"pid":(?!${pid},).*"before":`));
  const [snapshot, opened, ...changed] = events(live);
  assert.deepEqual([snapshot?.type, opened?.type], ['snapshot', 'opened']);
  const last = changed.at(-1);
  assert.ok(
    last?.type === 'changed' && changed.every(({ type }) => type === 'changed'),
    JSON.stringify(changed),
  );
  assert.ok(pids(last.before).includes(pid), 'it was the first one');
  assert.equal(pids(last.listener).length, 1);
  assert.ok(!pids(last.listener).includes(pid), 'and is not now');
  assert.deepEqual([last.listener.port, last.listener.address], [3000, '127.0.0.1']);
});

test('nobody looks after the reader has left', async () => {
  let looks = 0;
  const platform = fakePlatform({
    sockets: () => {
      looks += 1;
      return { sockets: [], gaps: [] };
    },
    holders: () => ({ byInode: new Map(), closed: new Map() }),
  });
  const tools = { platform, holdings: () => [], now: Date.now, homeDirectory: '/' };
  const watch = watchPorts(tools, { all: false });
  assert.equal(looks, 0);
  assert.equal((await watch.next()).done, false);
  const waiting = watch.next();
  await watch.return?.();
  assert.deepEqual(await waiting, { value: undefined, done: true });
  assert.deepEqual(await watch.next(), { value: undefined, done: true });
  assert.equal(looks, 1);
});

function owner(pid: number, started = '2026-01-01T00:00:00.000Z'): OwnerDocument {
  const words = {
    user: 'ada',
    name: 'node',
    command: ['node'],
    cwd: '/',
    parents: [],
    origin: '',
    stale: false,
  };
  return { pid, started, ...words };
}

function listener(address: string, port: number, ...owners: readonly OwnerDocument[]): ListenerDocument {
  return {
    protocol: 'tcp',
    family: 4,
    address,
    port,
    scope: address === '0.0.0.0' ? 'wildcard' : 'loopback',
    interface: null,
    interfaceKind: null,
    owners,
    ownerVisible: owners.length > 0,
    hidden: null,
    user: 'ada',
    service: null,
    container: null,
    unit: null,
  };
}

function changes(
  before: readonly ListenerDocument[],
  after: readonly ListenerDocument[],
): readonly (readonly [type: string, ...listeners: readonly ListenerDocument[]])[] {
  const { opened, closed, changed } = changesBetween(before, after);
  return [
    ...closed.map((one) => ['closed', one] as const),
    ...changed.map((one) => ['changed', one.before, one.listener] as const),
    ...opened.map((one) => ['opened', one] as const),
  ];
}

test('two looks are compared socket by socket', () => {
  const [one, two, three] = [owner(1), owner(2), owner(3)];
  const at = (address: string, ...owners: readonly OwnerDocument[]): ListenerDocument =>
    listener(address, 80, ...owners);
  const local = at('127.0.0.1', one);
  assert.deepEqual(changes([local], [at('127.0.0.1', one)]), []);
  assert.deepEqual(changes([], [local]), [['opened', local]]);
  assert.deepEqual(changes([local], []), [['closed', local]]);
  assert.deepEqual(changes([local], [at('127.0.0.1', two)]), [['changed', local, at('127.0.0.1', two)]]);
  // The pid is the same, the process is not.
  const again = at('127.0.0.1', owner(1, '2026-01-02T00:00:00.000Z'));
  assert.deepEqual(changes([local], [again]), [['changed', local, again]]);
  // The order of holders is no news; one more is.
  assert.deepEqual(changes([at('127.0.0.1', one, two)], [at('127.0.0.1', two, one)]), []);
  assert.equal(changes([local], [at('127.0.0.1', one, two)])[0]?.[0], 'changed');
  // Loopback becomes every address: the same port, by whomever.
  assert.deepEqual(changes([local], [at('0.0.0.0', two)]), [['changed', local, at('0.0.0.0', two)]]);
  // With two on one port nobody can say which became which.
  const both = [local, at('127.0.0.2', two)];
  assert.deepEqual(
    changes(both, [at('0.0.0.0', three)]).map(([type]) => type),
    ['closed', 'closed', 'opened'],
  );
  // Of a group that shares its place, the one that stays is not confused with the one that is new.
  const group = [at('127.0.0.1', one), at('127.0.0.1', two)];
  assert.deepEqual(changes(group, [at('127.0.0.1', two), at('127.0.0.1', three)]), [
    ['changed', at('127.0.0.1', one), at('127.0.0.1', three)],
  ]);
  // Nor is a listener of the same port over UDP.
  const udp: ListenerDocument = { ...local, protocol: 'udp' };
  assert.deepEqual(changes([local], [udp]), [
    ['closed', local],
    ['opened', udp],
  ]);
});
