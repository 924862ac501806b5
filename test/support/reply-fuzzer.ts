/** Replies at random, by a seed: usual ones, and those that programs get wrong; then mutated. Pure. */

import { seeded } from './request-fuzzer.ts';

const FIRST = [
  'HTTP/1.1 200 OK',
  'HTTP/1.1 200 OK',
  'HTTP/1.0 200 OK',
  'HTTP/1.1 204 No Content',
  'HTTP/1.1 304 Not Modified',
  'HTTP/1.1 404',
  'HTTP/1.1 404 ',
  'HTTP/1.1 103 Early Hints',
  'HTTP/1.1 101 Switching Protocols',
  'HTTP/1.1 999 X',
  'HTTP/2 200',
];
const LINES = [
  'Content-Length: 2',
  'content-length: 2',
  'Content-Length: 3',
  'Content-Length: 0',
  'Content-Length: 02',
  'Content-Length: +2',
  'Content-Length: 2, 2',
  'Content_Length: 9',
  'Transfer-Encoding: chunked',
  'Transfer-Encoding: gzip',
  'Connection: close',
  'Connection: keep-alive',
  'Connection: X',
  'Keep-Alive: timeout=5',
  'Upgrade: websocket',
  'Via: 1.1 x',
  'X: \u00e9\u00ff',
  'X:',
  'X : a',
  'X: a\r\n b',
];
const BODIES = ['', 'ok', '\u00ff\0', 'ok!', '2\r\nok\r\n0\r\n\r\n', '\r\n\r\n', 'HTTP/1.1 200 OK\r\n\r\n'];
const SCRAPS = ['\r', '\n', '\r\n', '\r\n\r\n', '\0', ' ', '\t', ':', '\x7f', '0', '2', 'x'];

/** Latin1 bytes of a reply that ends with its body, too early, or behind it. */
export function fuzzedReply(seed: number): Buffer {
  const random = seeded(seed);
  const pick = (list: readonly string[]): string => list[Math.floor(random() * list.length)] ?? '';
  const first = random() < 0.6 ? 'HTTP/1.1 200 OK' : pick(FIRST);
  const lines: string[] = random() < 0.8 ? ['Content-Length: 2'] : [];
  if (random() < 0.5) lines.push(pick(LINES));
  const body = random() < 0.7 ? 'ok' : pick(BODIES);
  let text = `${first}\r\n${lines.map((line) => `${line}\r\n`).join('')}\r\n${body}`;
  for (let count = random() < 0.4 ? 1 + Math.floor(random() * 2) : 0; count > 0; count -= 1) {
    const at = Math.floor(random() * text.length);
    const gone = random() < 0.5 ? 1 : 0;
    text = text.slice(0, at) + (random() < 0.7 ? pick(SCRAPS) : '') + text.slice(at + gone);
  }
  return Buffer.from(text, 'latin1');
}
