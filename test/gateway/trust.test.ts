/**
 * `lo trust` where it counts: a private mount namespace whose trust stores and home are its own. After it curl, Python and Node reach a
 * real name without a flag, and NSS takes the certificate; after `--remove` all refuse and nothing is left.
 */

import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { EnvironmentStatus } from '../../src/core/status.ts';
import type { TrustReport } from '../../src/core/trust.ts';
import { ensureProgram } from '../support/debian.ts';
import { type Finished, Lab, type LoOptions } from '../support/lab.ts';
import { until } from '../support/until.ts';

const SERVER = `
  import { createServer } from 'node:http';
  createServer((request, response) => response.end('hello')).listen(process.env.PORT, process.env.HOST);
`;
const YAML = 'name: shop\nservices:\n  web: { run: node server.mjs, port: 3000 }\n';

const PYTHON =
  'import sys, urllib.request; print(urllib.request.urlopen(sys.argv[1], timeout=10).read().decode(), end="")';
const NODE = "require('node:https').get(process.argv[1], (response) => response.pipe(process.stdout))";

test('after lo trust curl and Python reach a name without a flag, after --remove they refuse', async (t) => {
  const scene = await stage(t);
  if (scene === null) return;
  const url = await scene.up();
  await refusesAll(scene, url);
  const report = JSON.parse((await scene.lo(['trust', '--yes', '--json'])).stdout) as TrustReport;
  assert.deepEqual(
    report.steps.map(({ kind, state, error }) => ({ kind, state, error })),
    ['system', 'nss', 'nss', 'nss'].map((kind) => ({ kind, state: 'todo', error: null })),
  );
  assert.equal(scene.run(['curl', '-sS', url]), 'hello');
  assert.equal(scene.run([PYTHON_PROGRAM, '-c', PYTHON, url]), 'hello');
  for (const database of scene.databases) assert.match(scene.nss(database), /loopyard-\w+ +C,,/);
  await scene.must(['trust', '--remove', '--yes']);
  await refusesAll(scene, url);
  for (const database of scene.databases) assert.doesNotMatch(scene.nss(database), /loopyard/);
  assert.deepEqual(scene.anchors(), []);
});

test('lo trust shows its steps first, does nothing twice, and nothing at all with --dry-run', async (t) => {
  const scene = await stage(t);
  if (scene === null) return;
  const before = scene.bundle();
  const dry = await scene.must(['trust', '--dry-run']);
  assert.match(dry, /install -m 0644 .*ca\.pem .*loopyard-\w+\.crt\n +update-ca-certificates/);
  assert.match(dry, /certutil -A -d sql:.*nssdb -t C,, -n loopyard-/);
  assert.equal(existsSync(join(scene.lab.home, 'ca.pem')), false);
  assert.equal(scene.bundle(), before);
  const asked = await scene.lo(['trust']);
  assert.equal(asked.code, 2);
  assert.match(asked.stderr, /NEEDS_CONFIRMATION[\s\S]*--yes/);
  assert.equal(scene.bundle(), before);
  await scene.must(['trust', '--yes']);
  const again = await scene.must(['trust']);
  assert.match(again, /nothing to do/);
  await scene.must(['trust', '--remove', '--yes']);
  assert.equal(scene.bundle(), before);
  assert.match(await scene.must(['trust', '--remove']), /nothing to remove/);
});

test('an authority that was made anew takes the place of the old one in every store', async (t) => {
  const scene = await stage(t);
  if (scene === null) return;
  await scene.must(['trust', '--yes']);
  const old = readFileSync(join(scene.lab.home, 'ca.pem'), 'utf8').trim();
  writeFileSync(join(scene.lab.home, 'ca.pem'), 'torn');
  await scene.must(['trust', '--yes']);
  const now = readFileSync(join(scene.lab.home, 'ca.pem'), 'utf8').trim();
  assert.notEqual(now, old);
  assert.ok(scene.bundle().includes(now) && !scene.bundle().includes(old));
  for (const database of scene.databases)
    assert.equal(scene.nss(database).match(/loopyard-/g)?.length, 1, scene.nss(database));
  assert.match(readFileSync(join(scene.lab.home, 'daemon.log'), 'utf8'), /notice: the authority .* is torn/);
  await scene.must(['trust', '--remove', '--yes']);
});

