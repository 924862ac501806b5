/** `lo doctor` on machines that are really like that: limits, Docker's socket, file systems, trust stores made for the test. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { ensureProgram } from '../support/debian.ts';
import { Lab } from '../support/lab.ts';
import { type Checks, doctor } from './doctor-rig.ts';

const ROOT = process.getuid?.() === 0;
const NEEDS_ROOT = { skip: ROOT ? false : 'only root can make these namespaces' };

/** A user namespace whose own limit is set before the program runs in it. */
function limited(name: string, value: number): readonly string[] {
  const script = `echo ${value} > /proc/sys/user/${name}\nexec "$@"`;
  return ['unshare', '-Ur', 'sh', '-ec', script, 'sh'];
}

test('no watch and no watcher left', NEEDS_ROOT, async (t) => {
  const lab = Lab.create(t);
  const watches = (await doctor(lab, { through: limited('max_inotify_watches', 0) })).inotify;
  assert.equal(watches?.verdict, 'fail');
  assert.match(watches?.text ?? '', /^no file can be watched: ENOSPC; \d+ of 0 watches/);
  assert.match(watches?.fix ?? '', /max_user_watches=\d+/);
  const few = (await doctor(lab, { through: limited('max_inotify_watches', 100_000) })).inotify;
  assert.match(few?.text ?? '', /of 100000 watches/);
});

test('a user namespace that is refused', NEEDS_ROOT, async (t) => {
  const lab = Lab.create(t);
  const refused = (await doctor(lab, { through: limited('max_user_namespaces', 0) }))['user-namespaces'];
  assert.equal(refused?.verdict, 'warn');
  assert.match(refused?.text ?? '', /unshare.*user\.max_user_namespaces is 0/);
  const [, value = ''] = /user\.max_user_namespaces=(\d+)$/.exec(refused?.fix ?? '') ?? [];
  const mended = await doctor(lab, { through: limited('max_user_namespaces', Number(value)) });
  assert.equal(mended['user-namespaces']?.verdict, 'ok');
});

test('few open files, few processes, and no program to start services with', async (t) => {
  const lab = Lab.create(t);
  const files = (await doctor(lab, { through: ['prlimit', '--nofile=1000:1000'] }))['open-files'];
  assert.equal(files?.verdict, 'warn');
  assert.match(files?.text ?? '', /may open 1000 files each, enough for 320 services/);
  const bin = join(lab.home, '..', 'bin');
  mkdirSync(bin);
  const { shell } = await doctor(lab, { env: { PATH: bin } });
  assert.equal(shell?.verdict, 'fail');
  assert.match(shell?.text ?? '', /ENOENT; services cannot run/);
});

async function listening(t: TestContext, server: Server, path: string): Promise<void> {
  const open = new Set<Socket>();
  server.on('connection', (socket) => open.add(socket));
  await new Promise<void>((resolve) => server.listen(path, resolve));
  t.after(() => {
    for (const socket of open) socket.destroy();
    server.close();
  });
}

test('Docker: silent, answering, dead, absent', async (t) => {
  const lab = Lab.create(t);
  const look = async (name: string) =>
    (await doctor(lab, { env: { DOCKER_HOST: `unix://${join(lab.directory, name)}` } })).docker;
  await listening(t, createServer(), join(lab.directory, 'silent'));
  const silent = await look('silent');
  assert.equal(silent?.verdict, 'unknown');
  assert.match(silent?.text ?? '', /takes a connection, but did not answer within 3 s/);

  const asked: (string | undefined)[] = [];
  const docker = createHttpServer((request, response) => {
    asked.push(request.url);
    response.writeHead(200, { 'api-version': '1.51' }).end('OK');
  });
  await listening(t, docker, join(lab.directory, 'answers'));
  const answers = await look('answers');
  assert.equal(answers?.verdict, 'ok');
  assert.match(answers?.text ?? '', /answers at .*\/answers \(API 1\.51\)/);
  assert.deepEqual(asked, ['/_ping']);

  // Killed, so that its socket stays.
  const path = join(lab.directory, 'dead');
  const script = `require('net').createServer().listen(process.argv[1], () => process.kill(process.pid, 'SIGKILL'))`;
  assert.throws(() => execFileSync(process.execPath, ['-e', script, path]));
  const dead = await look('dead');
  assert.equal(dead?.verdict, 'warn');
  assert.match(dead?.text ?? '', /does not serve it \(ECONNREFUSED\)/);
  assert.equal((await look('absent'))?.verdict, 'ok');
});

