/** `lo kill` where somebody starts again what is ended: named after the fact, or stopped through its manager in the first place. */

import assert from 'node:assert/strict';
import { chmodSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { Lab } from '../support/lab.ts';
import { AS_NOBODY } from '../support/socket-program.ts';
import { until } from '../support/until.ts';
import { isAlive, killPort, listening, NODE_SERVER, serve } from './kill-rig.ts';
import { OwnMachine } from './own-machine.ts';

/** In Perl, which is there in no time: who starts later than two seconds is not noticed, and this machine may be busy. */
const SERVER =
  "use IO::Socket::INET; my $s = IO::Socket::INET->new(Listen => 5, LocalAddr => '127.0.0.1:3000', ReuseAddr => 1) or die; sleep 3600;";

describe('lo kill', { concurrency: true }, () => {
  test('a loop of a shell that starts the server again is named, with what ends it', async (t) => {
    const machine = await OwnMachine.create(t);
    if (machine === null) return;
    const lab = Lab.create(t);
    const file = lab.write('server.pl', SERVER);
    const loop = Number(await machine.launch('sh', '-c', `echo $$; while :; do perl ${file}; done`));
    await until(() => listening(machine, 3000));
    const { code, stdout } = await lab.lo(['kill', '3000', '--yes'], machine);
    assert.equal(code, 1);
    const [, again = ''] =
      new RegExp(`\\(pid (\\d+)\\) listens on port 3000 again: sh \\(pid ${loop}\\) started it`).exec(
        stdout,
      ) ?? [];
    assert.match(again, /^\d+$/, stdout);
    assert.match(stdout, new RegExp(`^ {2}fix: kill ${loop}$`, 'm'));
    // The fix is right.
    machine.run('sh', '-c', `kill ${loop}`);
    await until(() => !isAlive(machine, loop));
    assert.equal((await killPort({ machine, lab }, '3000')).respawned, null);
  });

  test('a program that keeps another alive is named by its script', async (t) => {
    const machine = await OwnMachine.create(t);
    if (machine === null) return;
    const lab = Lab.create(t);
    lab.write('server.pl', SERVER);
    const keeper = lab.write(
      'keep-alive.cjs',
      `const start = () => require('child_process').spawn('perl', ['${lab.directory}/server.pl']).on('exit', start);
       start();
       console.log(JSON.stringify({ pid: process.pid }));`,
    );
    const { pid } = await machine.start<{ pid: number }>(process.execPath, keeper);
    await until(() => listening(machine, 3000));
    const report = await killPort({ machine, lab, code: 1 }, '3000');
    assert.equal(report.free, false);
    assert.deepEqual(report.respawner, { pid, name: 'keep-alive.cjs', fix: `kill ${pid}` });
    assert.notEqual(report.respawned?.pid, report.ended[0]?.pid);
    assert.equal(report.respawned?.parents[0]?.pid, pid);
  });

  test('another program that waited for the port is told, and nobody is blamed', async (t) => {
    const machine = await OwnMachine.create(t);
    if (machine === null) return;
    const lab = Lab.create(t);
    await serve(machine, '127.0.0.1', 3000);
    const { pid: next = 0 } = await machine.python(`
print(json.dumps({'pid': os.getpid()}), flush=True)
while True:
    try:
        held = listen('127.0.0.1', 3000)
        break
    except OSError: time.sleep(0.01)
time.sleep(3600)`);
    const report = await killPort({ machine, lab, code: 1 }, '3000');
    assert.equal(report.respawned?.pid, next);
    assert.equal(report.respawner, null);
  });

  test('a published port is freed by `docker stop`, and its forwarder is not touched', async (t) => {
    const machine = await OwnMachine.create(t);
    if (machine === null) return;
    const lab = Lab.create(t);
    const docker = await fakeDocker(machine, lab);
    const { pid } = await startProxy(machine, NODE_SERVER);
    lab.write('proxy-pid', String(pid));
    const through = machine.through;
    const shown = await lab.must(['kill', '3000', '--dry-run'], 0, { through, env: docker.env });
    assert.match(shown, /^port 3000: run `docker stop 0123456789ab` to stop the container shop-web-1$/m);
    const report = await killPort({ machine, lab, env: docker.env }, '3000');
    assert.equal(readFileSync(docker.log, 'utf8'), 'stop 0123456789ab\n');
    assert.deepEqual(report.ended, [{ pid, by: 'manager' }]);
    assert.equal(report.free, true);
  });

  test("who may not see the sockets of root's forwarder is told that it is a container's", async (t) => {
    const machine = await OwnMachine.create(t);
    if (machine === null) return;
    const lab = Lab.create(t);
    const { pid } = await startProxy(machine, NODE_SERVER);
    const env = { LOOPYARD_HOME: '/nonexistent/home', HOME: '/nonexistent' };
    const asNobody = { through: [...machine.through, ...AS_NOBODY], env };
    const { code, stderr } = await lab.lo(['kill', '3000', '--yes'], asNobody);
    assert.equal(code, 3, stderr);
    assert.match(stderr, /: it belongs to a container that docker does not name\b/m);
    assert.match(stderr, /^hint: .*`docker ps --filter publish=3000`$/m);
    assert.equal(isAlive(machine, pid), true);
  });

  test('a unit is stopped by `systemctl`: systemd would start its process again', async (t) => {
    const machine = await OwnMachine.create(t);
    if (machine === null) return;
    const lab = Lab.create(t);
    const { pid = 0 } = await machine.python(`
if os.fork() != 0: time.sleep(3600)
os.setsid()
if os.fork() != 0: os._exit(0)
while os.getppid() != 1: time.sleep(0.001)
held = listen('127.0.0.1', 3000)
say()`);
    // What systemd would have made of it: a control group of its own. There is no systemd here.
    const group = lab.write('cgroup', '0::/system.slice/web.service\n');
    machine.run('mount', '--bind', group, `/proc/${pid}/cgroup`);
    const log = lab.write('systemctl.log', '');
    const client = lab.write('bin/systemctl', `#!/bin/sh\necho "$@" >> ${log}\nkill ${pid}\n`);
    chmodSync(client, 0o755);
    const PATH = `${join(lab.directory, 'bin')}:${process.env.PATH}`;
    const shown = await lab.must(['kill', '3000', '--dry-run'], 0, { ...machine, env: { PATH } });
    assert.match(shown, /^port 3000: run `systemctl stop web\.service` to stop the unit web\.service$/m);
    const report = await killPort({ machine, lab, env: { PATH } }, '3000');
    assert.equal(readFileSync(log, 'utf8'), 'stop web.service\n');
    assert.deepEqual(report.ended, [{ pid, by: 'manager' }]);
  });

  test('a manager that says done while the port is not is not believed', async (t) => {
    const machine = await OwnMachine.create(t);
    if (machine === null) return;
    const lab = Lab.create(t);
    const docker = await fakeDocker(machine, lab);
    const { pid } = await startProxy(
      machine,
      NODE_SERVER.replace('next();\n', "next(); process.on('SIGTERM', () => {});\n"),
    );
    lab.write('proxy-pid', String(pid));
    const words = ['kill', '3000', '--yes', '--grace', '200ms'];
    const { code, stdout } = await lab.lo(words, { through: machine.through, env: docker.env });
    assert.equal(code, 1);
    assert.match(stdout, /^nothing ended; port 3000 is still taken$/m);
    assert.match(stdout, /^ {2}it was stopped, and its socket is still open$/m);
    assert.equal(isAlive(machine, pid), true);
  });

  test('a manager that fails is quoted', async (t) => {
    const machine = await OwnMachine.create(t);
    if (machine === null) return;
    const lab = Lab.create(t);
    const docker = await fakeDocker(machine, lab);
    lab.write('proxy-pid', 'none');
    const { pid } = await startProxy(machine, NODE_SERVER);
    const { code, stdout } = await lab.lo(['kill', '3000', '--yes'], {
      through: machine.through,
      env: docker.env,
    });
    assert.equal(code, 1);
    assert.match(stdout, /^nothing ended; port 3000 is still taken$/m);
    assert.match(stdout, /^ {2}`docker stop 0123456789ab` failed \(exit code 1\): no such process$/m);
    assert.equal(isAlive(machine, pid), true);
  });
});

/** As Docker starts it: what counts is the name and the words behind it. */
async function startProxy(machine: OwnMachine, server: string): Promise<{ readonly pid: number }> {
  const words = '-proto tcp -host-ip 127.0.0.1 -host-port 3000 -container-ip 172.17.0.2 -container-port 80';
  const rename = ['bash', '-c', 'exec -a /usr/bin/docker-proxy "$@"', 'bash', process.execPath, '-e'];
  const script = server.replace('process.argv.slice(1)', "['127.0.0.1', 3000]");
  return await machine.start(...rename, script, '--', ...words.split(' '));
}

/** In a process of its own: the test's own is often busy with the others. */
const ENGINE = `
  const [socket, answer] = process.argv.slice(1);
  require('http').createServer((request, response) => response.end(answer)).listen(socket, () => console.log('up'));
`;

/** An engine that knows one container, and a client that writes down its words and ends the forwarder. */
async function fakeDocker(
  machine: OwnMachine,
  lab: Lab,
): Promise<{ readonly log: string; readonly env: Record<string, string> }> {
  const container = {
    Id: '0123456789ab'.padEnd(64, '0'),
    Names: ['/shop-web-1'],
    Ports: [{ IP: '127.0.0.1', PrivatePort: 80, PublicPort: 3000, Type: 'tcp' }],
    NetworkSettings: { Networks: { bridge: { IPAddress: '172.17.0.2' } } },
    State: 'running',
    Labels: {},
  };
  const socket = join(machine.directory, 'docker.sock');
  await machine.launch(process.execPath, '-e', ENGINE, socket, JSON.stringify([container]));
  const log = join(lab.directory, 'docker.log');
  const client = lab.write(
    'bin/docker',
    `#!/bin/sh
echo "$@" >> ${log}
pid=$(cat ${lab.directory}/proxy-pid)
kill "$pid" 2>/dev/null || { echo 'no such process' >&2; exit 1; }
`,
  );
  chmodSync(client, 0o755);
  const { PATH = '' } = process.env;
  return { log, env: { DOCKER_HOST: `unix://${socket}`, PATH: `${join(lab.directory, 'bin')}:${PATH}` } };
}
