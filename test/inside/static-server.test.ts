/** The static file server as a program: each test starts one on a free port of 127.0.0.1 and speaks HTTP to it. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { ended, PROGRAM, pick, raw, serve } from './site.ts';

test('says once where it listens, and serves files with their types', async (t) => {
  const site = await serve(t);
  assert.equal(site.line, `serves ${site.root} on http://127.0.0.1:${site.port}`);
  const home = await site.get('/');
  assert.equal(home.status, 200);
  assert.equal(home.body, '<h1>häuptling</h1>');
  assert.equal(home.headers['content-type'], 'text/html; charset=utf-8');
  assert.equal(home.headers['content-length'], '19');
  assert.equal(home.headers['x-content-type-options'], 'nosniff');
  const script = await site.get(`/sub/${encodeURIComponent('ümläut & more.js')}?v=1`);
  assert.equal(script.headers['content-type'], 'text/javascript; charset=utf-8');
  assert.equal(script.body, '1');
  writeFileSync(join(site.root, 'blob.zzz'), Buffer.from([0, 255]));
  assert.equal((await site.get('/blob.zzz')).headers['content-type'], 'application/octet-stream');
  writeFileSync(join(site.root, 'x.constructor'), 'x');
  assert.equal((await site.get('/x.constructor')).headers['content-type'], 'application/octet-stream');
  writeFileSync(join(site.root, 'empty.css'), '');
  assert.deepEqual(pick(await site.get('/empty.css')), { status: 200, body: '' });
});

test('answers HEAD without a body, and nothing but GET and HEAD', async (t) => {
  const site = await serve(t);
  const head = await site.get('/a.txt', {}, 'HEAD');
  assert.equal(head.status, 200);
  assert.equal(head.headers['content-length'], '10');
  assert.equal(head.body, '');
  for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'PROPFIND']) {
    const refused = await site.get('/a.txt', {}, method);
    assert.equal(refused.status, 405, method);
    assert.equal(refused.headers.allow, 'GET, HEAD');
  }
});

test('tells what has not changed', async (t) => {
  const site = await serve(t);
  const first = await site.get('/a.txt');
  const etag = first.headers.etag ?? '';
  const modified = first.headers['last-modified'] ?? '';
  assert.match(etag, /^"[0-9a-z-]+"$/);
  assert.deepEqual(pick(await site.get('/a.txt', { 'If-None-Match': etag })), { status: 304, body: '' });
  assert.equal((await site.get('/a.txt', { 'If-None-Match': `"x", W/${etag}` })).status, 304);
  assert.equal(
    (await site.get('/a.txt', { 'If-None-Match': '"x"', 'If-Modified-Since': modified })).status,
    200,
  );
  assert.equal((await site.get('/a.txt', { 'If-Modified-Since': modified })).status, 304);
  assert.equal((await site.get('/a.txt', { 'If-Modified-Since': 'yesterday' })).status, 200);
  appendFileSync(join(site.root, 'a.txt'), '!');
  assert.equal((await site.get('/a.txt', { 'If-None-Match': etag })).status, 200);
});

test('sends parts', async (t) => {
  const site = await serve(t);
  const part = async (range: string, more = {}): Promise<readonly [number, string, string | undefined]> => {
    const { status, body, headers } = await site.get('/a.txt', { Range: range, ...more });
    return [status, body, headers['content-range']];
  };
  assert.deepEqual(await part('bytes=2-4'), [206, 'cde', 'bytes 2-4/10']);
  assert.deepEqual(await part('bytes=7-'), [206, 'hij', 'bytes 7-9/10']);
  assert.deepEqual(await part('bytes=-3'), [206, 'hij', 'bytes 7-9/10']);
  assert.deepEqual(await part('bytes=-99'), [206, 'abcdefghij', 'bytes 0-9/10']);
  assert.deepEqual(await part('bytes=8-99'), [206, 'ij', 'bytes 8-9/10']);
  assert.deepEqual((await part('bytes=10-')).slice(0, 3), [416, '416 there is no such part\n', 'bytes */10']);
  assert.equal((await part('bytes=-0'))[0], 416);
  for (const whole of ['bytes=4-2', 'bytes=1-2,4-5', 'lines=1-2', 'bytes=-', 'bytes=a-b'])
    assert.deepEqual(await part(whole), [200, 'abcdefghij', undefined], whole);
  assert.equal((await part('bytes=0-1', { 'If-Range': '"other"' }))[0], 200);
  const etag = (await site.get('/a.txt')).headers.etag ?? '';
  assert.equal((await part('bytes=0-1', { 'If-Range': etag }))[0], 206);
});

