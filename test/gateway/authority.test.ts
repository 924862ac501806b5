/**
 * The home's authority: what it may vouch for, proved against OpenSSL, curl, Python, Node and NSS, and what happens to files that are
 * torn, lost, foreign or out of date.
 */

import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { gatewayPaths, homePaths } from '../../src/core/paths.ts';
import {
  authorityOf,
  type CertificateTools,
  certificateFor,
} from '../../src/daemon/authority/certificates.ts';
import { extraCertificates } from '../../src/daemon/authority/report.ts';
import { makeLeaf } from '../../src/daemon/authority/x509.ts';
import { ensureProgram } from '../support/debian.ts';

const run = promisify(execFile);
const DAY = 86_400_000;
const GOOD = 'web.shop.localhost';
const BANK = 'bank.example.com';

test('OpenSSL takes a leaf for a local name and refuses one for a bank, signed by the same key', async (t) => {
  const scene = await twoLeaves(t);
  const verify = (file: string): string =>
    execFileSync('openssl', ['verify', '-x509_strict', '-CAfile', scene.authority, file], {
      encoding: 'utf8',
    });
  assert.match(verify(scene.good), /: OK/);
  assert.throws(() => verify(scene.bank), /permitted subtree violation/);
});

test('curl, Python and Node reach the local name and refuse the bank', async (t) => {
  const scene = await twoLeaves(t);
  for (const [program, ask] of Object.entries(CLIENTS)) {
    if ((await ensureProgram(t, { program, package: program })) === null) return;
    const good = await serve(t, scene.good);
    assert.equal(await ask(scene.authority, GOOD, good), 'hello', program);
    const bank = await serve(t, scene.bank);
    await assert.rejects(
      ask(scene.authority, BANK, bank),
      /permitted subtree|PERMITTED|verify failed|SSL certificate/,
    );
  }
});

test('NSS, as in Chromium and Firefox, takes the one and refuses the other', async (t) => {
  if ((await ensureProgram(t, { program: 'certutil', package: 'libnss3-tools' })) === null) return;
  const scene = await twoLeaves(t);
  const database = `sql:${scene.directory}`;
  const certutil = (...args: readonly string[]): string =>
    execFileSync('certutil', ['-d', database, ...args], { encoding: 'utf8' });
  certutil('-N', '--empty-password');
  certutil('-A', '-t', 'C,,', '-n', 'authority', '-i', scene.authority);
  certutil('-A', '-t', ',,', '-n', 'good', '-i', scene.good);
  certutil('-A', '-t', ',,', '-n', 'bank', '-i', scene.bank);
  assert.match(certutil('-V', '-u', 'V', '-n', 'good'), /is valid/);
  // It says why on its standard output.
  assert.throws(
    () => certutil('-V', '-u', 'V', '-n', 'bank'),
    ({ stdout }: { stdout: string }) => /certificate is invalid.*(?:name|issued)/i.test(stdout),
  );
});

test('an authority is made once, even when two ask at once, and its key is private', async (t) => {
  const { tools, notices } = home(t);
  const [one, other] = await Promise.all([authorityOf(tools), authorityOf(tools)]);
  assert.deepEqual(one, other);
  assert.deepEqual(await authorityOf(tools), one);
  assert.equal(statSync(tools.paths.authorityKey).mode & 0o777, 0o600);
  assert.deepEqual(notices, []);
});

const DAMAGE: Readonly<Record<string, readonly [(tools: CertificateTools) => void, RegExp]>> = {
  'its certificate is deleted': [({ paths }) => rmSync(paths.authority), /is gone.*lo trust/],
  'its key is deleted': [({ paths }) => rmSync(paths.authorityKey), /has lost its key/],
  'its certificate is torn': [({ paths }) => tear(paths.authority), /is torn/],
  'its key is torn': [({ paths }) => tear(paths.authorityKey), /is torn/],
  'its certificate is empty': [({ paths }) => writeFileSync(paths.authority, ''), /is torn/],
};

for (const [what, [damage, words]] of Object.entries(DAMAGE)) {
  test(`${what}: a new authority and new leaves are made, and it is said`, async (t) => {
    const { tools, notices } = home(t);
    const before = await authorityOf(tools);
    const leaf = await certificateFor(tools, [GOOD]);
    damage(tools);
    const after = await authorityOf(tools);
    assert.notEqual(after.certificate, before.certificate);
    assert.match(notices.join('\n'), words);
    assert.equal(existsSync(leaf.certificate), false);
    assertIssued(await certificateFor(tools, [GOOD]), tools);
  });
}

test('a leaf that is torn, or has the key of another, is made anew, and nothing else is', async (t) => {
  const { tools, notices } = home(t);
  const authority = await authorityOf(tools);
  const leaf = await certificateFor(tools, [GOOD]);
  const other = await certificateFor(tools, ['api.shop.localhost']);
  for (const damage of [
    (): void => tear(leaf.certificate),
    (): void => tear(leaf.key),
    (): void => writeFileSync(leaf.key, readFileSync(other.key)),
  ]) {
    damage();
    assertIssued(await certificateFor(tools, [GOOD]), tools);
  }
  assert.equal(notices.length, 3);
  assert.match(notices.join('\n'), /is torn[\s\S]*has the key of another/);
  assert.deepEqual(await authorityOf(tools), authority);
});

