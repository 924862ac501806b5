/**
 * The demo as a person sees it: its last line names an https:// URL, which headless Chromium refuses before `lo trust` and opens after
 * it. curl, Node and Python reach it too, or the doctor has said why not and what helps. All in a mount namespace with an /etc and a home
 * of its own. `UPDATE_SCREENSHOT=1` writes the picture in docs/images.
 */

import assert from 'node:assert/strict';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import type { DoctorReport } from '../../src/core/status.ts';
import { tryNames } from '../../src/platform/linux/doctor-ways.ts';
import { ensureProgram } from '../support/debian.ts';
import { type Finished, Lab } from '../support/lab.ts';
import { dist, root } from '../support/paths.ts';

const runFile = promisify(execFile);

const PYTHON =
  'import sys, urllib.request; print(urllib.request.urlopen(sys.argv[1], timeout=60).read().decode())';
const NODE =
  "require('node:https').get(process.argv[1], (response) => response.pipe(process.stdout)).on('error', (error) => { console.error(error.code); process.exitCode = 1; })";
/** As root it has no sandbox; it talks to nobody but the page; its profile is new. */
const QUIET = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--disable-dev-shm-usage',
  '--no-first-run',
  '--no-proxy-server',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

test('the demo ends with a URL that Chromium opens without an error after lo trust', async (t) => {
  const scene = await stage(t);
  if (scene === null) return;
  const demo = scene.demo();
  try {
    await visits(scene, await demo.url);
  } finally {
    // Before the lab ends what it started: the demo does that by itself.
    await demo.end();
  }
  assert.match(demo.said(), /demo: everything is stopped\n$/);
});

async function visits(scene: Scene, url: string): Promise<void> {
  assert.match(url, /^https:\/\/web\.(?:[a-z0-9-]+\.)?shop\.localhost:\d+\/$/);
  assert.doesNotMatch(await scene.browse(url, '--dump-dom'), /Loopback shop/, 'nobody vouches for it yet');
  const trusted = await scene.lo(['trust', '--yes']);
  assert.equal(trusted.code, 0, trusted.stderr);
  assert.match(await scene.browse(url, '--dump-dom'), /<h1>Loopback shop<\/h1>[\s\S]*Loopback cable/);

  const picture = join(scene.person, 'shop.png');
  await scene.browse(url, `--screenshot=${picture}`, '--window-size=1000,640', '--hide-scrollbars');
  assert.deepEqual(readFileSync(picture).subarray(1, 4).toString(), 'PNG');
  if (process.env.UPDATE_SCREENSHOT === '1') {
    mkdirSync(join(root, 'docs/images'), { recursive: true });
    cpSync(picture, join(root, 'docs/images/shop.png'));
  }

  assert.match(await scene.run(['curl', '-sS', '--noproxy', '*', url]), /Loopback shop/);
  const names = async (): Promise<DoctorReport['checks'][number] | undefined> =>
    (JSON.parse((await scene.lo(['doctor', '--json'])).stdout) as DoctorReport).checks.find(
      ({ id }) => id === 'names',
    );
  const before = await names();
  assert.equal(before?.verdict, 'warn');
  // Programs that were too slow on a busy machine are not named.
  assert.match(before.text, /C library do(?:es)? not find names below localhost \(ENOTFOUND\)/);
  assert.match(before.fix ?? '', /\S/);
  await assert.rejects(scene.node(url), /ENOTFOUND/);
  assert.equal((await scene.lo(['setup', '--hosts', '--yes'])).code, 0);
  assert.equal((await names())?.verdict, 'ok');
  assert.match(await scene.node(url), /Loopback shop/);
  assert.match(await scene.run(['/usr/bin/python3', '-c', PYTHON, url]), /Loopback shop/);
}

test('Chromium looks names below localhost up by itself, as the doctor finds out', async (t) => {
  if ((await ensureProgram(t, CHROMIUM)) === null) return;
  const ways = await tryNames({ name: 'doctor.loopyard.localhost', browser: true, withinMs: 100_000 });
  const found = ways.find(({ way }) => way === 'chromium');
  assert.ok(found !== undefined && 'addresses' in found.answer, JSON.stringify(ways));
  assert.match(found.answer.addresses.join(), /127\.0\.0\.1|::1/);
});

const CHROMIUM = { program: 'chromium', package: 'chromium' };

