/** Cutting bytes into lines: the same lines with the same offsets, however the bytes arrive. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LineSplitter, PIECE_BYTES, type RawLine } from '../../src/supervisor/logs/line-splitter.ts';

function split(chunks: readonly Buffer[], offset = 0): RawLine[] {
  const splitter = new LineSplitter(offset);
  const lines: RawLine[] = [];
  for (const chunk of chunks) {
    const shared = Buffer.from(chunk);
    splitter.push(shared, lines);
    // The reader uses its buffer again.
    shared.fill(0x21);
  }
  splitter.flush(lines, false);
  return lines;
}

function pieces(bytes: Buffer, size: number): Buffer[] {
  const found: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += size) found.push(bytes.subarray(at, at + size));
  return found;
}

const SAMPLES: readonly Buffer[] = [
  Buffer.from('one\ntwo\r\n\nthree'),
  Buffer.from('é中😀 x\n\u001b[31mred\u001b[0m\n\r\n\r'),
  Buffer.from([0xff, 0xfe, 0x0a, 0xc3, 0x0a, 0xe4, 0xb8, 0x0a, 0x00, 0x00, 0x0a, 0xf0, 0x9f, 0x98]),
  Buffer.from('\n\n\n'),
  Buffer.from(''),
];

test('lines and offsets do not depend on how the bytes arrive', () => {
  for (const sample of SAMPLES) {
    const expected = split([sample], 100);
    for (const size of [1, 2, 3, 5, 7]) assert.deepEqual(split(pieces(sample, size), 100), expected);
  }
});

test('each line has the offset of its first byte', () => {
  const bytes = Buffer.from('é\r\nab\nü');
  assert.deepEqual(split([bytes], 10), [
    { offset: 10, text: 'é', partial: false },
    { offset: 14, text: 'ab', partial: false },
    { offset: 17, text: 'ü', partial: false },
  ]);
});

test('bytes that are no UTF-8 become U+FFFD and never swallow a line end', () => {
  const lines = split([Buffer.from([0xe4, 0x0a, 0x41, 0xff, 0x0a, 0xf0, 0x9f, 0x0a])]);
  assert.deepEqual(
    lines.map(({ offset, text }) => [offset, text]),
    [
      [0, '\ufffd'],
      [2, 'A\ufffd'],
      [5, '\ufffd'],
    ],
  );
});

test('random bytes: nothing lost, nothing twice', () => {
  for (let round = 0; round < 300; round++) {
    const bytes = Buffer.from(
      Array.from({ length: 200 }, () => {
        const kind = Math.random();
        return kind < 0.1 ? 0x0a : kind < 0.2 ? 0x0d : Math.floor(Math.random() * 256);
      }),
    );
    const lines = split(pieces(bytes, 1 + Math.floor(Math.random() * 50)));
    const rest = bytes.at(-1) === 0x0a ? [] : [bytes.lastIndexOf(0x0a) + 1];
    const starts = [0, ...[...bytes.entries()].filter(([, byte]) => byte === 0x0a).map(([at]) => at + 1)];
    const expected = rest.length === 1 ? starts : starts.slice(0, -1);
    assert.deepEqual(
      lines.map((line) => line.offset),
      expected,
    );
    for (const [index, line] of lines.entries()) {
      const raw = bytes.subarray(line.offset, expected[index + 1] ?? bytes.length).toString();
      assert.equal(line.text, raw.replace(/\n$/, '').replace(/\r$/, ''));
    }
  }
});

test('a line of any length comes in pieces that cut no character, from little memory', () => {
  const splitter = new LineSplitter(0);
  const lines: RawLine[] = [];
  const chunk = Buffer.from('中'.repeat(50_000));
  let text = '';
  let bytes = 0;
  for (let round = 0; round < 100; round++) {
    splitter.push(chunk.subarray(0, 99_999), lines);
    splitter.push(chunk.subarray(99_999), lines);
    for (const line of lines.splice(0)) {
      assert.equal(line.partial, true);
      assert.ok(Buffer.byteLength(line.text) <= PIECE_BYTES);
      assert.equal(line.offset, bytes);
      bytes += Buffer.byteLength(line.text);
      text += line.text;
    }
  }
  splitter.push(Buffer.from('\r\nnext\n'), lines);
  const [last, next] = lines;
  assert.equal(last?.partial, false);
  assert.equal(text + last?.text, '中'.repeat(5_000_000));
  assert.equal(next?.text, 'next');
  assert.equal(next?.offset, 15_000_002);
});

test('an unfinished line can be shown early; a cut character waits', () => {
  const splitter = new LineSplitter(0);
  const lines: RawLine[] = [];
  splitter.push(Buffer.from([0x3e, 0xc3]), lines);
  splitter.flush(lines, true);
  splitter.flush(lines, true);
  splitter.push(Buffer.from([0xa9, 0x0a]), lines);
  assert.deepEqual(lines, [
    { offset: 0, text: '>', partial: true },
    { offset: 1, text: 'é', partial: false },
  ]);
});
