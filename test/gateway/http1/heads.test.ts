/** Heads and bodies as bytes: what is refused, what passes, and what passes on. Each refusal is a way to smuggle that is known by name. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bodyReader } from '../../../src/gateway/http1/body-reader.ts';
import { composeFields, composeRequest, forwardedFields } from '../../../src/gateway/http1/compose.ts';
import { isRefusal, parseRequestHead, type RequestHead } from '../../../src/gateway/http1/request-head.ts';
import { parseResponseHead } from '../../../src/gateway/http1/response-head.ts';

const HOST = 'Host: web.shop.localhost\r\n';

/** Bytes of a request head, and the status that it is refused with. */
const REFUSED: readonly (readonly [string, string, number])[] = [
  ['CL.TE', `POST / HTTP/1.1\r\n${HOST}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n`, 400],
  ['TE.CL', `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n`, 400],
  ['two lengths', `POST / HTTP/1.1\r\n${HOST}Content-Length: 5\r\nContent-Length: 6\r\n\r\n`, 400],
  ['the same length twice', `POST / HTTP/1.1\r\n${HOST}Content-Length: 5\r\nContent-Length: 5\r\n\r\n`, 400],
  ['a list of lengths', `POST / HTTP/1.1\r\n${HOST}Content-Length: 5, 5\r\n\r\n`, 400],
  ['a signed length', `POST / HTTP/1.1\r\n${HOST}Content-Length: +5\r\n\r\n`, 400],
  ['a length in hexadecimal', `POST / HTTP/1.1\r\n${HOST}Content-Length: 0x5\r\n\r\n`, 400],
  [
    'a length beyond every number',
    `POST / HTTP/1.1\r\n${HOST}Content-Length: 99999999999999999999\r\n\r\n`,
    400,
  ],
  [
    'two codings',
    `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n`,
    400,
  ],
  ['chunked and identity', `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked, identity\r\n\r\n`, 501],
  ['a coding with a vertical tab', `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: \x0bchunked\r\n\r\n`, 400],
  ['a coding with a tab', `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\t\r\n\r\n`, 400],
  ['a length with a tab', `POST / HTTP/1.1\r\n${HOST}Content-Length:\t5\r\n\r\n`, 400],
  ['chunked in HTTP/1.0', `POST / HTTP/1.0\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n`, 400],
  ['a space before the colon', `GET / HTTP/1.1\r\n${HOST}Transfer-Encoding : chunked\r\n\r\n`, 400],
  ['a folded line', `GET / HTTP/1.1\r\n${HOST}X: a\r\n b\r\n\r\n`, 400],
  ['LF alone', `GET / HTTP/1.1\n${HOST}\r\n`, 400],
  ['LF alone in a value', `GET / HTTP/1.1\r\n${HOST}X: a\nContent-Length: 5\r\n\r\n`, 400],
  ['CR alone in a value', `GET / HTTP/1.1\r\n${HOST}X: a\rContent-Length: 5\r\n\r\n`, 400],
  ['NUL in a value', `GET / HTTP/1.1\r\n${HOST}X: a\0b\r\n\r\n`, 400],
  ['NUL in a name', `GET / HTTP/1.1\r\n${HOST}X\0: a\r\n\r\n`, 400],
  ['an empty name', `GET / HTTP/1.1\r\n${HOST}: a\r\n\r\n`, 400],
  ['two hosts', `GET / HTTP/1.1\r\n${HOST}Host: other.localhost\r\n\r\n`, 400],
  ['no host', 'GET / HTTP/1.1\r\nX: a\r\n\r\n', 400],
  ['a host with user information', 'GET / HTTP/1.1\r\nHost: a@web.shop.localhost\r\n\r\n', 400],
  ['a target for another host', `GET http://other.localhost/ HTTP/1.1\r\n${HOST}\r\n`, 400],
  ['a byte above ASCII in the target', `GET /\xe9 HTTP/1.1\r\n${HOST}\r\n`, 400],
  ['a fragment', `GET /#a HTTP/1.1\r\n${HOST}\r\n`, 400],
  ['a space in the target', `GET /a b HTTP/1.1\r\n${HOST}\r\n`, 400],
  ['two spaces', `GET  / HTTP/1.1\r\n${HOST}\r\n`, 400],
  ['a method that is no token', `G(T / HTTP/1.1\r\n${HOST}\r\n`, 400],
  ['CONNECT', `CONNECT web.shop.localhost:443 HTTP/1.1\r\n${HOST}\r\n`, 405],
  ['HTTP/2 in text', `GET / HTTP/2.0\r\n${HOST}\r\n`, 505],
  ['HTTP/1.10', `GET / HTTP/1.10\r\n${HOST}\r\n`, 400],
  ['HTTP/0.9', 'GET /\r\n\r\n', 400],
  ['an asterisk with GET', `GET * HTTP/1.1\r\n${HOST}\r\n`, 400],
  ['Host named in Connection', `GET / HTTP/1.1\r\n${HOST}Connection: close, host\r\n\r\n`, 400],
  [
    'Content-Length named in Connection',
    `POST / HTTP/1.1\r\n${HOST}Content-Length: 5\r\nConnection: content-length\r\n\r\n`,
    400,
  ],
  ['another expectation', `POST / HTTP/1.1\r\n${HOST}Expect: a-lot\r\nContent-Length: 5\r\n\r\n`, 417],
  ['too many fields', `GET / HTTP/1.1\r\n${HOST}${'X: a\r\n'.repeat(300)}\r\n`, 400],
];

test('what programs could read differently is refused', () => {
  for (const [name, bytes, status] of REFUSED) {
    const head = parseRequestHead(Buffer.from(bytes, 'latin1'));
    assert.ok(isRefusal(head), `${name} passed`);
    assert.equal(head.status, status, `${name}: ${head.why}`);
  }
});

