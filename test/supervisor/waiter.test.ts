/** Starting a run: its exit is recorded whatever happens, and it is started once or never. */

import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { bundledProgram } from '../support/bundled-program.ts';
import { RunLab } from '../support/run-lab.ts';
import { until } from '../support/until.ts';

const STOP = { signal: 'SIGTERM', graceMs: 2000 } as const;
const KILLS = Number(process.env.CHAOS_ROUNDS ?? 12);

for (const [script, code, signal] of [
  ['exit 0', 0, null],
  ['exit 42', 42, null],
  ['kill -s SEGV $$', null, 'SIGSEGV'],
  ['kill -s KILL $$', null, 'SIGKILL'],
  ['kill -s TERM 0', null, 'SIGTERM'],
] as const) {
  test(`the end is told: ${script}`, async (t) => {
    const lab = await RunLab.create(t);
    const before = Date.now();
    const pid = await lab.start('task-1', ['/bin/sh', '-c', script]);
    const exit = await lab.exit('task-1');
    assert.deepEqual([exit.code, exit.signal], [code, signal]);
    assert.ok(exit.at >= before - 1000 && exit.at <= Date.now() + 1000);
    assert.deepEqual(lab.news[0], { kind: 'pid', id: 'task-1', pid });
    assert.equal(lab.output('task-1'), '', 'the log belongs to the program');
  });
}

test('a program that cannot be run is an exit with 127 or 126, and says why in its log', async (t) => {
  const lab = await RunLab.create(t);
  await lab.start('none-1', ['/no/such/program']);
  assert.equal((await lab.exit('none-1')).code, 127);
  assert.match(lab.output('none-1'), /\/no\/such\/program/);
  const text = join(lab.root, 'text');
  writeFileSync(text, 'no program', { mode: 0o644 });
  await lab.start('text-1', [text]);
  assert.equal((await lab.exit('text-1')).code, 126);
});

test('the program is the recorded pid, leads a session of its own, and gets its arguments, directory and variables untouched', async (t) => {
  const lab = await RunLab.create(t);
  const strange = ['a b', '', '"$(x)"', "it's", 'ä\n-'];
  const script =
    'process.stdout.write(JSON.stringify([process.argv.slice(1), process.cwd(), process.env, process.pid]))';
  const env = { LINE: 'one\ntwo', _: 'kept out', PATH: '/nowhere', c: '7', LOOPYARD_RUN: 'of somebody else' };
  const pid = await lab.start('echo-1', [process.execPath, '-e', script, ...strange], { env });
  assert.equal((await lab.exit('echo-1')).code, 0);
  const said = JSON.parse(lab.output('echo-1')) as [string[], string, Record<string, string>, number];
  assert.deepEqual(said[0], strange);
  assert.equal(said[1], lab.root);
  assert.equal(said[3], pid);
  const { _, ...variables } = said[2];
  assert.deepEqual(variables, {
    LINE: 'one\ntwo',
    PATH: '/nowhere',
    c: '7',
    PWD: lab.root,
    LOOPYARD_ENVIRONMENT: lab.environment,
    LOOPYARD_RUN: lab.ref('echo-1').mark,
  });
  const actor = await lab.perform('web-1');
  assert.equal(lab.platform.process(actor.pid)?.session, actor.pid);
  assert.equal(lab.platform.process(actor.pid)?.group, actor.pid);
});

test('output is appended to the log, which may be cut meanwhile', async (t) => {
  const lab = await RunLab.create(t);
  writeFileSync(lab.log('web-1'), 'of an earlier run\n');
  const actor = await lab.perform('web-1');
  await actor.does('print', { text: 'one\n' });
  assert.equal(lab.output('web-1'), 'of an earlier run\none\n');
  writeFileSync(lab.log('web-1'), '');
  await actor.does('print', { text: 'two\n' });
  assert.equal(lab.output('web-1'), 'two\n');
});

test('signals to the waiter, its group and its session do not lose the exit', async (t) => {
  const lab = await RunLab.create(t);
  const actor = await lab.perform('web-1');
  const waiter = lab.platform.process(actor.pid)?.parent ?? 0;
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'] as const) {
    lab.platform.signal(waiter, signal);
    lab.platform.signalGroup(waiter, signal);
  }
  await actor.does('exit', { code: 9 });
  assert.equal((await lab.exit('web-1')).code, 9);
});

test('a killed waiter: the run goes on, its end is told as lost', async (t) => {
  const lab = await RunLab.create(t);
  const actor = await lab.perform('web-1');
  lab.platform.signal(lab.platform.process(actor.pid)?.parent ?? 0, 'SIGKILL');
  assert.deepEqual(await lab.anotherSupervisor().find(lab.ref('web-1')), { kind: 'alive', pid: actor.pid });
  await actor.does('exit', { code: 0 });
  await lab.heard((news): news is typeof news => news.kind === 'lost' && news.id === 'web-1');
});

