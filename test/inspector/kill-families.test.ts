/** `lo kill` where several processes hold one socket: the one above goes, and those that outlive it. Real programs. */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { ensureProgram } from '../support/debian.ts';
import { Lab } from '../support/lab.ts';
import { until } from '../support/until.ts';
import { isAlive, killPort, listening } from './kill-rig.ts';
import { OwnMachine } from './own-machine.ts';

describe('lo kill', { concurrency: true }, () => {
  test("nginx's master is ended, and not a worker that it would replace", async (t) => {
    const machine = await OwnMachine.create(t);
    const nginx = await ensureProgram(t, { program: 'nginx', package: 'nginx-light' });
    if (machine === null || nginx === null) return;
    const lab = Lab.create(t);
    const master = await startNginx(machine, nginx, lab);
    const [step, ...more] = (await killPort({ machine, lab }, '3000', '--dry-run')).steps;
    assert.deepEqual(more, []);
    assert.ok(step?.kind === 'process');
    assert.equal(step.owner.pid, master);
    assert.equal(step.members.length, 2);
    const report = await killPort({ machine, lab }, '3000');
    assert.deepEqual(report.ended, [{ pid: master, by: 'TERM' }]);
    assert.equal(report.respawned, null);
    for (const { pid } of step.members) assert.equal(isAlive(machine, pid), false);
  });

  test('workers that outlive their master are ended too, and nobody else of its group', async (t) => {
    const machine = await OwnMachine.create(t);
    if (machine === null) return;
    const lab = Lab.create(t);
    // A master that dies of SIGTERM without a word to its workers; one child has closed the socket.
    const pids = await machine.python(`
held = listen('127.0.0.1', 3000)
workers = []
for keeps in (True, True, False):
    pid = os.fork()
    if pid == 0:
        if not keeps: held.close()
        time.sleep(3600)
    workers.append(pid)
say(one=workers[0], two=workers[1], bystander=workers[2])`);
    const { pid = 0, one = 0, two = 0, bystander = 0 } = pids;
    await until(() => machine.run('ss', '-Htlnp', 'sport = :3000').split('pid=').length === 4);
    const report = await killPort({ machine, lab }, '3000');
    assert.equal(report.free, true);
    assert.deepEqual(
      report.ended.toSorted((left, right) => left.pid - right.pid),
      [pid, one, two].sort((left, right) => left - right).map((ended) => ({ pid: ended, by: 'TERM' })),
    );
    assert.equal(isAlive(machine, bystander), true);
  });

  test('a child that inherited the socket without knowing is ended when its parent is gone', async (t) => {
    const machine = await OwnMachine.create(t);
    if (machine === null) return;
    const lab = Lab.create(t);
    const { pid = 0, child = 0 } = await machine.python(`
import signal, subprocess
held = listen('127.0.0.1', 3000)
deaf = subprocess.Popen(['sh', '-c', 'trap "" TERM; exec sleep 3600'], pass_fds=[held.fileno()])
say(child=deaf.pid)`);
    await until(() => machine.run('cat', `/proc/${child}/comm`).trim() === 'sleep');
    const report = await killPort({ machine, lab }, '3000', '--grace', '300ms');
    assert.deepEqual(report.ended, [
      { pid, by: 'TERM' },
      { pid: child, by: 'KILL' },
    ]);
    assert.equal(listening(machine, 3000), false);
  });

  test('two programs that share the port by SO_REUSEPORT are both shown and both ended', async (t) => {
    const machine = await OwnMachine.create(t);
    if (machine === null) return;
    const lab = Lab.create(t);
    const script = "held = listen('127.0.0.1', 3000, share=True)\nsay()";
    const pids = [await machine.python(script), await machine.python(script)].map(({ pid = 0 }) => pid);
    const report = await killPort({ machine, lab }, '3000');
    assert.equal(report.free, true);
    assert.deepEqual(report.ended.map(({ pid }) => pid).sort(), pids.sort());
  });
});

async function startNginx(machine: OwnMachine, nginx: string, lab: Lab): Promise<number> {
  const file = lab.write(
    'nginx.conf',
    `daemon off; worker_processes 2; pid ${lab.directory}/pid; error_log ${lab.directory}/log;
     events {}
     http { access_log off; ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
       .map((kind) => `${kind}_temp_path ${lab.directory}/${kind};`)
       .join(' ')}
       server { listen 127.0.0.1:3000; location / { return 204; } } }`,
  );
  await machine.launch('sh', '-c', `echo starts; exec ${nginx} -c ${file}`);
  await until(() => machine.run('ss', '-Htlnp', 'sport = :3000').split('pid=').length === 4);
  return Number(machine.run('cat', join(lab.directory, 'pid')));
}
