/**
 * Real programs behind names: headless Chromium opens Vite's page and is told of a change over wss, a page rendered by a program and
 * sent in parts, and a page of server-sent events; git clones and pushes. The authority stands in a home of the test only.
 */

import assert from 'node:assert/strict';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import type { EnvironmentStatus } from '../../src/core/status.ts';
import { ensureProgram } from '../support/debian.ts';
import { Lab } from '../support/lab.ts';
import { fixture, root } from '../support/paths.ts';
import { until } from '../support/until.ts';

const run = promisify(execFile);

const ON = { LOOPYARD_GATEWAY: 'on', LOOPYARD_HTTPS_PORT: '0', LOOPYARD_HTTP_PORT: '0' };
/** A browser that starts beside three other tests takes its time. */
const BROWSER_MS = 120_000;

test("Chromium: Vite's change arrives over wss, a rendered page is shown part by part, events come one by one and go on after an abort", async (t) => {
  if ((await ensureProgram(t, { program: 'chromium', package: 'chromium' })) === null) return;
  if ((await ensureProgram(t, { program: 'certutil', package: 'libnss3-tools' })) === null) return;
  const scene = await stage(t, ['hot', 'ssr', 'events']);
  await scene.vouch();

  const hot = scene.browse('hot');
  await scene.told('hot 1 of 127.0.0.1 over https:');
  scene.write('hot/part.js', part(2));
  await scene.told('hot 2 without a new page');
  await hot.end();

  const rendered = scene.browse('ssr');
  await scene.told('ssr rendered <b>/</b>, and its script ran');
  await rendered.end();

  const events = scene.browse('events');
  for (const wanted of ['event 1 id 1', 'event 3 id 3', 'event 6 id 6']) await scene.told(wanted);
  await events.end();
});

test('git clones over HTTPS, and pushes what is larger than one message', async (t) => {
  if ((await ensureProgram(t, { program: 'git', package: 'git' })) === null) return;
  const scene = await stage(t, ['git']);
  const { git, repositories, directory } = scene;
  await git(repositories, 'init', '--bare', '--initial-branch', 'main', 'one.git');
  await git(join(repositories, 'one.git'), 'config', 'http.receivepack', 'true');
  const url = `${scene.url('git')}one.git`;
  await git(directory, 'clone', url, 'first');
  const big = randomBytes(12 << 20);
  writeFileSync(join(directory, 'first/big'), big);
  await git(join(directory, 'first'), 'add', 'big');
  await git(join(directory, 'first'), 'commit', '-m', 'big');
  await git(join(directory, 'first'), 'push', 'origin', 'HEAD:main');
  await git(directory, 'clone', url, 'second');
  assert.ok(readFileSync(join(directory, 'second/big')).equals(big));
});

interface Scene {
  readonly directory: string;
  readonly repositories: string;
  url(service: string): string;
  write(name: string, text: string): void;
  /** Makes the authority known to browsers of this home. */
  vouch(): Promise<void>;
  browse(service: string): { end(): Promise<void> };
  /** Resolves when a page has told this. */
  told(line: string): Promise<void>;
  git(cwd: string, ...args: readonly string[]): Promise<void>;
}

async function stage(t: TestContext, services: readonly string[]): Promise<Scene> {
  const lab = Lab.create(t);
  const person = join(lab.directory, '../person');
  const repositories = join(lab.directory, 'repositories');
  for (const folder of [person, repositories]) mkdirSync(folder);
  symlinkSync(join(root, 'node_modules'), join(lab.directory, 'node_modules'));
  lab.write('loopyard.yaml', config(services));
  lab.write('pages.mjs', readFileSync(fixture('programs', 'pages.mjs'), 'utf8'));
  for (const [name, text] of Object.entries(PAGES)) lab.write(name, text);
  await lab.must(['up', '--detach'], 0, { env: ON });
  const status = await lab.json<EnvironmentStatus>(['ps'], { env: ON });
  const file = join(lab.directory, 'told');
  const url = (service: string): string => {
    const found = status.services.find(({ name }) => name === service);
    const [name = ''] = found?.endpoints[0]?.names ?? [];
    assert.match(name, /^https:/);
    return new URL('/', name).href;
  };
  return {
    ...{ directory: lab.directory, repositories },
    url,
    write: (name, text) => lab.write(name, text),
    vouch: () => vouch(person, join(lab.home, 'ca.pem')),
    browse: (service) => browse(t, person, url(service)),
    told: (line) =>
      until(() => existsSync(file) && readFileSync(file, 'utf8').split('\n').includes(line), BROWSER_MS),
    git: (cwd, ...args) => runGit(person, join(lab.home, 'ca.pem'), cwd, args),
  };
}

