/**
 * `lo setup --hosts` on a fake /etc in a mount namespace of its own: names that the C library does not know are known afterwards, nothing
 * that stood there is lost, and `--undo` leaves the file as it was.
 */

import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { SetupReport } from '../../src/core/setup.ts';
import type { DoctorReport } from '../../src/core/status.ts';
import { darwinPlatform } from '../../src/platform/darwin/platform.ts';
import { windowsPlatform } from '../../src/platform/windows/platform.ts';
import { type Finished, Lab } from '../support/lab.ts';
import { HTTP_SERVER } from '../support/programs.ts';

/** Of somebody who has more in it than a name, without an end of its last line. */
const THEIRS =
  '127.0.0.1\tlocalhost\n::1 localhost\n# a comment\n\n10.0.0.7 printer.example # web.shop.localhost\n192.0.2.1 last';

test('names are known after lo setup --hosts, and gone with all that is ours after --undo', async (t) => {
  const scene = await stage(t);
  if (scene === null) return;
  assert.match((await scene.lo(['setup', '--hosts'])).stderr, /there is no name yet[\s\S]*lo up/);
  await scene.up();
  assert.equal(scene.addresses('web.shop.localhost'), '');
  assert.match(await scene.doctor(), /C library do(?:es)? not find names below localhost/);
  const dry = await scene.lo(['setup', '--hosts', '--dry-run']);
  assert.match(dry.stdout, /sh -c .*flock 9.*127\.0\.0\.1 web\.shop\.localhost/);
  assert.equal(scene.hosts(), THEIRS);
  assert.match((await scene.lo(['setup', '--hosts'])).stderr, /NEEDS_CONFIRMATION/);

  const done = await scene.lo(['setup', '--hosts', '--yes', '--json']);
  assert.equal((JSON.parse(done.stdout) as SetupReport).carriedOut, true, done.stderr);
  assert.ok(scene.hosts().startsWith(`${THEIRS}\n# loopyard-`), scene.hosts());
  assert.equal(statSync(scene.file).mode & 0o777, 0o640, 'its mode is what it was');
  for (const name of ['web.shop.localhost', 'shop.localhost'])
    assert.equal(scene.addresses(name), '127.0.0.1 ::1', name);
  assert.match(await scene.doctor(), /^2 names of services in the hosts file/);
  assert.match((await scene.lo(['setup', '--hosts'])).stdout, /has 2 names of ours already/);

  // Somebody adds a line of their own behind ours, and there is a new name.
  writeFileSync(scene.file, `${scene.hosts()}10.0.0.9 nas\n`);
  assert.equal((await scene.lo(['alias', 'tool', '3000'])).code, 0);
  assert.match(await scene.doctor(), /^2 of 3 names are in the hosts file/);
  assert.equal((await scene.lo(['setup', '--hosts', '--yes'])).code, 0);
  assert.equal(scene.addresses('tool.localhost'), '127.0.0.1 ::1');
  assert.equal(scene.hosts().split('web.shop.localhost').length - 1, 3, 'one block, not two');
  const undone = await scene.lo(['setup', '--hosts', '--undo', '--yes']);
  assert.equal(undone.code, 0, undone.stderr);
  assert.equal(scene.hosts(), `${THEIRS}\n10.0.0.9 nas\n`);
  assert.match((await scene.lo(['setup', '--hosts', '--undo'])).stdout, /none of its lines are ours/);
  assert.equal(existsSync(join(scene.etc, `hosts.${scene.label()}`)), false);
});