test('Chromium that never ran gets both databases, and --remove leaves none of them', async (t) => {
  const scene = await stage(t);
  if (scene === null) return;
  const person = join(scene.lab.directory, '../newcomer');
  const bin = join(person, 'bin');
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(bin, 'chromium'), '#!/bin/sh\n');
  chmodSync(join(bin, 'chromium'), 0o755);
  const env = { HOME: person, PATH: `${bin}:${process.env.PATH}` };
  await scene.must(['trust', '--yes'], { env });
  for (const place of ['.pki/nssdb', '.local/share/pki/nssdb'])
    assert.match(scene.nss(join(person, place)), /loopyard-\w+ +C,,/);
  await scene.must(['trust', '--remove', '--yes'], { env });
  assert.equal(existsSync(join(person, '.pki')), false);
  assert.equal(existsSync(join(person, '.local/share/pki')), false);
});

test('without certutil the other stores are changed, and the error names the package', async (t) => {
  const scene = await stage(t);
  if (scene === null) return;
  scene.run([
    'mount',
    '--bind',
    '/dev/null',
    execFileSync('which', ['certutil'], { encoding: 'utf8' }).trim(),
  ]);
  const failed = await scene.lo(['trust', '--yes']);
  assert.equal(failed.code, 3);
  assert.match(failed.stderr, /TRUST_INCOMPLETE[\s\S]*certutil is not installed[\s\S]*libnss3-tools/);
  assert.equal(scene.anchors().length, 1);
});

test('services are told of the authority, beside the certificates that they trust already', async (t) => {
  const scene = await stage(t);
  if (scene === null) return;
  const url = await scene.up();
  const reached = await scene.lo(['exec', 'web', '--', process.execPath, '-e', NODE, url]);
  assert.equal(reached.stdout, 'hello', reached.stderr);
  const theirs = scene.lab.write(
    'company.pem',
    readFileSync('/etc/ssl/certs/ca-certificates.crt', 'utf8').slice(0, 4000),
  );
  const env = { NODE_EXTRA_CA_CERTS: theirs };
  const { variables } = JSON.parse((await scene.lo(['env', 'web', '--all', '--json'], { env })).stdout) as {
    variables: Record<string, string>;
  };
  const joined = readFileSync(variables.NODE_EXTRA_CA_CERTS ?? '', 'utf8');
  assert.ok(joined.startsWith(readFileSync(theirs, 'utf8').trimEnd()));
  assert.ok(joined.endsWith(readFileSync(join(scene.lab.home, 'ca.pem'), 'utf8')));
});

/** Debian's own, whose OpenSSL reads the system's store. */
const PYTHON_PROGRAM = '/usr/bin/python3';

interface Scene {
  readonly lab: Lab;
  readonly databases: readonly string[];
  lo(args: readonly string[], options?: LoOptions): Promise<Finished>;
  must(args: readonly string[], options?: LoOptions): Promise<string>;
  /** A program inside the namespace. */
  run(argv: readonly string[]): string;
  nss(database: string): string;
  bundle(): string;
  anchors(): readonly string[];
  /** Gives the URL of the service's name. */
  up(): Promise<string>;
}