test('what passes on holds nothing of one hop, and nothing that a client says of itself', () => {
  const head = accepted(
    `GET http://WEB.shop.localhost/a?b HTTP/1.1\r\nHost: WEB.shop.localhost\r\nConnection: close, x-hop\r\nX-Hop: 1\r\nKeep-Alive: 5\r\nTE: trailers\r\nProxy-Connection: x\r\nX-Forwarded-For: 6.6.6.6\r\nX_Forwarded_Proto: ftp\r\nForwarded: for=6.6.6.6\r\nX-Real-IP: 6.6.6.6\r\nContent_Length: 5\r\nUpgrade: h2c\r\nHTTP2-Settings: x\r\nAccept: */*\r\nX_Own: kept\r\n\r\n`,
  );
  assert.equal(head.fields.host, 'web.shop.localhost');
  assert.equal(head.target, '/a?b');
  assert.equal(head.fields.keepAlive, false);
  assert.equal(head.fields.upgrade, null);
  const origin = { address: '127.0.0.1', secure: true, port: 443 };
  const text = composeRequest(
    head,
    composeFields(head.fields, forwardedFields(origin, head.fields.hostField)),
  );
  assert.equal(
    text,
    'GET /a?b HTTP/1.1\r\nHost: WEB.shop.localhost\r\nAccept: */*\r\nX_Own: kept\r\nX-Forwarded-For: 127.0.0.1\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: WEB.shop.localhost\r\nX-Forwarded-Port: 443\r\nForwarded: for=127.0.0.1;host="WEB.shop.localhost";proto=https\r\nVia: 1.1 loopyard\r\n\r\n',
  );
});

test('an upgrade passes only when Connection asks for it, and never to HTTP/2', () => {
  const ask = (fields: string): string | null =>
    accepted(`GET / HTTP/1.1\r\n${HOST}${fields}\r\n`).fields.upgrade;
  assert.equal(ask('Connection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n'), 'websocket');
  assert.equal(ask('Upgrade: websocket\r\n'), null);
  assert.equal(ask('Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: a\r\n'), null);
  assert.equal(ask('Connection: Upgrade\r\nUpgrade: websocket, h2c\r\n'), null);
});

test('replies are read as strictly, by the method and status that they answer', () => {
  const kind = (text: string, method = 'GET'): string => {
    const head = parseResponseHead({ bytes: Buffer.from(text, 'latin1'), text }, method);
    return typeof head === 'string' ? 'refused' : head.framing.kind;
  };
  assert.equal(kind('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n'), 'length');
  assert.equal(kind('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n', 'HEAD'), 'none');
  assert.equal(kind('HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n'), 'none');
  assert.equal(kind('HTTP/1.1 204\r\n\r\n'), 'none');
  assert.equal(kind('HTTP/1.0 200 OK\r\n\r\n'), 'until-close');
  for (const bad of [
    'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n',
    'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n',
    'HTTP/1.1 2000 OK\r\n\r\n',
    'HTTP/1.1 600 OK\r\n\r\n',
    'HTTP/2 200 OK\r\n\r\n',
    'HTTP/1.1 200 OK\n\r\n',
    'HTTP/1.1  200 OK\r\n\r\n',
    'ICY 200 OK\r\n\r\n',
  ])
    assert.equal(kind(bad), 'refused', JSON.stringify(bad));
});

test('a chunked body ends where it says, however its bytes arrive', () => {
  const bytes = Buffer.from('5;a="b"\r\nhello\r\n1\r\n!\r\n0\r\nX-Trailer: 1\r\n\r\nGET /next', 'latin1');
  for (let cut = 0; cut <= bytes.length; cut += 1) {
    const reader = bodyReader({ kind: 'chunked' });
    let content = '';
    const take = (piece: Buffer): void => {
      content += piece.toString('latin1');
    };
    const first = reader.read(bytes.subarray(0, cut), 0, take);
    assert.ok(typeof first !== 'string', `cut at ${cut}: ${String(first)}`);
    const rest = bytes.subarray(first.end);
    const last = first.done ? first : reader.read(rest, 0, take);
    assert.ok(typeof last !== 'string' && last.done);
    assert.equal(content, 'hello!');
    const left = first.done ? bytes.subarray(first.end) : rest.subarray(last.end);
    assert.equal(left.toString('latin1'), 'GET /next');
  }
});

test('chunks that programs could read differently are refused', () => {
  for (const body of [
    '+5\r\nhello\r\n',
    '0x5\r\nhello\r\n',
    ' 5\r\nhello\r\n',
    '5 \r\nhello\r\n',
    '5\nhello\r\n',
    '5\r\nhelloX\r\n',
    '5\r\nhello\n0\r\n\r\n',
    ';a\r\n',
    'FFFFFFFFFFFF\r\n',
    '5;a\nb\r\nhello\r\n',
    '5;a\tb\r\nhello\r\n',
    '5;a="b\r\nhello\r\n',
    '5;\r\nhello\r\n',
    '0\r\nContent-Length: 5\r\n\r\n',
    '0\r\nTransfer-Encoding: chunked\r\n\r\n',
    '0\r\nX : 1\r\n\r\n',
    '0\r\nX: 1\n\r\n',
    `5;${'a'.repeat(10_000)}\r\n`,
  ]) {
    const step = bodyReader({ kind: 'chunked' }).read(Buffer.from(body, 'latin1'), 0, () => undefined);
    assert.equal(typeof step, 'string', JSON.stringify(body.slice(0, 40)));
  }
});

function accepted(text: string): RequestHead {
  const head = parseRequestHead(Buffer.from(text, 'latin1'));
  assert.ok(!isRefusal(head), 'why' in head ? head.why : '');
  return head;
}