test('leads to directories with their slash, and to no other site', async (t) => {
  const site = await serve(t);
  const moved = await site.get('/sub?q=1');
  assert.equal(moved.status, 302);
  assert.equal(moved.headers.location, '/sub/?q=1');
  assert.equal((await site.get('/sub/')).status, 404);
  assert.equal((await site.get('/a.txt/')).status, 404);
  mkdirSync(join(site.root, 'evil.example'));
  assert.equal((await site.get('//evil.example')).status, 404);
  assert.equal((await site.get('/\\evil.example')).status, 404);
});

test('never leaves its root', async (t) => {
  const site = await serve(t);
  symlinkSync(join(site.outside, 'secret.txt'), join(site.root, 'link.txt'));
  symlinkSync(site.outside, join(site.root, 'updir'));
  symlinkSync('loop', join(site.root, 'loop'));
  symlinkSync(join(site.root, 'a.txt'), join(site.root, 'inner.txt'));
  mkdirSync(join(site.outside, 'site-twin'));
  writeFileSync(join(site.outside, 'site-twin', 'x.txt'), 'secret');
  symlinkSync(join(site.outside, 'site-twin'), join(site.root, 'twin'));
  for (const path of [
    '/../secret.txt',
    '/sub/../../secret.txt',
    '/%2e%2e/secret.txt',
    '/..%2fsecret.txt',
    '/sub%2fpage.html',
    '/..%5csecret.txt',
    '/sub\\page.html',
    '/a.txt%00.html',
    '/%00',
    '/.env',
    '/sub/./page.html',
    '/%2eenv',
    '/link.txt',
    '/updir/secret.txt',
    '/twin/x.txt',
    '/loop',
    `/${'x'.repeat(5000)}`,
  ]) {
    const { status, body } = await site.get(path);
    assert.equal(status, 404, path);
    assert.equal(body, '404 not found\n', path);
  }
  assert.equal((await site.get('/%ff')).status, 400);
  assert.equal((await site.get('/%zz')).status, 400);
  assert.equal((await site.get('/inner.txt')).body, 'abcdefghij');
});

test('does not wait for a pipe and does not serve what is no file', async (t) => {
  const site = await serve(t);
  assert.equal(spawnSync('mkfifo', [join(site.root, 'pipe')]).status, 0);
  assert.equal((await site.get('/pipe')).status, 404);
});

