/** Who owns a listener, in situations made for real: groups, forks, other users, namespaces, replaced programs, odd names. */

import assert from 'node:assert/strict';
import { copyFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { ListenerDocument, PortsReport } from '../../src/core/inspection.ts';
import { ensureProgram } from '../support/debian.ts';
import { PortsRig } from './ports-rig.ts';

const AS_NOBODY = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', '--'];
/** Where a user who may not read root's directories works. */
const ELSEWHERE = { env: { LOOPYARD_HOME: '/nonexistent', HOME: '/' }, cwd: '/' };

function pids({ owners }: ListenerDocument): readonly number[] {
  return owners.map(({ pid }) => pid);
}

test('a server in full: user, command, directory, start, parents, and where it comes from', async (t) => {
  const rig = await PortsRig.create(t);
  if (rig === null) return;
  const before = Date.now();
  const script = "s = listen('127.0.0.1', 3000)\nsay()";
  const { pid } = await rig.machine.python(script);
  const { owners, ownerVisible, hidden, user } = await rig.listener(3000);
  const [owner, ...more] = owners;
  assert.ok(owner !== undefined && more.length === 0);
  assert.deepEqual(
    [owner.pid, owner.user, owner.stale, ownerVisible, hidden, user],
    [pid, 'root', false, true, null, 'root'],
  );
  assert.match(owner.name, /^python3/);
  assert.equal(owner.command.at(-1)?.endsWith(script), true);
  assert.equal(owner.cwd, '/');
  const started = Date.parse(owner.started ?? '');
  // The kernel's clock ticks are of 10 ms, and the boot time is told in seconds.
  assert.ok(started > before - 3000 && started < Date.now() + 3000, owner.started ?? 'no start');
  assert.match(owner.origin, / in \/$/);
});

test('parents are named in words: a script of npm in a shell', async (t) => {
  const rig = await PortsRig.create(t);
  if (rig === null) return;
  const server = `require('net').createServer().listen(3000, '127.0.0.1', () => console.log('up'))`;
  const starter = `require('child_process').spawnSync('sh', ['-c', '"$0" -e "$1"; exit', process.execPath, process.argv[1]], { stdio: 'inherit' })`;
  const npm = join(rig.machine.directory, 'npm-cli.js');
  rig.machine.run(
    'sh',
    '-c',
    'printf %s "$1" > "$0"',
    npm,
    starter.replace('process.argv[1]', 'process.argv[2]'),
  );
  await rig.machine.launch('bash', '-c', 'cd / && "$0" "$@"; :', process.execPath, npm, server);
  const { owners } = await rig.listener(3000);
  assert.equal(owners[0]?.origin, 'started by npm in /');
  assert.deepEqual(
    owners[0]?.parents.slice(0, 2).map(({ name }) => name),
    ['sh', 'npm'],
  );
});

test('every holder of a shared socket, elders first; every socket of a SO_REUSEPORT group', async (t) => {
  const rig = await PortsRig.create(t);
  if (rig === null) return;
  const { pid, one, two, other } = await rig.machine.python(`
s = listen('127.0.0.1', 3000)
g = listen('127.0.0.1', 3001, share=True)
children = []
for index in range(2):
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        if index == 1:
            g.close(); mine = listen('127.0.0.1', 3001, share=True); s.close()
        else:
            g.close()
        os.write(write, b'x'); time.sleep(3600)
    os.read(read, 1)
    children.append(child)
say(one=children[0], two=children[1], other=0)`);
  assert.equal(other, 0);
  assert.deepEqual(pids(await rig.listener(3000)), [pid, one]);
  const { listeners } = await rig.report(['--port', '3001']);
  assert.deepEqual(
    listeners.flatMap(pids).sort((a, b) => a - b),
    [pid, two],
  );
  const text = await rig.told();
  assert.match(text, new RegExp(`3000/tcp {2}loopback \\(IPv4\\) +python3\\S* and 1 more +${pid} `));
  assert.equal(text.match(/^3001\/tcp/gm)?.length, 2);
  assert.deepEqual(
    (await rig.report(['--pid', String(two)])).listeners.map(({ port }) => port),
    [3001],
  );
});

test("another user's owner is said to be unseen, with the command that shows it", async (t) => {
  const rig = await PortsRig.create(t);
  if (rig === null) return;
  await rig.machine.python("s = [listen('127.0.0.1', 3000), listen('0.0.0.0', 631)]\nsay()");
  const options = { ...ELSEWHERE, through: AS_NOBODY };
  const { listeners, unseen } = await rig.report([], options);
  assert.deepEqual(
    listeners.map(({ ownerVisible, user, owners }) => [ownerVisible, user, owners.length]),
    [
      [false, 'root', 0],
      [false, 'root', 0],
    ],
  );
  assert.match(
    listeners[0]?.hidden ?? '',
    /^it belongs to root; .*root only; .*`sudo env "PATH=\$PATH" lo ports --port 631` may show it$/,
  );
  assert.equal(unseen[0]?.fix, 'sudo env "PATH=$PATH" lo ports');
  const text = await rig.told([], options);
  assert.match(text, /3000\/tcp {2}loopback \(IPv4\) +unseen, of root +root/);
  assert.match(
    text.replaceAll('\n', ' '),
    /The owner of 631\/tcp, 3000\/tcp is not seen: it belongs to root; .*`sudo env "PATH=\$PATH" lo ports` may show it\. $/,
  );
  // Somebody who is not seen may be whoever is looked for.
  const byName = await rig.lab.lo(['ports', '--name', 'python'], rig.inside(options));
  assert.equal(byName.code, 3);
  assert.match(
    byName.stdout,
    /^No listener by the name of `python` was seen, but not everything could be looked at\./,
  );
});

test('with hidepid the reason is named', async (t) => {
  const rig = await PortsRig.create(t);
  if (rig === null) return;
  await rig.machine.python("s = listen('127.0.0.1', 3000)\nsay()");
  rig.machine.run('mount', '-o', 'remount,hidepid=2', '/proc');
  const { hidden } = await rig.listener(3000, { ...ELSEWHERE, through: AS_NOBODY });
  assert.match(hidden ?? '', /hidepid=(?:2|invisible)/);
});

test('a holder in another pid namespace is said to be unseen, though root looks', async (t) => {
  const rig = await PortsRig.create(t);
  if (rig === null) return;
  await rig.machine.python("s = listen('127.0.0.1', 3000)\nsay()");
  const through = ['unshare', '--pid', '--fork', '--mount-proc', '--'];
  const { hidden, user } = await rig.listener(3000, { through });
  assert.equal(user, 'root');
  assert.match(
    hidden ?? '',
    /processes outside this container are not seen, since this is a pid namespace of its own/,
  );
  assert.doesNotMatch(hidden ?? '', /sudo/);
});

test('a program whose file was deleted, one that is a zombie, and one with a name of control characters', async (t) => {
  const rig = await PortsRig.create(t);
  if (rig === null) return;
  const { machine } = rig;
  const copy = join(machine.directory, 'server');
  copyFileSync(process.execPath, copy);
  const code =
    "require('net').createServer().listen(3000, '127.0.0.1', () => console.log(JSON.stringify({ pid: process.pid })))";
  const { pid } = await machine.start<{ pid: number }>(copy, '-e', code);
  rmSync(copy);
  const [owner] = (await rig.listener(3000)).owners;
  assert.deepEqual([owner?.pid, owner?.stale], [pid, true]);
  const text = await rig.told();
  assert.match(text, /server, replaced +\d+/);
  assert.match(text, new RegExp(`\\(pid ${pid}\\) runs a program file that was replaced or deleted`));

  const { child } = await machine.python(`
s = listen('127.0.0.1', 3001)
child = os.fork()
if child == 0: os._exit(0)
os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
open('/proc/self/comm', 'w').write('a\\x1b[2J\\nb')
say(child=child)`);
  const strange = await rig.listener(3001);
  assert.equal(strange.owners.length, 1);
  assert.notEqual(strange.owners[0]?.pid, child);
  assert.equal(strange.owners[0]?.name, 'a\u001b[2J\nb');
  const shown = await rig.told(['--port', '3001']);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there.
  assert.doesNotMatch(shown.replaceAll('\n', ''), /[\u0000-\u001f\u007f]/);
  const table = rig.machine.run('cat', '/proc/net/tcp');
  assert.equal(shown.trimEnd().split('\n').length, 2, `${shown}\n${table}`);
});

test('a title that a program wrote over its arguments is all that is left of them', async (t) => {
  const rig = await PortsRig.create(t);
  if (rig === null || (await ensureProgram(t, { program: 'perl', package: 'perl-base' })) === null) return;
  const script = `
    use IO::Socket::INET; $| = 1;
    my $s = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => 3000, Listen => 1);
    $0 = 'titled: master'; print "up\\n"; sleep 3600`;
  await rig.machine.launch('perl', '-e', script, '', 'some more words');
  const [owner] = (await rig.listener(3000)).owners;
  assert.deepEqual(owner?.command, ['titled: master']);
  assert.equal(owner?.name, 'titled: master');
});

test('300 listeners of one program, and the table has a row for each', async (t) => {
  const rig = await PortsRig.create(t);
  if (rig === null) return;
  const { pid } = await rig.machine.python("s = [listen('127.0.0.1', 20000 + n) for n in range(300)]\nsay()");
  const { listeners, unseen } = await rig.report();
  assert.deepEqual(
    listeners.map(({ port }) => port),
    Array.from({ length: 300 }, (_, index) => 20_000 + index),
  );
  assert.ok(listeners.every((one) => one.owners.length === 1 && one.owners[0]?.pid === pid));
  assert.deepEqual(unseen, []);
  assert.equal((await rig.told()).match(/^\d+\/tcp/gm)?.length, 300);
});

test('--all: unix sockets, connections, and listeners of other network namespaces', async (t) => {
  const rig = await PortsRig.create(t);
  if (rig === null) return;
  const { machine } = rig;
  const path = join(machine.directory, 'api.sock');
  const { pid, port } = await machine.python(`
s = listen('127.0.0.1', 3000); c = call('127.0.0.1', 3000); a = s.accept()
u = socket(AF_UNIX); u.bind('${path}'); u.listen()
say(port=c.getsockname()[1])`);
  const inner = `
  require('net').createServer().listen(3000, '0.0.0.0', () => console.log(JSON.stringify({ pid: process.pid })))`;
  const other = await machine.start<{ pid: number }>('unshare', '--net', process.execPath, '-e', inner);
  const { listeners, unix = [], connections = [], namespaces = [] } = await rig.report(['--all']);
  assert.deepEqual(
    listeners.map((one) => one.port),
    [3000],
  );
  assert.deepEqual(
    unix.filter((one) => one.path === path),
    [{ path, type: 'stream', listening: true, pids: [pid] }],
  );
  const ends = connections.map(({ local, remote, state, pids }) => [local.port, remote.port, state, ...pids]);
  assert.deepEqual(ends, [
    [3000, port, 'established', pid],
    [port, 3000, 'established', pid],
  ]);
  const [namespace] = namespaces.filter((one) => one.pid === other.pid);
  assert.match(namespace?.id ?? '', /^net:\[\d+\]$/);
  assert.deepEqual(
    namespace?.listeners.map((one) => [one.port, one.scope, ...pids(one)]),
    [[3000, 'wildcard', other.pid]],
  );
  const text = await rig.told(['--all', '--port', '3000']);
  assert.match(
    text,
    /Network namespace net:\[\d+\], of node \(pid \d+\); not reached as localhost from here:/,
  );
  assert.match(text, new RegExp(`tcp +127\\.0\\.0\\.1:3000 +127\\.0\\.0\\.1:${port} +established +${pid}`));
  const only = await rig.report(['--all', '--pid', String(other.pid)]);
  assert.deepEqual([only.listeners.length, only.connections?.length, only.namespaces?.length], [0, 0, 1]);
});

test('nothing at all is an honest sentence', async (t) => {
  const rig = await PortsRig.create(t);
  if (rig === null) return;
  assert.equal(await rig.told(), 'Nothing listens on this machine.\n');
  const report: PortsReport = await rig.report();
  assert.deepEqual(report, { schema: 1, listeners: [], unseen: [] });
});
