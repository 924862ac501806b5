/** `lo share`: who is let in, what the others learn, and that nothing stays open. On loopback addresses, which can be chosen by hand. */

import assert from 'node:assert/strict';
import { request } from 'node:https';
import { connect, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { connect as connectSecurely } from 'node:tls';
import type { ShareReport } from '../../src/core/share.ts';
import { sharedAddress } from '../../src/daemon/shared-address.ts';
import { parseRequestHead, type RequestHead } from '../../src/gateway/http1/request-head.ts';
import { type Admission, admit, digestOf } from '../../src/gateway/share/admission.ts';
import type { InterfaceFacts } from '../../src/platform/facts.ts';
import { Lab, type Live } from '../support/lab.ts';
import { until } from '../support/until.ts';

const RULES: Admission = { digest: digestOf('right'), cookie: 'lo-share-8460', left: 60 };

test('who has the whole link is sent on without it, and is known from then on; nobody else is', () => {
  const kind = (line: string, fields = ''): string => admit(head(line, fields), RULES).kind;
  assert.equal(kind('GET /?lo-token=right'), 'welcome');
  assert.equal(kind('GET /a', 'Cookie: a=b; lo-share-8460=right\r\n'), 'enter');
  assert.equal(kind('GET /a', 'cookie: a=b\r\nCOOKIE: lo-share-8460=right;c=d\r\n'), 'enter');
  for (const [line, fields] of [
    ['GET /', ''],
    ['GET /?lo-token=', ''],
    ['GET /?lo-token=wrong', ''],
    ['GET /?lo-token=wrong&lo-token=right', ''],
    ['GET /?lo-token=right%20', ''],
    ['GET /?no-lo-token=right', ''],
    ['GET /right', 'Cookie: lo-share-8460=wrong\r\n'],
    ['GET /', 'Cookie: lo-share-8461=right\r\n'],
    ['GET /', 'Cookie: xlo-share-8460=right\r\n'],
    ['GET /', 'X-Cookie: lo-share-8460=right\r\n'],
    ['GET /', 'X-Own: a, Cookie: lo-share-8460=right\r\n'],
    ['GET /', 'Authorization: right\r\n'],
  ] as const)
    assert.equal(kind(line, fields), 'refused', `${line} ${fields}`);
});

test('the way on leads to the same place on the same host, also where a path looks like another host', () => {
  const way = (line: string): string => {
    const verdict = admit(head(line), RULES);
    assert.ok(verdict.kind === 'welcome');
    assert.equal(verdict.answer.status, 303);
    return /^Location: (.*)\r\n/m.exec(verdict.answer.fields)?.[1] ?? '';
  };
  assert.equal(way('GET /?lo-token=right'), 'https://10.1.2.3:8460/');
  assert.equal(way('GET /a?b=c&lo-token=right&d'), 'https://10.1.2.3:8460/a?b=c&d');
  assert.equal(way('GET //evil.example/?lo-token=right&lo-token=x'), 'https://10.1.2.3:8460//evil.example/');
  const verdict = admit(head('GET /?lo-token=right'), RULES);
  assert.ok(verdict.kind === 'welcome');
  assert.match(
    verdict.answer.fields,
    /\r\nSet-Cookie: lo-share-8460=right; Path=\/; Max-Age=60; HttpOnly; Secure; SameSite=Lax\r\n/,
  );
});

test('the address: one near by, or any of this machine by name, and never all at once', () => {
  const face = (kind: InterfaceFacts['kind'], ...addresses: string[]): InterfaceFacts => ({
    ...{ name: kind, kind, addresses, networks: [] },
  });
  const all = [
    face('loopback', '127.0.0.1', '::1'),
    face('bridge', '172.17.0.1'),
    face('vpn', '10.8.0.2'),
    face('wireless', 'fd00::5', '192.168.1.7'),
  ];
  assert.equal(sharedAddress(all, undefined), '192.168.1.7');
  assert.equal(sharedAddress(all, '10.8.0.2'), '10.8.0.2');
  assert.equal(sharedAddress(all, 'FD00::5'), 'fd00::5');
  assert.equal(sharedAddress(all, '127.0.0.9'), '127.0.0.9');
  const words = (wished: string | undefined, of = all): RegExp | object => ({
    ...{
      code: 'SHARE_REFUSED',
      message: wished === undefined ? /no IPv4 address/ : /0\.0\.0\.0|::|is no address/,
    },
    hint: of === all ? /192\.168\.1\.7/ : /--address/,
  });
  for (const wished of ['0.0.0.0', '::', '192.168.1.8', 'web', ''])
    assert.throws(() => sharedAddress(all, wished), words(wished), wished);
  assert.throws(() => sharedAddress([face('bridge', '172.17.0.1')], undefined), words(undefined, []));
});

test('a service is shared with who has the link, as long as the command runs and not longer', async (t) => {
  const lab = await served(t);
  const { live, report } = await share(lab, ['web', '--address', '127.0.0.9', '--yes']);
  assert.match(report.url, /^https:\/\/127\.0\.0\.9:\d+\/\?lo-token=[\w-]{22}$/);
  assert.match(report.fingerprint, /^([0-9A-F]{2}:){31}[0-9A-F]{2}$/);
  assert.match(live.stderr, /opens web to other machines, at 127\.0\.0\.9/);
  const stranger = await ask(report, '/');
  assert.equal(stranger.status, 403);
  assert.doesNotMatch(stranger.text, /hello|web/);
  assert.equal(stranger.fingerprint, report.fingerprint);
  const first = await ask(report, new URL(report.url).pathname + new URL(report.url).search);
  assert.equal(first.status, 303);
  assert.equal(first.fields.location, `https://127.0.0.9:${report.port}/`);
  const cookie = String(first.fields['set-cookie']).split(';')[0] ?? '';
  const inside = await ask(report, '/page', { cookie });
  assert.deepEqual([inside.status, inside.text], [200, 'hello from web /page']);
  assert.match(await upgraded(report, ''), /^HTTP\/1\.1 403 /);
  assert.match(await upgraded(report, `Cookie: ${cookie}\r\n`), /^HTTP\/1\.1 101 [\s\S]*\r\n\r\nwelcome$/);
  await until(() =>
    /127\.0\.0\.1 came without the link[\s\S]*127\.0\.0\.1 opened the link/.test(live.stderr),
  );
  // Not even somebody who is in keeps it open.
  const open = await opened(report);
  live.child.kill('SIGINT');
  assert.equal((await live.finished).code, 130);
  await until(() => open.closed);
  await assert.rejects(dialled(report), { code: 'ECONNREFUSED' });
});

test('its time ends it, and so does the end of the command by SIGKILL', async (t) => {
  const lab = await served(t);
  const short = await share(lab, ['web', '--address', '127.0.0.9', '--for', '1s', '--yes']);
  assert.equal((await short.live.finished).code, 0);
  assert.match(short.live.stderr, /no longer shared/);
  const killed = await share(lab, ['--address', '127.0.0.9', '--yes']);
  killed.live.child.kill('SIGKILL');
  await killed.live.finished;
  await assert.rejects(dialled(killed.report), { code: 'ECONNREFUSED' });
});

test('nothing is shared without a yes, of what is not there, at what is taken, or for ever', async (t) => {
  const lab = await served(t);
  const refused = async (args: readonly string[], code: number, said: RegExp): Promise<void> => {
    const result = await lab.lo(['share', ...args]);
    assert.equal(result.code, code, result.stderr);
    assert.match(result.stderr, said);
  };
  await refused(['web', '--address', '127.0.0.9'], 2, /NEEDS_CONFIRMATION[\s\S]*--yes/);
  await refused(['wep', '--yes'], 2, /SERVICE_UNKNOWN[\s\S]*did you mean `web`/);
  await refused(['secure', '--address', '127.0.0.9', '--yes'], 2, /SHARE_REFUSED.*speaks HTTPS itself/);
  await refused(['web', '--address', '0.0.0.0', '--yes'], 2, /SHARE_REFUSED.*every address/);
  await refused(['web', '--address', '203.0.113.5', '--yes'], 2, /SHARE_REFUSED.*no address of this machine/);
  await refused(['web', '--for', '25h', '--yes'], 2, /USAGE.*at most 24h/);
  await refused(['web', '--port', '0', '--yes'], 2, /USAGE.*no whole number/);
  const { endpoints } = await lab.service('web');
  const [{ address = '', port = 0 } = {}] = endpoints;
  await refused(['web', '--address', address, '--port', `${port}`, '--yes'], 2, /EADDRINUSE[\s\S]*lo why/);
});

function head(line: string, fields = ''): RequestHead {
  const parsed = parseRequestHead(Buffer.from(`${line} HTTP/1.1\r\nHost: 10.1.2.3:8460\r\n${fields}\r\n`));
  assert.ok(!('why' in parsed));
  return parsed;
}

async function served(t: TestContext): Promise<Lab> {
  const lab = Lab.create(t);
  lab.write(
    'server.js',
    `require('http')
      .createServer((q, r) => r.end('hello from web ' + q.url))
      .on('upgrade', (q, s) => s.end('HTTP/1.1 101 Switching Protocols\\r\\nConnection: Upgrade\\r\\nUpgrade: chat\\r\\n\\r\\nwelcome'))
      .listen(Number(process.env.PORT), process.env.HOST)`,
  );
  lab.write(
    'loopyard.yaml',
    'name: shop\nservices:\n  web: { run: exec node server.js, port: 3000, ready: { http: / } }\n  secure: { run: exec node server.js, port: { https: 3443 } }\n',
  );
  await lab.must(['up', '--detach']);
  return lab;
}

async function share(lab: Lab, args: readonly string[]): Promise<{ live: Live; report: ShareReport }> {
  const live = lab.start(['share', ...args, '--json']);
  await live.says(/\}\n$/);
  return { live, report: JSON.parse(live.stdout) as ShareReport };
}

