/** What `lo kill` would do and refuses to do, played without a machine. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KillStep, ListenerDocument, OwnerDocument } from '../../src/core/inspection.ts';
import { type KillSituation, planKill } from '../../src/inspector/kill/plan.ts';
import { isProxyOf } from '../../src/inspector/kill/published.ts';
import { isMeant, parseTarget } from '../../src/inspector/kill/target.ts';
import type { ProcessDescription, SocketFacts } from '../../src/platform/facts.ts';

const SHELL = 50;
const CALLER = 60;

test('a plain server is a process to end; its sockets of both families are one step', () => {
  const [step, ...more] = plan([listener([100]), listener([100], { address: '::1', family: 6 })]);
  assert.deepEqual(more, []);
  assert.equal(step?.kind, 'process');
  assert.equal(pidOf(step), 100);
  assert.equal(step?.listeners.length, 2);
});

test('the topmost holder is ended, however far below the others stand', () => {
  const master = owner(100, [1]);
  // The shell between them holds nothing.
  const worker = owner(103, [101, 100, 1]);
  const [step] = plan([listener([master, worker])]);
  assert.equal(pidOf(step), 100);
  assert.deepEqual(step?.kind === 'process' && step.members.map(({ pid }) => pid), [103]);
});

test('workers whose master is gone are all ended', () => {
  const workers = [owner(101, [1]), owner(102, [1])];
  assert.deepEqual(plan([listener(workers)]).map(pidOf), [101, 102]);
});

test('a worker with a socket of its own on the port goes with its master', () => {
  const master = owner(100, [1]);
  const worker = owner(101, [100, 1]);
  const steps = plan([listener([master]), listener([worker], { address: '127.0.0.2' })]);
  assert.deepEqual(steps.map(pidOf), [100]);
  assert.equal(steps[0]?.listeners.length, 2);
});

test('pid 1, the command itself and what it runs in are refused', () => {
  assert.match(whyOf(plan([listener([owner(1, [])])])[0]), /\(pid 1\) holds it/);
  assert.match(whyOf(plan([listener([owner(CALLER, [SHELL, 1])])])[0]), /is this command itself/);
  const [step] = plan([listener([owner(SHELL, [1])])]);
  assert.match(whyOf(step), /runs this command/);
  assert.equal(fixOf(step), `kill ${SHELL}`);
  // The terminal is a worker of the editor, and both hold the socket.
  const editor = owner(40, [1]);
  assert.match(whyOf(plan([listener([editor, owner(SHELL, [40, 1])])])[0]), /runs this command/);
});

test('processes of others are refused unless root asks', () => {
  const processes = { 100: process(100, { uid: 33, user: 'www-data' }) };
  const [step] = plan([listener([100])], { processes });
  assert.match(whyOf(step), /node \(pid 100\) belongs to www-data, and you are alice/);
  assert.equal(fixOf(step), 'sudo env "PATH=$PATH" lo kill 3000');
  const root = { ...caller, uid: 0, user: 'root' };
  assert.equal(pidOf(plan([listener([100])], { processes, caller: root })[0]), 100);
});

test('an owner that is not seen is refused with what would show it', () => {
  const hidden = listener([], { ownerVisible: false, hidden: 'it belongs to root', user: 'root' });
  const [step] = plan([hidden]);
  assert.match(whyOf(step), /nobody is seen who holds it: it belongs to root/);
  assert.equal(fixOf(step), 'sudo env "PATH=$PATH" lo kill 3000');
  assert.equal(fixOf(plan([hidden], { caller: { ...caller, uid: 0 } })[0]), 'lo why 3000');
});

test('other listeners of the process are named; --force takes them along', () => {
  const elsewhere = new Map([[100, [{ address: '::1', port: 9229 }]]]);
  const [step] = plan([listener([100])], { elsewhere });
  assert.match(whyOf(step), /listens on \[::1\]:9229 too/);
  assert.equal(fixOf(step), 'lo kill 3000 --force');
  assert.equal(pidOf(plan([listener([100])], { elsewhere, force: true })[0]), 100);
});

test('a service of ours is stopped by the supervisor, whoever asks', () => {
  const service = {
    environment: { id: 'e1', path: '/shop', name: 'main' },
    project: 'shop',
    name: 'api',
    endpoint: 'http',
  } as ListenerDocument['service'];
  const steps = plan([listener([100], { service }), listener([100], { service, address: '::1', family: 6 })]);
  assert.equal(steps.length, 1);
  assert.equal(steps[0]?.kind, 'service');
});

test('a published port is freed by stopping its container, both families by one command', () => {
  const container = { runtime: 'docker', id: 'abcdef0123456789', name: 'shop-db-1', target: null } as const;
  const steps = plan([
    listener([100], { container, address: '0.0.0.0' }),
    listener([101], { container, address: '::', family: 6 }),
  ]);
  assert.deepEqual(steps.map(argvOf), [['docker', 'stop', 'abcdef012345']]);
});

test("root's docker-proxy is known by its command where its sockets are not seen", () => {
  const command =
    '/usr/bin/docker-proxy -proto tcp -host-ip 0.0.0.0 -host-port 3000 -container-ip 172.17.0.2'.split(' ');
  assert.equal(isProxyOf(command, { protocol: 'tcp', address: '0.0.0.0', port: 3000 }), true);
  assert.equal(isProxyOf(command, { protocol: 'tcp', address: '127.0.0.1', port: 3000 }), false);
  assert.equal(isProxyOf(command, { protocol: 'udp', address: '0.0.0.0', port: 3000 }), false);
  assert.equal(isProxyOf(['node', ...command], { protocol: 'tcp', address: '0.0.0.0', port: 3000 }), false);
});

test('a container that nobody names is refused, and so is one whose manager is not known', () => {
  const nameless = { runtime: 'docker', id: null, name: null, target: null } as const;
  const [step] = plan([listener([100], { container: nameless })]);
  assert.equal(fixOf(step), 'docker ps --filter publish=3000');
  const [asked] = plan([listener([100], { container: nameless })], { unnamed: 'asked at /sock: no answer' });
  assert.match(whyOf(asked), /a container that docker does not name \(asked at \/sock: no answer\)$/);
  const pod = { ...nameless, runtime: 'kubernetes', id: 'abc' } as const;
  assert.match(whyOf(plan([listener([100], { container: pod })])[0]), /container of kubernetes \(abc\)/);
});

test('inside a container its own processes are plain ones', () => {
  const container = { runtime: 'docker', id: 'abc', name: null, target: null } as const;
  const inside = { ...caller, container };
  assert.equal(pidOf(plan([listener([100], { container })], { caller: inside })[0]), 100);
  const named = { ...container, name: 'dev' };
  assert.equal(pidOf(plan([listener([100], { container: named })], { caller: inside })[0]), 100);
  const other = { ...container, id: 'def' };
  assert.deepEqual(argvOf(plan([listener([100], { container: other })], { caller: inside })[0]), [
    'docker',
    'stop',
    'def',
  ]);
});

const NGINX = { name: 'nginx.service', manager: 'system', socket: false } as const;

test('a unit of the system is stopped through systemd by root, and refused to others', () => {
  const listeners = [listener([owner(100, [1]), owner(101, [100, 1])], { unit: NGINX })];
  const [step] = plan(listeners);
  assert.match(whyOf(step), /belongs to the unit nginx\.service of the system/);
  assert.equal(fixOf(step), 'sudo systemctl stop nginx.service');
  const root = { ...caller, uid: 0, user: 'root' };
  assert.deepEqual(argvOf(plan(listeners, { caller: root })[0]), ['systemctl', 'stop', 'nginx.service']);
});

test('a unit whose command is a shell script is stopped as a whole', () => {
  const unit = { name: 'app.service', manager: 'user', socket: false } as const;
  const processes = {
    90: process(90, { name: 'sh', parent: 80, session: 90 }),
    100: process(100, { parent: 90, session: 90 }),
    80: process(80, { name: 'systemd', parent: 1, session: 80 }),
  };
  const steps = plan([listener([owner(100, [90, 80, 1])], { unit })], { processes });
  assert.deepEqual(steps.map(argvOf), [['systemctl', '--user', 'stop', 'app.service']]);
  const root = { ...caller, uid: 0, user: 'root' };
  assert.deepEqual(
    argvOf(plan([listener([owner(100, [90, 80, 1])], { unit })], { processes, caller: root })[0]),
    ['systemctl', '--user', '--machine=alice@.host', 'stop', 'app.service'],
  );
});

test('what somebody started in a terminal below a unit is not the unit', () => {
  const unit = { name: 'tmux.service', manager: 'user', socket: false } as const;
  const processes = {
    80: process(80, { name: 'tmux', parent: 1, session: 80 }),
    90: process(90, { name: 'bash', parent: 80, session: 90 }),
    100: process(100, { parent: 90, session: 90 }),
  };
  assert.equal(pidOf(plan([listener([owner(100, [90, 80, 1])], { unit })], { processes })[0]), 100);
  // A daemon that was started over ssh has systemd as its parent, and sits in the server's unit or the session's.
  for (const name of ['ssh.service', 'sshd@3.service', 'user@1000.service', 'docker.service'])
    assert.equal(pidOf(plan([listener([owner(100, [1])], { unit: { ...NGINX, name } })])[0]), 100, name);
  const within = { ...caller, unit: NGINX };
  assert.equal(pidOf(plan([listener([owner(100, [1])], { unit: NGINX })], { caller: within })[0]), 100);
});

test('a socket that systemd itself holds is freed by its socket unit', () => {
  const unit = { name: 'cups.socket', manager: 'system', socket: true } as const;
  const root = { ...caller, uid: 0, user: 'root' };
  const waiting = plan([listener([owner(1, [])], { unit })], { caller: root });
  assert.deepEqual(waiting.map(argvOf), [['systemctl', 'stop', 'cups.socket']]);
  const unseen = listener([], { unit, ownerVisible: false });
  assert.equal(fixOf(plan([unseen])[0]), 'sudo systemctl stop cups.socket');
  const started = plan([listener([owner(1, []), owner(100, [1])], { unit })], { caller: root });
  assert.deepEqual(started.map(argvOf), [['systemctl', 'stop', 'cups.socket', 'cups.service']]);
});

test('targets are ports, with an address before them or beside them', () => {
  assert.deepEqual(parseTarget('3000', 'tcp', []), {
    text: '3000',
    port: 3000,
    protocol: 'tcp',
    addresses: null,
  });
  assert.deepEqual(parseTarget('[::1]:53', 'udp', []).addresses, ['::1']);
  assert.equal(parseTarget('[::1]:53', 'udp', []).text, '[::1]:53 --udp');
  assert.deepEqual(parseTarget('localhost:3000', 'tcp', []).addresses, ['127.0.0.1', '::1']);
  assert.deepEqual(parseTarget('3000', 'tcp', ['0:0::1', '127.0.0.1']).addresses, ['::1', '127.0.0.1']);
  for (const wrong of ['', 'web', '0', '65536', '::1:3000', '3000/tcp', 'example.org:80', '-1'])
    assert.throws(() => parseTarget(wrong, 'tcp', []), { code: 'USAGE' }, wrong);
});

test('only sockets that take what comes are meant: never a connection from that port', () => {
  const all = parseTarget('3000', 'tcp', []);
  assert.equal(isMeant(all, socket('listen', '0.0.0.0')), true);
  for (const state of ['established', 'syn-sent', 'time-wait', 'close-wait'] as const)
    assert.equal(isMeant(all, socket(state, '127.0.0.1')), false, state);
  const one = parseTarget('127.0.0.1:3000', 'tcp', []);
  assert.equal(isMeant(one, socket('listen', '::ffff:127.0.0.1')), true);
  assert.equal(isMeant(one, socket('listen', '0.0.0.0')), false);
  assert.equal(isMeant(parseTarget('3000', 'udp', []), socket('listen', '127.0.0.1')), false);
});

const caller: KillSituation['caller'] = {
  pid: CALLER,
  ancestors: [SHELL, 40, 1],
  uid: 1000,
  user: 'alice',
  container: null,
  unit: null,
};

interface Played extends Partial<Omit<KillSituation, 'processOf'>> {
  readonly processes?: Readonly<Record<number, ProcessDescription>>;
}

function plan(listeners: readonly ListenerDocument[], played: Played = {}): readonly KillStep[] {
  const parents = new Map(
    listeners.flatMap(({ owners }) => owners).map((one) => [one.pid, one.parents[0]?.pid ?? 0]),
  );
  const processOf = (pid: number): ProcessDescription | null =>
    played.processes?.[pid] ?? (parents.has(pid) ? process(pid, { parent: parents.get(pid) ?? 0 }) : null);
  return planKill({
    target: parseTarget('3000', 'tcp', []),
    listeners,
    unnamed: null,
    elsewhere: new Map(),
    caller,
    force: false,
    ...played,
    processOf,
  });
}

function listener(
  holders: readonly (number | OwnerDocument)[],
  change: Partial<ListenerDocument> = {},
): ListenerDocument {
  return {
    protocol: 'tcp',
    family: 4,
    address: '127.0.0.1',
    port: 3000,
    scope: 'loopback',
    interface: 'lo',
    interfaceKind: 'loopback',
    owners: holders.map((holder) => (typeof holder === 'number' ? owner(holder, [SHELL, 1]) : holder)),
    ownerVisible: true,
    hidden: null,
    user: 'alice',
    service: null,
    container: null,
    unit: null,
    ...change,
  };
}

function owner(pid: number, parents: readonly number[]): OwnerDocument {
  return {
    pid,
    user: 'alice',
    name: 'node',
    command: ['node', 'server.js'],
    cwd: '/shop',
    started: null,
    parents: parents.map((parent) => ({ pid: parent, name: parent === 1 ? 'systemd' : 'sh' })),
    origin: 'started by sh',
    stale: false,
  };
}

function process(pid: number, change: Partial<ProcessDescription>): ProcessDescription {
  return {
    pid,
    parent: SHELL,
    session: SHELL,
    uid: 1000,
    user: 'alice',
    name: 'node',
    command: ['node', 'server.js'],
    cwd: '/shop',
    executable: null,
    executableDeleted: false,
    startedAt: null,
    cgroup: null,
    ...change,
  };
}

function socket(state: SocketFacts['state'], address: string): SocketFacts {
  const family = address.includes(':') ? 6 : 4;
  return {
    protocol: 'tcp',
    family,
    state,
    local: { address, port: 3000 },
    remote: null,
    uid: 1000,
    inode: 7,
  };
}

function pidOf(step: KillStep | undefined): number | null {
  return step?.kind === 'process' ? step.owner.pid : null;
}

function argvOf(step: KillStep | undefined): readonly string[] | null {
  return step?.kind === 'manager' ? step.argv : null;
}

function whyOf(step: KillStep | undefined): string {
  return step?.kind === 'refused' ? step.why : `not refused: ${JSON.stringify(step)}`;
}

function fixOf(step: KillStep | undefined): string | null {
  return step?.kind === 'refused' ? step.fix : 'not refused';
}