function config(services: readonly string[]): string {
  const all: Readonly<Record<string, string>> = {
    hot: '{ use: vite, with: { root: hot } }',
    ssr: '{ run: node pages.mjs ssr, port: 3000, env: { ROOT: ssr } }',
    events: '{ run: node pages.mjs events, port: 3000, env: { TOLD: told }, names: [hot/told, ssr/told] }',
    git: '{ run: node pages.mjs git, port: 3000, env: { REPOSITORIES: repositories } }',
  };
  return `name: pages\nservices:\n${services.map((name) => `  ${name}: ${all[name]}\n`).join('')}`;
}

function part(version: number): string {
  return `export const version = ${version};\n`;
}

/** What a page tells goes to a path of its own name that another service has. */
const PAGES = {
  'hot/vite.config.js': 'export default { server: { watch: { usePolling: true, interval: 50 } } };',
  'hot/index.html': '<script type="module" src="/main.js"></script>',
  'hot/part.js': part(1),
  'hot/main.js': `import { version } from './part.js';
    const since = performance.timeOrigin;
    fetch('/told?hot ' + version + ' of 127.0.0.1 over ' + location.protocol);
    import.meta.hot.accept('./part.js', (part) => {
      if (performance.timeOrigin === since) fetch('/told?hot ' + part.version + ' without a new page');
    });`,
  'ssr/render.js': `import { words } from './words.js';
    export const head = () => '<!doctype html><h1>first part</h1><script>fetch("/shown")</script>';
    export const render = (path) =>
      '<p>' + words(path) + '</p><script type="module" src="/client.js"></script>';`,
  'ssr/words.js': "export const words = (path) => 'rendered <b>' + path + '</b>';",
  'ssr/client.js': `fetch('/told?ssr ' + document.querySelector('p').innerHTML + ', and its script ran');`,
};

async function vouch(person: string, authority: string): Promise<void> {
  const store = join(person, '.pki/nssdb');
  mkdirSync(store, { recursive: true });
  const certutil = (...args: readonly string[]) => run('certutil', ['-d', `sql:${store}`, ...args]);
  await certutil('-N', '--empty-password');
  await certutil('-A', '-t', 'C,,', '-n', 'test', '-i', authority);
}

/** As root it has no sandbox; it talks to nobody but the page; its profile is new. */
function browse(t: TestContext, person: string, url: string): { end(): Promise<void> } {
  const options = [
    ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-dev-shm-usage'],
    ...['--no-first-run', '--no-proxy-server', '--disable-background-networking', '--disable-sync'],
    ...['--disable-component-update', `--user-data-dir=${join(person, 'profile')}`],
  ];
  const child = spawn('chromium', [...options, url], {
    // Killed, it leaves its files: here they go with the home.
    env: { PATH: process.env.PATH ?? '', HOME: person, TMPDIR: person, LANG: 'C.UTF-8' },
    stdio: 'ignore',
    detached: true,
  });
  const end = (): Promise<void> => endGroup(child);
  t.after(end);
  return { end };
}

async function endGroup(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  process.kill(-child.pid, 'SIGKILL');
  await ended;
}

async function runGit(person: string, ca: string, cwd: string, args: readonly string[]): Promise<void> {
  const who = { GIT_AUTHOR_NAME: 'a', GIT_AUTHOR_EMAIL: 'a@localhost' };
  const committer = { GIT_COMMITTER_NAME: 'a', GIT_COMMITTER_EMAIL: 'a@localhost' };
  await run('git', args, {
    cwd,
    timeout: BROWSER_MS,
    env: {
      ...{ PATH: process.env.PATH ?? '', HOME: person, GIT_CONFIG_NOSYSTEM: '1', GIT_TERMINAL_PROMPT: '0' },
      ...{ GIT_SSL_CAINFO: ca, ...who, ...committer },
    },
  });
}