test('a directory of records that is made anew is watched anew', async (t) => {
  const lab = await RunLab.create(t);
  await lab.start('task-1', ['/bin/true']);
  await lab.exit('task-1');
  rmSync(lab.directory, { recursive: true });
  mkdirSync(lab.directory);
  await lab.start('task-2', ['/bin/sh', '-c', 'exit 3']);
  assert.equal((await lab.exit('task-2')).code, 3);
});

test('a run that was fenced never starts', async (t) => {
  const lab = await RunLab.create(t);
  const spec = lab.spec('late-1', ['/bin/sleep', '1000']);
  assert.deepEqual(await lab.anotherSupervisor().find(spec), { kind: 'never-started' });
  await assert.rejects(lab.supervisor.start(spec), { code: 'SPAWN_FAILED' });
  assert.deepEqual(lab.marked(), []);
  assert.deepEqual(await lab.anotherSupervisor().find(spec), { kind: 'never-started' });
});

test(`the daemon killed at ${KILLS} random moments of a start: each run was started once or never`, async (t) => {
  const lab = await RunLab.create(t);
  const program = await bundledProgram('starter', lab.root);
  for (let round = 0; round < KILLS; round += 1) await killWhileStarting(t, lab, program, round);
});

/** What the next daemon finds must be what is there: a living run is found, one that was not found never comes. */
async function killWhileStarting(t: TestContext, lab: RunLab, program: string, round: number): Promise<void> {
  const directory = join(lab.root, `round-${round}`);
  mkdirSync(directory);
  const mark = `${lab.environment}-${round}`;
  const args = [program, directory, mark, '1000', '/bin/sleep', '1000'];
  const daemon = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  daemon.stdout.on('data', (text: Buffer) => {
    said += text.toString();
  });
  await once(daemon.stdout, 'data');
  // Chance is the point here: the kill must hit any moment of a start.
  await delay(Math.random() * 40);
  daemon.kill('SIGKILL');
  await once(daemon, 'close');
  const begun = Number(said.trim().split('\n').at(-1)?.split(' ')[0]);
  const next = lab.anotherSupervisor();
  const refs = Array.from({ length: begun + 1 }, (_, index) => {
    const id = `run-${index + 1}`;
    return { id, directory, mark: `${mark}.${id}`, addresses: [] };
  });
  t.after(() => Promise.all(refs.map((ref) => next.end(ref, STOP, true))));
  const found = await Promise.all(refs.map((ref) => next.find(ref)));
  // A start that was under way has long come to its end by now, one way or the other.
  await delay(100);
  const alive = lab.platform.marked('LOOPYARD_RUN', new Set(refs.map((ref) => ref.mark)));
  for (const [index, ref] of refs.entries()) {
    const pids = [...alive].filter(([, own]) => own === ref.mark).map(([pid]) => pid);
    const programs = pids.filter((pid) => lab.platform.details(pid)?.command[0] === '/bin/sleep');
    const answer = found[index];
    const expected = answer?.kind === 'alive' ? [answer.pid] : [];
    assert.deepEqual(programs, expected, `round ${round}: ${ref.id} was found ${answer?.kind}`);
    if (index < begun - 1) assert.equal(answer?.kind, 'alive', `${ref.id} had been told as started`);
  }
  await Promise.all(refs.map((ref) => next.end(ref, STOP, true)));
}

test('on a full disk a run that goes on is recorded to its end, and a new one says that it cannot start', async (t) => {
  const lab = await RunLab.create(t);
  const program = await bundledProgram('full-disk', lab.root);
  const place = join(lab.root, 'small');
  mkdirSync(place);
  // A mount namespace of its own: nobody else sees the small file system, and it goes with the process.
  const script = 'mount -t tmpfs -o size=64k none "$1" && exec "$2" "$3" "$1"';
  const args = ['-m', '/bin/sh', '-c', script, 'sh', place, process.execPath, program];
  try {
    await promisify(execFile)('unshare', [...(process.getuid?.() === 0 ? [] : ['-r']), '-m', 'true']);
  } catch {
    t.skip('no mount namespaces here');
    return;
  }
  const { stdout } = await promisify(execFile)('unshare', process.getuid?.() === 0 ? args : ['-r', ...args]);
  const said = JSON.parse(stdout) as { code: number; file: string; second: string; found: string };
  assert.equal(said.file, 'ENOSPC', 'the disk was full');
  assert.equal(said.code, 5);
  assert.equal(said.found, 'exited');
  assert.ok(
    said.second === 'started' || said.second === 'SPAWN_FAILED' || said.second === 'STATE_UNWRITABLE',
  );
});

test('discarding a run removes its records, and no other’s', async (t) => {
  const lab = await RunLab.create(t);
  for (const id of ['task-1', 'task-10']) {
    await lab.start(id, ['/bin/true']);
    await lab.exit(id);
  }
  lab.supervisor.discard(lab.ref('task-1'));
  const left = readdirSync(lab.directory);
  assert.ok(left.length > 0 && left.every((name) => name.startsWith('task-10.')), left.join(' '));
  await until(() => lab.marked().length === 0);
  assert.equal(readFileSync(lab.log('task-1'), 'utf8'), '');
});