test('leaves are renewed a month before their end; an authority that ended is made anew', async (t) => {
  const { tools, notices, clock } = home(t);
  const authority = await authorityOf(tools);
  const leaf = await certificateFor(tools, [GOOD]);
  const first = readFileSync(leaf.certificate, 'utf8');
  clock.now += 59 * DAY;
  await certificateFor(tools, [GOOD]);
  assert.equal(readFileSync(leaf.certificate, 'utf8'), first);
  clock.now += 2 * DAY;
  await certificateFor(tools, [GOOD]);
  assert.notEqual(readFileSync(leaf.certificate, 'utf8'), first);
  assert.match(notices.join('\n'), /ends soon/);
  clock.now += 3700 * DAY;
  assert.notDeepEqual(await authorityOf(tools), authority);
  assert.match(notices.join('\n'), /has expired.*lo trust/);
});

test('a clock that goes back a month asks for no new trust, only for new leaves', async (t) => {
  const { tools, notices, clock } = home(t);
  const authority = await authorityOf(tools);
  const leaf = await certificateFor(tools, [GOOD]);
  clock.now -= 30 * DAY;
  await certificateFor(tools, [GOOD]);
  assert.deepEqual(await authorityOf(tools), authority);
  assert.match(notices.join('\n'), /not valid yet by this clock/);
  const { validFrom } = new X509Certificate(readFileSync(leaf.certificate));
  assert.ok(Date.parse(validFrom) <= clock.now);
});

test('certificates that a caller trusts already are joined with ours, in a file of ours', async (t) => {
  const { tools, directory } = home(t);
  const { paths } = tools;
  assert.equal(extraCertificates(paths, undefined), null);
  const ours = (await authorityOf(tools)).certificate;
  assert.equal(extraCertificates(paths, undefined), paths.authority);
  const theirs = join(directory, 'company.pem');
  writeFileSync(theirs, 'their certificate');
  const joined = extraCertificates(paths, theirs) ?? '';
  assert.ok(joined.startsWith(paths.directory));
  assert.equal(readFileSync(joined, 'utf8').trim(), `their certificate\n${ours}`.trim());
  assert.equal(readFileSync(theirs, 'utf8'), 'their certificate');
  assert.equal(extraCertificates(paths, joined), joined);
  assert.equal(extraCertificates(paths, join(directory, 'none.pem')), null);
});

type Ask = (authority: string, name: string, port: number) => Promise<string>;

const CLIENTS: Readonly<Record<string, Ask>> = {
  curl: async (authority, name, port) => {
    const where = ['--cacert', authority, '--resolve', `${name}:${port}:127.0.0.1`];
    return (await run('curl', ['-sS', '--noproxy', '*', ...where, `https://${name}:${port}/`])).stdout;
  },
  python3: async (authority, name, port) => {
    const code = `
import socket, ssl, sys
context = ssl.create_default_context(cafile=sys.argv[1])
with context.wrap_socket(socket.create_connection(('127.0.0.1', int(sys.argv[3])), 10), server_hostname=sys.argv[2]) as s:
    s.sendall(b'GET / HTTP/1.0\\r\\n\\r\\n')
    print(s.makefile('rb').read().split(b'\\r\\n\\r\\n')[1].decode(), end='')`;
    return (await run('python3', ['-c', code, authority, name, String(port)])).stdout;
  },
  node: async (authority, name, port) => {
    const code = `
require('node:https').get({ host: '127.0.0.1', port: process.argv[2], servername: process.argv[1], agent: false }, (response) => response.pipe(process.stdout))`;
    const env = { ...process.env, NODE_EXTRA_CA_CERTS: authority };
    return (await run(process.execPath, ['-e', code, name, String(port)], { env })).stdout;
  },
};

interface Scene {
  readonly directory: string;
  readonly authority: string;
  readonly good: string;
  readonly bank: string;
}

async function twoLeaves(t: TestContext): Promise<Scene> {
  const { tools, directory } = home(t);
  const authority = await authorityOf(tools);
  const write = async (name: string): Promise<string> => {
    const leaf = await makeLeaf(authority, [name], Date.now());
    const file = join(directory, `${name}.pem`);
    writeFileSync(file, leaf.certificate);
    writeFileSync(`${file}.key`, leaf.key);
    return file;
  };
  return {
    directory,
    authority: tools.paths.authority,
    good: await write(GOOD),
    bank: await write(BANK),
  };
}

async function serve(t: TestContext, leaf: string): Promise<number> {
  const options = { cert: readFileSync(leaf), key: readFileSync(`${leaf}.key`) };
  const server = createServer(options, (_request, response) => response.end('hello'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  return (server.address() as AddressInfo).port;
}

interface Home {
  readonly directory: string;
  readonly tools: CertificateTools;
  readonly notices: string[];
  readonly clock: { now: number };
}

function home(t: TestContext): Home {
  const directory = mkdtempSync(join(tmpdir(), 'authority-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const paths = gatewayPaths(
    homePaths({ variables: { LOOPYARD_HOME: directory }, homedir: directory }, () => directory),
  );
  const notices: string[] = [];
  const clock = { now: Date.now() };
  return {
    directory,
    notices,
    clock,
    tools: { paths, now: () => clock.now, notice: (words) => notices.push(words) },
  };
}

function assertIssued(leaf: { readonly certificate: string }, { paths }: CertificateTools): void {
  const authority = new X509Certificate(readFileSync(paths.authority));
  assert.ok(new X509Certificate(readFileSync(leaf.certificate)).verify(authority.publicKey));
}

function tear(file: string): void {
  const text = readFileSync(file, 'utf8');
  writeFileSync(file, text.slice(0, text.length / 2));
}