interface Scene {
  /** A home. */
  readonly person: string;
  lo(args: readonly string[]): Promise<Finished>;
  run(argv: readonly string[]): Promise<string>;
  /** A Node that trusts what services are told to trust. */
  node(url: string): Promise<string>;
  browse(url: string, ...options: readonly string[]): Promise<string>;
  demo(): Demo;
}

interface Demo {
  /** That it ends with. */
  readonly url: Promise<string>;
  said(): string;
  /** As by Ctrl-C. */
  end(): Promise<void>;
}

async function stage(t: TestContext): Promise<Scene | null> {
  if (process.getuid?.() !== 0) {
    t.skip('mount namespaces need root');
    return null;
  }
  const wanted = [
    { program: 'certutil', package: 'libnss3-tools' },
    { program: 'update-ca-certificates', package: 'ca-certificates' },
    { program: 'curl', package: 'curl' },
    CHROMIUM,
  ];
  for (const one of wanted) if ((await ensureProgram(t, one)) === null) return null;
  if ((await ensureProgram(t, { program: 'python3', package: 'python3' })) === null) return null;
  const lab = Lab.create(t);
  const person = join(lab.directory, '../person');
  mkdirSync(person);
  const pid = await enter(t, join(lab.directory, '..'));
  const inside = ['--mount', '--target', String(pid)];
  const through = ['nsenter', ...inside, `--wd=${join(root, 'examples/shop')}`];
  const env = { HOME: person, LOOPYARD_GATEWAY: 'on', LOOPYARD_HTTPS_PORT: '0', LOOPYARD_HTTP_PORT: '0' };
  const run = async (argv: readonly string[]): Promise<string> => {
    const variables = { PATH: process.env.PATH ?? '', HOME: person, LANG: 'C.UTF-8' };
    const options = { env: variables, timeout: 120_000, maxBuffer: 1e8 };
    return (await runFile('nsenter', [...inside, ...argv], options)).stdout;
  };
  return {
    ...{ person, run },
    lo: (args) => lab.lo(args, { through, env }),
    node: (url) =>
      run(['env', `NODE_EXTRA_CA_CERTS=${join(lab.home, 'ca.pem')}`, process.execPath, '-e', NODE, url]),
    browse: (url, ...options) => {
      const profile = mkdtempSync(join(person, 'profile-'));
      return run(['chromium', ...QUIET, `--user-data-dir=${profile}`, ...options, url]);
    },
    demo: () => startDemo({ through, env: lab.variables(env) }),
  };
}

function startDemo(how: {
  readonly through: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}): Demo {
  const [program = '', ...args] = [...how.through, process.execPath, join(root, 'scripts/demo.mjs'), dist];
  const child = spawn(program, args, { env: how.env, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  let said = '';
  const url = new Promise<string>((resolve, reject) => {
    const hear = (text: string): void => {
      said += text;
      const [, found] = /^demo: Open (\S+) in a browser/m.exec(said) ?? [];
      if (found !== undefined) resolve(found);
    };
    child.stdout.setEncoding('utf8').on('data', hear);
    child.stderr.setEncoding('utf8').on('data', hear);
    child.once('close', () => reject(new Error(`the demo ended:\n${said}`)));
  });
  return {
    url,
    said: () => said,
    end: async () => {
      child.kill('SIGINT');
      await ended;
    },
  };
}

/** A process in a mount namespace where /etc and the anchors are copies, and where nobody is asked about names. Gives its pid. */
async function enter(t: TestContext, folder: string): Promise<number> {
  const [etc, anchors] = [join(folder, 'etc'), join(folder, 'anchors')];
  cpSync('/etc', etc, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true });
  cpSync('/usr/local/share/ca-certificates', anchors, { recursive: true });
  writeFileSync(join(etc, 'nsswitch.conf'), 'passwd: files\ngroup: files\nhosts: files\n');
  writeFileSync(join(etc, 'hosts'), '127.0.0.1 localhost\n::1 localhost\n');
  const script = `
    mount --bind ${etc} /etc
    mount --bind ${anchors} /usr/local/share/ca-certificates
    echo ready; exec sleep 600`;
  const child: ChildProcess = spawn('unshare', ['--mount', 'sh', '-ec', script], {
    stdio: ['ignore', 'pipe', 'ignore'],
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