interface Reply {
  readonly status: number;
  readonly text: string;
  readonly fields: NodeJS.Dict<string | string[]>;
  readonly fingerprint: string;
}

function ask(
  { address, port }: ShareReport,
  path: string,
  headers: Record<string, string> = {},
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const options = { host: address, port, path, headers, rejectUnauthorized: false, agent: false };
    request(options, (response) => {
      const { fingerprint256: fingerprint } = (
        response.socket as import('node:tls').TLSSocket
      ).getPeerCertificate();
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, text, fields: response.headers, fingerprint }),
      );
    })
      .on('error', reject)
      .end();
  });
}

async function opened({ address, port }: ShareReport): Promise<Socket> {
  const socket = connectSecurely({ host: address, port, rejectUnauthorized: false });
  socket.on('error', () => undefined).resume();
  await new Promise((resolve) => socket.once('secureConnect', resolve));
  return socket;
}

/** All that is said to somebody who asks for another protocol. */
async function upgraded(report: ShareReport, fields: string): Promise<string> {
  const socket = await opened(report);
  let text = '';
  socket.setEncoding('latin1').on('data', (part: string) => {
    text += part;
  });
  const lines = 'Host: a\r\nConnection: Upgrade\r\nUpgrade: chat\r\n';
  socket.write(`GET /chat HTTP/1.1\r\n${lines}${fields}\r\n`);
  await until(() => socket.readableEnded || text.endsWith('link.\n'));
  socket.destroy();
  return text;
}

function dialled({ address, port }: ShareReport): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, address);
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.destroy();
      resolve();
    });
  });
}