test('two at once, a file that cannot be replaced, a block without an end, a link: no line of theirs is lost', async (t) => {
  const scene = await stage(t);
  if (scene === null) return;
  await scene.up();
  const both = await Promise.all([1, 2].map(() => scene.lo(['setup', '--hosts', '--yes'])));
  assert.deepEqual(
    both.map(({ code }) => code),
    [0, 0],
    both.map(({ stderr }) => stderr).join(''),
  );
  const whole = scene.hosts();
  assert.equal(whole.split(': begin').length - 1, 1);
  assert.ok(whole.startsWith(`${THEIRS}\n`));

  // As in a container, where the file is a mount of its own.
  scene.run(['mount', '--bind', '/etc/hosts', '/etc/hosts']);
  assert.equal((await scene.lo(['setup', '--hosts', '--undo', '--yes'])).code, 0);
  assert.equal(scene.hosts(), `${THEIRS}\n`);
  assert.equal((await scene.lo(['setup', '--hosts', '--yes'])).code, 0);
  assert.equal(scene.hosts(), whole);
  scene.run(['umount', '/etc/hosts']);

  const torn = whole.replace(/# loopyard-\w+: end\n/, '10.0.0.9 nas\n');
  writeFileSync(scene.file, torn);
  const refused = await scene.lo(['setup', '--hosts', '--undo', '--yes']);
  assert.equal(refused.code, 3);
  assert.match(refused.stderr, /SETUP_FAILED[\s\S]*a beginning and no end/);
  assert.equal(scene.hosts(), torn);
  // The same command, planned while the block was whole: it finds the end gone, and keeps what may be somebody's.
  writeFileSync(scene.file, whole);
  const plan = await scene.lo(['setup', '--hosts', '--undo', '--dry-run', '--json']);
  const [act] = (JSON.parse(plan.stdout) as SetupReport).step.acts;
  writeFileSync(scene.file, torn);
  scene.run(act ?? []);
  assert.equal(scene.hosts(), torn);

  unlinkSync(scene.file);
  symlinkSync('hosts.managed', scene.file);
  writeFileSync(join(scene.etc, 'hosts.managed'), THEIRS);
  const linked = await scene.lo(['setup', '--hosts', '--yes']);
  assert.equal(linked.code, 3);
  assert.match(linked.stderr, /is a link/);
});

test('other systems say what to do', async () => {
  const wish = { label: 'x', names: ['a.localhost'], undo: false, variables: {} };
  for (const platform of [darwinPlatform(), windowsPlatform()]) {
    const { state, fix } = (await platform.hostsBlock()).plan(wish);
    assert.equal(state, 'impossible');
    assert.match(fix ?? '', /yourself/);
  }
});

interface Scene {
  /** The fake /etc, from outside. */
  readonly etc: string;
  /** Its hosts file. */
  readonly file: string;
  lo(args: readonly string[]): Promise<Finished>;
  run(argv: readonly string[]): string;
  up(): Promise<void>;
  hosts(): string;
  label(): string;
  /** As the C library gives them, joined. */
  addresses(name: string): string;
  /** What the doctor says of names. */
  doctor(): Promise<string>;
}

async function stage(t: TestContext): Promise<Scene | null> {
  if (process.getuid?.() !== 0) {
    t.skip('mount namespaces need root');
    return null;
  }
  const lab = Lab.create(t);
  lab.write('server.mjs', HTTP_SERVER);
  lab.write('loopyard.yaml', 'name: shop\nservices:\n  web: { run: node server.mjs, port: 3000 }\n');
  const etc = join(lab.directory, '../etc');
  mkdirSync(etc);
  for (const name of [
    'passwd',
    'group',
    'os-release',
    'debian_version',
    'ld.so.cache',
    'ssl',
    'alternatives',
  ])
    if (existsSync(`/etc/${name}`)) cpSync(`/etc/${name}`, join(etc, name), { recursive: true });
  writeFileSync(join(etc, 'nsswitch.conf'), 'hosts: files\n');
  const file = join(etc, 'hosts');
  writeFileSync(file, THEIRS);
  chmodSync(file, 0o640);
  const pid = await enter(t, etc);
  const inside = ['nsenter', '--mount', '--target', String(pid)];
  const run = (argv: readonly string[]): string =>
    execFileSync(inside[0] ?? '', [...inside.slice(1), ...argv], {
      encoding: 'utf8',
      stdio: 'pipe',
      timeout: 60_000,
    });
  const env = { LOOPYARD_GATEWAY: 'on', LOOPYARD_HTTPS_PORT: '0', LOOPYARD_HTTP_PORT: '0' };
  const lo = (args: readonly string[]): Promise<Finished> =>
    lab.lo(args, { through: [...inside, `--wd=${lab.directory}`], env });
  const hosts = (): string => readFileSync(file, 'utf8');
  return {
    ...{ etc, file, lo, run, hosts },
    up: async () => {
      const { code, stderr } = await lo(['up', '--detach']);
      assert.equal(code, 0, stderr);
    },
    label: () => /# (loopyard-\w+)/.exec(hosts())?.[1] ?? 'loopyard',
    addresses: (name) =>
      [run(['sh', '-c', `getent ahostsv4 ${name}; getent ahostsv6 ${name}; true`])]
        .flatMap((text) => text.split('\n').flatMap((line) => line.split(/\s+/)[0] || []))
        .filter((address, index, all) => !address.startsWith('::ffff:') && all.indexOf(address) === index)
        .join(' '),
    doctor: async () => {
      const { checks } = JSON.parse((await lo(['doctor', '--json'])).stdout) as DoctorReport;
      return checks.find(({ id }) => id === 'names')?.text ?? '';
    },
  };
}

async function enter(t: TestContext, etc: string): Promise<number> {
  const script = `mount --bind ${etc} /etc; echo ready; exec sleep 600`;
  const child: ChildProcess = spawn('unshare', ['--mount', 'sh', '-ec', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise((resolve) => child.once('close', resolve));
  t.after(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  await new Promise<void>((resolve, reject) => {
    child.stdout?.once('data', () => resolve());
    child.once('close', () => reject(new Error('the namespace could not be made')));
  });
  return child.pid ?? 0;
}
