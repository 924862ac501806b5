/**
 * `lo setup` in a network and mount namespace of its own, by a user who may not listen on low ports: afterwards names are served on 443
 * and 80, and `--undo` leaves everything as it was.
 */

import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { SetupReport } from '../../src/core/setup.ts';
import type { EnvironmentStatus } from '../../src/core/status.ts';
import { darwinPlatform } from '../../src/platform/darwin/platform.ts';
import { unsupportedPlatform } from '../../src/platform/unsupported.ts';
import { windowsPlatform } from '../../src/platform/windows/platform.ts';
import { type Finished, Lab } from '../support/lab.ts';
import { HTTP_SERVER } from '../support/programs.ts';

const FILE = '50-loopyard.conf';
const CURL = ['curl', '-sS', '--noproxy', '*', '--resolve', 'web.shop.localhost:443:127.0.0.1'];

test('after lo setup names are served on 443 and 80, by a process that is not privileged', async (t) => {
  const scene = await stage(t);
  if (scene === null) return;
  await scene.up();
  assert.match(await scene.url(), /^https:\/\/web\.shop\.localhost:8443$/);
  const dry = await scene.lo(['setup', '--dry-run']);
  assert.match(dry.stdout, /ip_unprivileged_port_start = 80[\s\S]*sh -c .*50-loopyard\.conf/);
  assert.equal(scene.value(), '1024');
  const asked = await scene.lo(['setup']);
  assert.equal(asked.code, 2);
  assert.match(asked.stderr, /NEEDS_CONFIRMATION/);

  const report = JSON.parse((await scene.lo(['setup', '--yes', '--json'])).stdout) as SetupReport;
  const ports = report.doors.filter(({ error }) => error === null).map(({ port }) => port);
  assert.deepEqual([...new Set(ports)].sort(), [443, 80]);
  assert.equal(scene.value(), '80');
  assert.match(
    readFileSync(join(scene.directory, FILE), 'utf8'),
    /Before: 1024\nnet\.ipv4\.ip_unprivileged_port_start = 80\n$/,
  );
  assert.equal(await scene.url(), 'https://web.shop.localhost');
  const ca = ['--cacert', join(scene.lab.home, 'ca.pem')];
  assert.match(scene.run([...CURL, ...ca, 'https://web.shop.localhost/']), /"name":"web"/);
  assert.match((await scene.lo(['setup'])).stdout, /every user may listen on ports from 80 on already/);
});

test('--undo takes the file away, sets back what was before, and moves the names', async (t) => {
  const scene = await stage(t, '1000');
  if (scene === null) return;
  await scene.up();
  assert.equal((await scene.lo(['setup', '--yes'])).code, 0);
  assert.equal(await scene.url(), 'https://web.shop.localhost');
  // Somebody set it back by hand: doing it again must not forget what was before Loopyard.
  scene.run(['sh', '-c', 'echo 1024 > /proc/sys/net/ipv4/ip_unprivileged_port_start']);
  assert.equal((await scene.lo(['setup', '--yes'])).code, 0);
  const undone = await scene.lo(['setup', '--undo', '--yes']);
  assert.equal(undone.code, 0, undone.stderr);
  assert.match(undone.stdout, /https on 127\.0\.0\.1:8443[\s\S]*443 is not served: EACCES/);
  assert.equal(scene.value(), '1000');
  assert.equal(existsSync(join(scene.directory, FILE)), false);
  assert.match(await scene.url(), /:8443$/);
  assert.match((await scene.lo(['setup', '--undo'])).stdout, /was not set up/);
});

test('where the file cannot be written nothing is changed, and the error says what to do', async (t) => {
  const scene = await stage(t);
  if (scene === null) return;
  scene.run(['mount', '-o', 'remount,ro,bind', '/etc/sysctl.d']);
  const failed = await scene.lo(['setup', '--yes']);
  assert.equal(failed.code, 3);
  assert.match(failed.stderr, /SETUP_FAILED[\s\S]*[Rr]ead-only[\s\S]*repeat `lo setup`/);
  assert.equal(scene.value(), '1024');
});

test('other systems say what holds there', async () => {
  const wish = { undo: false, variables: {} };
  assert.equal((await windowsPlatform().lowPorts()).plan(wish).state, 'done');
  assert.equal((await darwinPlatform().lowPorts()).plan(wish).state, 'impossible');
  assert.throws(() => unsupportedPlatform('plan9').lowPorts(), { code: 'PLATFORM_UNSUPPORTED' });
});

interface Scene {
  readonly lab: Lab;
  /** What is mounted at /etc/sysctl.d. */
  readonly directory: string;
  lo(args: readonly string[]): Promise<Finished>;
  run(argv: readonly string[]): string;
  value(): string;
  up(): Promise<void>;
  url(): Promise<string>;
}

/** Null: no namespaces can be made here; the test is skipped. */
async function stage(t: TestContext, value = '1024'): Promise<Scene | null> {
  if (process.getuid?.() !== 0) {
    t.skip('namespaces of this kind need root');
    return null;
  }
  const lab = Lab.create(t);
  lab.write('server.mjs', HTTP_SERVER);
  lab.write('loopyard.yaml', 'name: shop\nservices:\n  web: { run: node server.mjs, port: 3000 }\n');
  const directory = join(lab.directory, '../sysctl.d');
  mkdirSync(directory);
  const pid = await enter(t, directory, value);
  const inside = ['nsenter', '--mount', '--net', '--target', String(pid), `--wd=${lab.directory}`];
  // Root without the capability: whoever is asked for is not root, whoever is not root would need sudo.
  const unprivileged = ['setpriv', '--bounding-set=-net_bind_service', '--inh-caps=-net_bind_service'];
  const run = (argv: readonly string[]): string =>
    execFileSync('nsenter', [...inside.slice(1), ...argv], {
      encoding: 'utf8',
      stdio: 'pipe',
      timeout: 30_000,
    });
  const lo = (args: readonly string[]): Promise<Finished> =>
    lab.lo(args, { through: [...inside, ...unprivileged], env: { LOOPYARD_GATEWAY: 'on' } });
  return {
    ...{ lab, directory, lo, run },
    value: () => run(['cat', '/proc/sys/net/ipv4/ip_unprivileged_port_start']).trim(),
    up: async () => {
      const { code, stderr } = await lo(['up', '--detach']);
      assert.equal(code, 0, stderr);
    },
    url: async () => {
      const { services } = JSON.parse((await lo(['ps', '--json'])).stdout) as EnvironmentStatus;
      return services[0]?.endpoints[0]?.names[0] ?? '';
    },
  };
}

async function enter(t: TestContext, directory: string, value: string): Promise<number> {
  const script = `
    ip link set lo up
    mount --bind ${directory} /etc/sysctl.d
    echo ${value} > /proc/sys/net/ipv4/ip_unprivileged_port_start
    echo ready; exec sleep 600`;
  const child: ChildProcess = spawn('unshare', ['--mount', '--net', 'sh', '-ec', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise((resolve) => child.once('close', resolve));
  t.after(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  await new Promise<void>((resolve, reject) => {
    child.stdout?.once('data', () => resolve());
    child.once('close', () => reject(new Error('the namespaces could not be made')));
  });
  return child.pid ?? 0;
}
