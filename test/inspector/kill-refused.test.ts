/** Whom `lo kill` does not end, and what it says instead. Real processes, on a machine of the test's own. */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { Lab } from '../support/lab.ts';
import { dist } from '../support/paths.ts';
import { AS_NOBODY } from '../support/socket-program.ts';
import { isAlive, killPort, listening, serve } from './kill-rig.ts';
import { OwnMachine } from './own-machine.ts';

/** Listens, then runs the command in its arguments and tells how it ended. */
const ASKING_SERVER = `
  const [program, ...args] = process.argv.slice(1);
  require('net').createServer().listen(3000, '127.0.0.1', () => {
    const { status, stderr } = require('child_process').spawnSync(program, args, { encoding: 'utf8' });
    console.log(JSON.stringify({ pid: process.pid, code: status, stderr }));
    setInterval(() => {}, 1000);
  });
`;

interface Asked {
  readonly pid: number;
  readonly code: number;
  readonly stderr: string;
}

describe('lo kill', { concurrency: true }, () => {
  test('what runs the command is not ended by it', async (t) => {
    const machine = await OwnMachine.create(t);
    if (machine === null) return;
    const lab = Lab.create(t);
    // A shell in between, as an editor has it for its terminal.
    const { pid, code, stderr } = await machine.start<Asked>(
      ...asking(lab),
      'sh',
      '-c',
      `${lo} kill 3000 -y; exit $?`,
    );
    assert.equal(code, 3);
    assert.match(
      stderr,
      new RegExp(
        `^error\\[KILL_REFUSED\\]: nothing on port 3000 is ended: \\S+ \\(pid ${pid}\\) runs this command`,
        'm',
      ),
    );
    assert.match(stderr, new RegExp(`^hint: .*\`kill ${pid}\`$`, 'm'));
    assert.equal(isAlive(machine, pid), true);
  });

  test('the first process is not ended', async (t) => {
    const machine = await OwnMachine.create(t);
    if (machine === null) return;
    const lab = Lab.create(t);
    const inner = ['unshare', '--pid', '--fork', '--kill-child', '--mount', '--mount-proc'];
    const { pid, code, stderr } = await machine.start<Asked>(
      ...inner,
      ...asking(lab),
      'sh',
      '-c',
      `${lo} kill 3000 -y; exit $?`,
    );
    assert.equal(pid, 1);
    assert.equal(code, 3);
    assert.match(stderr, /^error\[KILL_REFUSED\]: .*\(pid 1\) holds it: everything here would end/m);
    assert.equal(listening(machine, 3000), true);
  });

  test('processes of other users are left, whether their sockets are seen or not', async (t) => {
    const machine = await OwnMachine.create(t);
    if (machine === null) return;
    const lab = Lab.create(t);
    const pid = await serve(machine, '127.0.0.1', 3000);
    const env = { LOOPYARD_HOME: '/nonexistent/home', HOME: '/nonexistent' };
    const asNobody = { through: [...machine.through, ...AS_NOBODY], env };
    const hidden = await lab.lo(['kill', '3000', '--yes'], asNobody);
    assert.equal(hidden.code, 3, hidden.stderr);
    assert.match(hidden.stderr, /^error\[KILL_REFUSED\]: .*nobody is seen who holds it: .*root/m);
    assert.match(hidden.stderr, /^hint: .*`sudo env "PATH=\$PATH" lo kill 3000`$/m);
    // With the right to look, and not the right to end.
    const looks = [
      'setpriv',
      '--reuid=65534',
      '--regid=65534',
      '--clear-groups',
      '--inh-caps=+sys_ptrace,+dac_read_search',
      '--ambient-caps=+sys_ptrace,+dac_read_search',
    ];
    const seen = await lab.lo(['kill', '3000', '--yes'], { through: [...machine.through, ...looks], env });
    assert.equal(seen.code, 3, seen.stderr);
    assert.match(seen.stderr, new RegExp(`\\(pid ${pid}\\) belongs to root, and you are nobody$`, 'm'));
    assert.equal(isAlive(machine, pid), true);
    // What one may end beside it is ended, and the port is still taken then.
    const { pid: own = 0 } = JSON.parse(
      await machine.launch(
        ...AS_NOBODY,
        process.execPath,
        '-e',
        "require('net').createServer().listen(3000, '::1', () => console.log(JSON.stringify({ pid: process.pid })))",
      ),
    );
    const both = await lab.lo(['kill', '3000', '--yes', '--json'], asNobody);
    assert.equal(both.code, 1, both.stderr);
    const report = JSON.parse(both.stdout);
    assert.deepEqual(report.ended, [{ pid: own, by: 'TERM' }]);
    assert.equal(report.free, false);
    assert.equal(report.problems[0].fix, 'sudo env "PATH=$PATH" lo kill 3000');
    assert.equal(isAlive(machine, pid), true);
  });

  test('a process with other listeners is left unless --force is given or they are named too', async (t) => {
    const machine = await OwnMachine.create(t);
    if (machine === null) return;
    const lab = Lab.create(t);
    const pid = await serve(machine, '127.0.0.1', 3000, '::1', 9229, '127.0.0.2', 3000);
    const refused = await lab.lo(['kill', '3000', '--yes'], machine);
    assert.equal(refused.code, 3);
    assert.match(
      refused.stderr,
      new RegExp(`\\(pid ${pid}\\) listens on \\[::1\\]:9229 too, which would end with it$`, 'm'),
    );
    assert.match(refused.stderr, /^hint: .*`lo kill 3000 --force`$/m);
    const narrow = await lab.lo(['kill', '127.0.0.1:3000', '--yes'], machine);
    assert.match(narrow.stderr, /listens on (?=.*127\.0\.0\.2:3000)(?=.*\[::1\]:9229)/);
    assert.equal(isAlive(machine, pid), true);
    const report = await killPort({ machine, lab }, '127.0.0.1:3000', '--force');
    assert.equal(report.free, true);
    assert.equal(isAlive(machine, pid), false);
  });

  test('it asks first, and without a terminal it needs a yes', async (t) => {
    const machine = await OwnMachine.create(t);
    if (machine === null) return;
    const lab = Lab.create(t);
    const pid = await serve(machine, '127.0.0.1', 3000);
    const { code, stderr } = await lab.lo(['kill', '3000'], machine);
    assert.equal(code, 2);
    const needs = new RegExp(`^ending \\S+ \\(pid ${pid}\\) needs a yes`);
    assert.match(stderr.replace('error[NEEDS_CONFIRMATION]: ', ''), needs);
    const asJson = await lab.lo(['kill', '3000', '--json'], machine);
    assert.equal(asJson.code, 2);
    const { error } = JSON.parse(asJson.stdout);
    assert.equal(error.code, 'NEEDS_CONFIRMATION');
    assert.match(error.message, needs);
    const shown = await lab.must(['kill', '3000', '--dry-run'], 0, machine);
    assert.match(shown, new RegExp(`^port 3000: end \\S+ \\(pid ${pid}\\)$`, 'm'));
    assert.match(shown, /^ {2}listens on 127\.0\.0\.1:3000$/m);
    assert.equal(isAlive(machine, pid), true);
    const wrong = await lab.lo(['kill', '::1:3000'], machine);
    assert.equal(wrong.code, 2);
    assert.match(wrong.stderr, /^hint: write IPv6 addresses in brackets: `lo kill \[::1\]:3000`$/m);
  });
});

const lo = `${process.execPath} ${join(dist, 'lo.js')}`;

function asking(lab: Lab): readonly string[] {
  return ['env', `LOOPYARD_HOME=${lab.home}`, 'NO_COLOR=1', process.execPath, '-e', ASKING_SERVER];
}