test('a file system without holes, and a full one', NEEDS_ROOT, async (t) => {
  const lab = Lab.create(t);
  mkdirSync(lab.home, { mode: 0o700 });
  const on = (mount: string) => [
    'unshare',
    '-m',
    'sh',
    '-ec',
    `mount ${mount} "$0" && chmod 700 "$0" && exec "$@"`,
    lab.home,
  ];
  const ram = (await doctor(lab, { through: on('-t ramfs none') })).disk;
  assert.equal(ram?.verdict, 'warn', ram?.text);
  assert.match(ram?.text ?? '', /cannot free the head of a file/);
  const small = (await doctor(lab, { through: on('-t tmpfs -o size=100k none') })).disk;
  assert.equal(small?.verdict, 'fail');
  assert.match(small?.text ?? '', /^only 102\.4 KB free.*no file can be written in .*: ENOSPC/);
});

test('our CA in each store: missing, then put there by the fixes', async (t) => {
  const certutil = await ensureProgram(t, { program: 'certutil', package: 'libnss3-tools' });
  const keytool = await ensureProgram(t, { program: 'keytool', package: 'default-jre-headless' });
  if (certutil === null || keytool === null) return;
  const lab = Lab.create(t);
  const person = join(lab.directory, 'person');
  const nss = join(person, '.pki', 'nssdb');
  const firefox = join(person, '.mozilla', 'firefox', 'a b.default');
  const java = join(lab.directory, 'java');
  for (const directory of [nss, firefox, join(java, 'lib', 'security'), lab.home])
    mkdirSync(directory, { recursive: true, mode: 0o700 });
  const ca = join(lab.home, 'ca.pem');
  const other = join(lab.directory, 'other.pem');
  for (const [name, file] of [
    ['Loopyard test', ca],
    ['Another', other],
  ] as const) {
    const key = join(lab.directory, `${name}.key`);
    const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
    execFileSync(
      'openssl',
      ['req', '-x509', ...curve, '-subj', `/CN=${name}`, '-keyout', key, '-out', file],
      {
        stdio: 'ignore',
      },
    );
  }
  for (const directory of [nss, firefox])
    execFileSync(certutil, ['-N', '-d', `sql:${directory}`, '--empty-password']);
  // Another CA is there, so that the store is neither empty nor ours.
  execFileSync(certutil, ['-A', '-d', `sql:${nss}`, '-t', 'C,,', '-n', 'Another', '-i', other]);
  // And ours, but without trust: that is not enough.
  execFileSync(certutil, ['-A', '-d', `sql:${firefox}`, '-t', ',,', '-n', 'Untrusted', '-i', ca]);
  const cacerts = join(java, 'lib', 'security', 'cacerts');
  const store = ['-keystore', cacerts, '-storepass', 'changeit'];
  execFileSync(
    keytool,
    ['-importcert', '-noprompt', '-alias', 'other', '-storetype', 'JKS', ...store, '-file', other],
    {
      stdio: 'ignore',
    },
  );
  cpSync(other, join(lab.directory, 'extra.pem'));
  const env = { HOME: person, JAVA_HOME: java, NODE_EXTRA_CA_CERTS: join(lab.directory, 'extra.pem') };

  const before = (await doctor(lab, { env })).trust;
  assert.equal(before?.verdict, 'warn');
  const text = before?.text ?? '';
  assert.match(text, /Chromium \(.*nssdb\)/);
  assert.match(text, /Firefox \(.*a b\.default\): it is there as Untrusted, not trusted for web servers/);
  assert.ok(text.includes(`Java (${cacerts})`), text);
  assert.match(text, /NODE_EXTRA_CA_CERTS \(.*extra\.pem\)/);

  // Those of this test's own directories; the machine's stores are not touched.
  const lines = (before?.fix ?? '').split('\n');
  const fixes = lines.filter((line) => line.includes(lab.directory));
  assert.equal(fixes.length, 2, before?.fix ?? '');
  // `lo trust` sees to browsers and to the system, which is left alone here: done by hand as it does it.
  assert.equal(lines[0], 'lo trust');
  for (const directory of [nss, firefox])
    fixes.push(`certutil -A -d "sql:${directory}" -t C,, -n Loopyard -i ${ca}`);
  for (const fix of fixes)
    execFileSync('sh', ['-ec', fix.replace('sudo ', '')], {
      env: { ...process.env, HOME: person },
      stdio: 'pipe',
    });
  const after: Checks = await doctor(lab, { env });
  assert.ok(!(after.trust?.text ?? '').includes(lab.directory), after.trust?.text);
  assert.ok(readFileSync(env.NODE_EXTRA_CA_CERTS, 'utf8').includes(readFileSync(ca, 'utf8')));
});