/** Null: something that it takes cannot be had here; the test is skipped. */
async function stage(t: TestContext): Promise<Scene | null> {
  if (process.getuid?.() !== 0) {
    t.skip('mount namespaces of this kind need root');
    return null;
  }
  const wanted = [
    { program: 'certutil', package: 'libnss3-tools' },
    { program: 'update-ca-certificates', package: 'ca-certificates' },
    { program: 'curl', package: 'curl' },
    { program: 'python3', package: 'python3' },
  ];
  for (const one of wanted) if ((await ensureProgram(t, one)) === null) return null;
  const lab = Lab.create(t);
  lab.write('server.mjs', SERVER);
  lab.write('loopyard.yaml', YAML);
  const home = join(lab.directory, '../person');
  const pid = await enter(t, lab.directory);
  const through = ['nsenter', '--mount', '--target', String(pid), `--wd=${lab.directory}`];
  const databases = ['.pki/nssdb', '.local/share/pki/nssdb', '.mozilla/firefox/a.default'].map((place) =>
    join(home, place),
  );
  for (const database of databases) {
    mkdirSync(database, { recursive: true });
    execFileSync('certutil', ['-N', '-d', `sql:${database}`, '--empty-password']);
  }
  const run = ([program = '', ...args]: readonly string[]): string =>
    execFileSync('nsenter', [...through.slice(1), program, ...args], {
      encoding: 'utf8',
      env: { PATH: process.env.PATH ?? '', HOME: home },
      stdio: 'pipe',
      timeout: 60_000,
    });
  const lo = (args: readonly string[], options: LoOptions = {}): Promise<Finished> =>
    lab.lo(args, {
      through,
      env: {
        HOME: home,
        LOOPYARD_GATEWAY: 'on',
        LOOPYARD_HTTPS_PORT: '0',
        LOOPYARD_HTTP_PORT: '0',
        ...options.env,
      },
    });
  const must = async (args: readonly string[], options: LoOptions = {}): Promise<string> => {
    const { code, stdout, stderr } = await lo(args, options);
    assert.equal(code, 0, `lo ${args.join(' ')}\n${stdout}\n${stderr}`);
    return stdout;
  };
  return {
    ...{ lab, databases, lo, must, run },
    nss: (database) => execFileSync('certutil', ['-L', '-d', `sql:${database}`], { encoding: 'utf8' }),
    bundle: () => run(['cat', '/etc/ssl/certs/ca-certificates.crt']),
    anchors: () =>
      run(['ls', '/usr/local/share/ca-certificates'])
        .split('\n')
        .filter((name) => name.startsWith('loopyard-')),
    up: () => urlOf(must),
  };
}

async function urlOf(must: Scene['must']): Promise<string> {
  await must(['up', '--detach']);
  let url = '';
  await until(async () => {
    const { services } = JSON.parse(await must(['ps', '--json'])) as EnvironmentStatus;
    url = services[0]?.endpoints[0]?.names[0] ?? '';
    return url !== '';
  });
  return url;
}

/** A process in a mount namespace where the trust stores and the hosts file are copies of its own. Gives its pid. */
async function enter(t: TestContext, directory: string): Promise<number> {
  const root = join(directory, '../stores');
  mkdirSync(join(root, 'anchors'), { recursive: true });
  const script = `
    cp -a /etc/ssl/certs ${root}/certs
    cp -a /usr/local/share/ca-certificates/. ${root}/anchors
    { cat /etc/hosts; echo 127.0.0.1 web.shop.localhost; } > ${root}/hosts
    mount --bind ${root}/certs /etc/ssl/certs
    mount --bind ${root}/anchors /usr/local/share/ca-certificates
    mount --bind ${root}/hosts /etc/hosts
    echo ready; exec sleep 600`;
  const child: ChildProcess = spawn('unshare', ['--mount', 'sh', '-e', '-c', script], {
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

async function refusesAll({ run }: Scene, url: string): Promise<void> {
  assert.throws(() => run(['curl', '-sS', url]), /certificate/);
  assert.throws(() => run([PYTHON_PROGRAM, '-c', PYTHON, url]), /CERTIFICATE_VERIFY_FAILED/);
  assert.throws(() => run([process.execPath, '-e', NODE, url]), /UNABLE_TO_|unable to/);
}
