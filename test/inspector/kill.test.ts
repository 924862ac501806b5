/** `lo kill`: ends the listener of a port and nobody else. Real programs, on a machine of the test's own. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Lab } from '../support/lab.ts';
import { isAlive, killPort, listening, serve } from './kill-rig.ts';
import { OwnMachine } from './own-machine.ts';

// Each looks for two seconds at the end whether somebody comes back.
describe('lo kill', { concurrency: true }, () => {
  test('the server is ended; its client lives, and so does who only uses that port number to go out', async (t) => {
    const machine = await OwnMachine.create(t);
    if (machine === null) return;
    const lab = Lab.create(t);
    const server = await serve(machine, '127.0.0.1', 3000);
    const other = await serve(machine, '127.0.0.1', 8080);
    // As a browser: a connection to the server, and one to somebody else whose local port happens to be 3000.
    const { pid: browser = 0 } = await machine.python(`
visit = call('127.0.0.1', 3000)
out = tcp('127.0.0.2', 3000, reuse=False)
out.connect(('127.0.0.1', 8080))
say()`);
    const report = await killPort({ machine, lab }, '3000');
    assert.deepEqual(
      report.steps.map((step) => step.kind === 'process' && step.owner.pid),
      [server],
    );
    assert.deepEqual(report.ended, [{ pid: server, by: 'TERM' }]);
    assert.equal(report.free, true);
    assert.equal(report.respawned, null);
    assert.equal(isAlive(machine, server), false);
    assert.equal(isAlive(machine, browser), true);
    assert.equal(isAlive(machine, other), true);
    // Nobody listens any more, and the number is still in use by the browser.
    const nothing = await lab.lo(['kill', '3000', '--yes', '--address', '127.0.0.2'], machine);
    assert.equal(nothing.code, 1);
    assert.match(
      nothing.stderr,
      /^error\[NOTHING_LISTENS\]: nothing listens on 127\.0\.0\.2:3000, and yet the port is taken$/m,
    );
    assert.match(nothing.stderr, /^hint: run `lo why 3000`$/m);
    assert.equal(isAlive(machine, browser), true);
  });

  test('who ignores SIGTERM is killed after the grace, and both are said', async (t) => {
    const machine = await OwnMachine.create(t);
    if (machine === null) return;
    const lab = Lab.create(t);
    const { pid = 0 } = await machine.python(`
import signal
signal.signal(signal.SIGTERM, signal.SIG_IGN)
held = listen('127.0.0.1', 3000)
say()`);
    const { stdout } = await lab.lo(['kill', '3000', '--yes', '--grace', '300ms'], machine);
    assert.match(
      stdout,
      new RegExp(`^python3\\S* \\(pid ${pid}\\) had to be killed; port 3000 is free$`, 'm'),
    );
    assert.equal(isAlive(machine, pid), false);
  });

  test('a daemon that forked twice is found by its socket', async (t) => {
    const machine = await OwnMachine.create(t);
    if (machine === null) return;
    const lab = Lab.create(t);
    const { pid = 0 } = await machine.python(`
if os.fork() == 0:
    os.setsid()
    if os.fork() != 0: os._exit(0)
    held = listen('127.0.0.1', 3000)
    say()
os.wait()
time.sleep(3600)`);
    const report = await killPort({ machine, lab }, '3000');
    assert.deepEqual(report.ended, [{ pid, by: 'TERM' }]);
    assert.equal(listening(machine, 3000), false);
  });

  test('several ports at once, both of one process; UDP only when it is asked for', async (t) => {
    const machine = await OwnMachine.create(t);
    if (machine === null) return;
    const lab = Lab.create(t);
    const both = await serve(machine, '127.0.0.1', 3000, '::1', 5173);
    const { pid: datagrams = 0 } = await machine.python(`
held = socket(AF_INET, SOCK_DGRAM)
held.bind(('127.0.0.1', 3000))
say()`);
    const { stdout, code } = await lab.lo(['kill', '3000', '5173', '--yes', '--json'], machine);
    assert.equal(code, 0);
    const reports = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.deepEqual(
      reports.map(({ port, free }) => [port, free]),
      [
        [3000, true],
        [5173, true],
      ],
    );
    assert.equal(isAlive(machine, both), false);
    assert.equal(isAlive(machine, datagrams), true);
    const tcp = await lab.lo(['kill', '3000', '--yes'], machine);
    assert.match(tcp.stderr, /nothing listens on port 3000 for TCP, but a UDP socket is bound there/);
    assert.match(tcp.stderr, /^hint: run `lo kill 3000 --udp`$/m);
    const report = await killPort({ machine, lab }, '3000', '--udp');
    assert.deepEqual(report.ended, [{ pid: datagrams, by: 'TERM' }]);
  });
});
