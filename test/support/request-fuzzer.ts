/** Requests at random, by a seed: made of what real ones and known attacks are made of, then mutated. Pure. */

const METHODS = ['GET', 'POST', 'PUT', 'HEAD', 'OPTIONS', 'DELETE', 'PATCH', 'PROPFIND', 'get', 'CONNECT'];
const TARGETS = [
  '/',
  '/a?b=c',
  '*',
  'http://a.localhost/x',
  'http://b.localhost/',
  '/é',
  '//x',
  '/%00',
  '/a#b',
  'a:443',
  '',
];
const VERSIONS = ['HTTP/1.1', 'HTTP/1.1', 'HTTP/1.1', 'HTTP/1.0', 'HTTP/1.2', 'http/1.1', 'HTTP/2.0', ''];
/** Usual lines, and those by which requests are smuggled. */
const LINES = [
  'Host: a.localhost',
  'Host: b.localhost',
  'Host : a.localhost',
  'host:a.localhost:80',
  'Accept: */*',
  'Cookie: a=b; c="d"',
  'X-Forwarded-For: 6.6.6.6',
  'X_Forwarded_For: 6.6.6.6',
  'Content-Length: 5',
  'Content-Length: 0',
  'Content-Length: +5',
  'Content-Length: 5, 5',
  'Content-Length: 0x5',
  'Content-Length: 05',
  'Content-Length:\t5 ',
  'Content-Length: 99999999999999999999',
  'Content_Length: 5',
  'Content-Length : 5',
  'Transfer-Encoding: chunked',
  'Transfer-Encoding: Chunked ',
  'Transfer-Encoding: xchunked',
  'Transfer-Encoding: chunked, identity',
  'Transfer-Encoding: identity',
  'Transfer-Encoding : chunked',
  'Transfer-Encoding:\vchunked',
  'Transfer-Encoding: \x00chunked',
  'Transfer-Encoding',
  ' Transfer-Encoding: chunked',
  'X: a\r\n Transfer-Encoding: chunked',
  'X: a\nTransfer-Encoding: chunked',
  'X: a\rTransfer-Encoding: chunked',
  'Foo: bar\r\n\rTransfer-Encoding: chunked',
  'Connection: close',
  'Connection: keep-alive',
  'Connection: Content-Length',
  'Connection: X, close',
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Upgrade: h2c',
  'Expect: 100-continue',
  'Expect: 200-ok',
  'Trailer: X',
  'TE: trailers',
  'Via: 1.1 x',
  ': empty',
  'X\u00e9: a',
  'X: \u00e9\u00ff',
  'X:',
];
const BODIES = [
  '',
  'hello',
  '5\r\nhello\r\n0\r\n\r\n',
  '5;x="y"\r\nhello\r\n0\r\nX: a\r\n\r\n',
  '05\r\nhello\r\n0\r\n\r\n',
  '5\nhello\r\n0\r\n\r\n',
  '5\r\nhelloX\r\n0\r\n\r\n',
  '5 \r\nhello\r\n0\r\n\r\n',
  '+5\r\nhello\r\n0\r\n\r\n',
  '0x5\r\nhello\r\n0\r\n\r\n',
  '5\r\nhello\r\n0\r\nContent-Length: 5\r\n\r\n',
  '5\r\nhello\r\n0\n\n',
  '5;\n\r\nhello\r\n0\r\n\r\n',
  '100000000000000005\r\nhello\r\n0\r\n\r\n',
  '0\r\n\r\n',
];
/** Well-formed: to be mutated, and to be read behind what is not. */
const GOOD = [
  'GET /good?a=b HTTP/1.1\r\nHost: a.localhost\r\nAccept: */*\r\nX: \u00e9\r\n\r\n',
  'POST /good HTTP/1.1\r\nHost: a.localhost\r\nContent-Length: 5\r\n\r\nhello',
  'PUT /good HTTP/1.1\r\nHost: a.localhost\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n1\r\n!\r\n0\r\nX: a\r\n\r\n',
  'HEAD http://a.localhost/good HTTP/1.1\r\nHost: a.localhost\r\nConnection: X\r\nX: a\r\n\r\n',
  'GET /good HTTP/1.1\r\nHost: a.localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
];
const SCRAPS = [
  '\r',
  '\n',
  '\r\n',
  '\0',
  ' ',
  '\t',
  ':',
  ',',
  ';',
  '\x7f',
  '\xff',
  '\v',
  'x',
  '0',
  '5',
  '\r\n\r\n',
];

/** Behind each case: a reader that lost its place shows by it. */
const LAST = 'GET /last HTTP/1.1\r\nHost: a.localhost\r\n\r\n';

/** Latin1 bytes of up to three requests and a last, well-formed one. */
export function fuzzedRequests(seed: number): Buffer {
  const random = seeded(seed);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const chance = (of: number): boolean => random() < of;
  const request = (): string => {
    if (chance(0.5)) return pick(GOOD);
    const lines = chance(0.9) ? ['Host: a.localhost'] : [];
    for (let more = Math.floor(random() * 4); more > 0; more -= 1) lines.splice(random() * 3, 0, pick(LINES));
    const usual = chance(0.6);
    const line = usual
      ? `${chance(0.5) ? 'POST' : 'GET'} / HTTP/1.1`
      : `${pick(METHODS)} ${pick(TARGETS)} ${pick(VERSIONS)}`;
    return `${line}\r\n${lines.map((one) => `${one}\r\n`).join('')}\r\n${pick(BODIES)}`;
  };
  let text = '';
  for (let count = 1 + Math.floor(random() * 3); count > 0; count -= 1) text += request();
  for (let count = chance(0.5) ? 1 + Math.floor(random() * 3) : 0; count > 0; count -= 1) {
    const at = Math.floor(random() * text.length);
    const gone = chance(0.5) ? 1 + Math.floor(random() * 2) : 0;
    text = text.slice(0, at) + (chance(0.7) ? pick(SCRAPS) : '') + text.slice(at + gone);
  }
  return Buffer.from(text + LAST, 'latin1');
}

/** Numbers from 0 to 1, the same ones for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