test('answers its own names only', async (t) => {
  const site = await serve(t);
  for (const host of [
    '127.0.0.1',
    `127.0.0.1:${site.port}`,
    'localhost:1',
    'LOCALHOST',
    'web.shop.localhost',
    'web.shop.localhost:8443',
  ])
    assert.equal((await site.get('/a.txt', { Host: host })).status, 200, host);
  for (const host of [
    'example.com',
    '127.0.0.2',
    'localhost.example.com',
    'xlocalhost',
    'a@localhost:x',
    '[::1]',
  ])
    assert.equal((await site.get('/a.txt', { Host: host })).status, 403, host);
  const old = await raw(site.port, 'GET /a.txt HTTP/1.0\r\n\r\n');
  assert.match(old, /^HTTP\/1\.1 403 /);
  const absolute = await raw(
    site.port,
    'GET http://localhost/a.txt HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n',
  );
  assert.match(absolute, /^HTTP\/1\.1 200 .*abcdefghij$/s);
  const star = await raw(site.port, 'GET * HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
  assert.match(star, /^HTTP\/1\.1 400 /);
});

test('--spa answers pages with the index, missing files with 404', async (t) => {
  const site = await serve(t, ['--spa']);
  for (const path of ['/orders', '/orders/7/', '/sub/']) {
    const page = await site.get(path);
    assert.deepEqual(pick(page), { status: 200, body: '<h1>häuptling</h1>' }, path);
    assert.equal(page.headers['content-type'], 'text/html; charset=utf-8');
  }
  assert.equal((await site.get('/users/a.b', { Accept: 'text/html' })).status, 200);
  assert.equal((await site.get('/gone.js')).status, 404);
  assert.equal((await site.get('/.env')).status, 404);
  assert.equal((await site.get('/..%2fsecret.txt')).status, 404);
});

test('--listing shows names, nothing hidden, nothing that runs', async (t) => {
  const site = await serve(t, ['--listing']);
  writeFileSync(join(site.root, 'sub', '<img src=x onerror=alert(1)>'), '');
  writeFileSync(join(site.root, 'sub', 'javascript:alert(1)'), '');
  writeFileSync(join(site.root, 'sub', '.hidden'), '');
  const page = await site.get('/sub/');
  assert.equal(page.status, 200);
  assert.equal(page.headers['content-security-policy'], "default-src 'none'");
  assert.match(page.body, /<a href="\.\/deep\/">deep\/<\/a>/);
  assert.match(page.body, /%C3%BCml%C3%A4ut%20%26%20more\.js">ümläut &#38; more\.js</);
  assert.doesNotMatch(page.body, /<img|href="javascript:|hidden/);
});

test('a slow reader gets all of a large file, and little of it is held in memory', async (t) => {
  const site = await serve(t);
  const size = 200_000_000;
  writeFileSync(join(site.root, 'large.bin'), '');
  truncateSync(join(site.root, 'large.bin'), size);
  const socket = connect(site.port, '127.0.0.1');
  socket.write('GET /large.bin HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
  await new Promise((resolve) => socket.once('readable', resolve));
  // The server has sent what the kernel takes and waits; another reader is served meanwhile.
  assert.equal((await site.get('/a.txt')).status, 200);
  assert.ok(socket.bytesRead < size / 2);
  let received = 0;
  for await (const chunk of socket) received += (chunk as Buffer).length;
  assert.ok(received > size, `${received} bytes`);
});

test('what shrinks while it is sent ends in an error, not in a short file', async (t) => {
  const site = await serve(t);
  const file = join(site.root, 'large.bin');
  writeFileSync(file, '');
  truncateSync(file, 200_000_000);
  const failed = new Promise<string>((resolve, reject) => {
    request({ host: '127.0.0.1', port: site.port, path: '/large.bin', agent: false }, (response) => {
      truncateSync(file, 100);
      response.on('error', (error) => resolve(error.message));
      response.on('end', () => reject(new Error('taken for the whole file')));
      response.resume();
    }).end();
  });
  assert.equal(await failed, 'aborted');
});

test('SIGTERM: what is being sent is sent to its end, then it ends', async (t) => {
  const site = await serve(t);
  writeFileSync(join(site.root, 'large.bin'), '');
  truncateSync(join(site.root, 'large.bin'), 50_000_000);
  const socket = connect(site.port, '127.0.0.1');
  socket.write('GET /large.bin HTTP/1.1\r\nHost: localhost\r\n\r\n');
  const idle = connect(site.port, '127.0.0.1');
  await new Promise((resolve) => idle.once('connect', resolve));
  await new Promise((resolve) => socket.once('readable', resolve));
  const asked = performance.now();
  const end = ended(site.child, 'SIGTERM');
  let received = 0;
  for await (const chunk of socket) received += (chunk as Buffer).length;
  assert.ok(received > 50_000_000);
  assert.equal((await end).code, 0);
  assert.ok(performance.now() - asked < 2_500, 'connections without a request are not waited for');
  idle.destroy();
});

test('says what is wrong with its arguments', () => {
  const run = (...args: string[]): string => {
    const { status, stderr } = spawnSync(process.execPath, [PROGRAM, ...args], { encoding: 'utf8' });
    assert.equal(status, 1);
    return stderr;
  };
  assert.equal(run(), 'static-server: --root DIR is missing\n');
  assert.match(run('--root', '/tmp', '--host', '0.0.0.0'), /0\.0\.0\.0 is no loopback address/);
  assert.match(run('--root', '/tmp', '--port', '70000'), /70000 is no port/);
  assert.match(run('--root', '/no/such'), /ENOENT/);
  assert.match(run('--root', PROGRAM), /is not a directory/);
  assert.match(run('--root', '/tmp', '--nonsense'), /nonsense/);
});

test('says that its port is taken', async (t) => {
  const site = await serve(t);
  const args = [PROGRAM, '--root', site.root, '--port', String(site.port)];
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  assert.equal(status, 1);
  assert.match(stderr, /EADDRINUSE/);
});
