/** How a mistake is shown: the caret stands under its letter, long lines are cut, nothing of the file commands the terminal. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Diagnostic, formatDiagnostic } from '../../src/config/diagnostic.ts';
import { caretLine, printable } from '../../src/config/display-width.ts';
import { Lines } from '../../src/config/lines.ts';

function shown(text: string, word: string, more: Partial<Diagnostic> = {}): readonly string[] {
  const start = text.indexOf(word);
  const range = new Lines(text).rangeOf({ start, end: start + word.length });
  return formatDiagnostic(
    { severity: 'error', message: 'no', file: '/a/b/loopyard.yaml', range, hint: null, ...more },
    text,
  );
}

test('head, line, carets, hint', () => {
  assert.deepEqual(shown('name: shop\n  prot: 1\n', 'prot', { hint: 'did you mean `port`?' }), [
    'loopyard.yaml:2:3 error: no',
    '      prot: 1',
    '      ^^^^',
    '    hint: did you mean `port`?',
  ]);
});

test('a warning says so', () => {
  assert.match(shown('a', 'a', { severity: 'warning' })[0] ?? '', /^loopyard\.yaml:1:1 warning: /);
});

test('a blank line is not shown', () => {
  const range = { offset: 0, length: 0, line: 1, column: 1 };
  assert.deepEqual(
    formatDiagnostic({ severity: 'error', message: 'empty', file: 'x.yaml', range, hint: null }, ''),
    ['x.yaml:1:1 error: empty'],
  );
});

test('a place over several lines is marked on the first', () => {
  assert.deepEqual(shown('a: "b\nc"\nd', '"b\nc"').slice(1), ['    a: "b', '       ^^']);
});

test('line breaks of Windows and a byte order mark are not seen', () => {
  assert.deepEqual(shown('\ufeffab: c\r\nd', 'c'), ['loopyard.yaml:1:5 error: no', '    ab: c', '        ^']);
});

const CARETS: readonly (readonly [line: string, word: string, expected: string])[] = [
  ['abc', 'a', '^'],
  ['abc', 'c', '  ^'],
  ['\t\tabc', 'b', '\t\t ^'],
  ['a\tbc', 'bc', ' \t^^'],
  ['日本 x', 'x', '     ^'],
  ['a: 日本', '日本', '   ^^^^'],
  ['é x', 'x', '  ^'],
  ['e\u0301 x', 'x', '  ^'],
  ['😀 x', 'x', '   ^'],
  ['가나 x', 'x', '     ^'],
  ['ｆｕｌｌ x', 'x', '         ^'],
  ['\u200bx', 'x', '^'],
];

for (const [line, word, expected] of CARETS) {
  test(`carets under ${word} in ${JSON.stringify(line)}`, () => {
    assert.equal(caretLine(line, line.indexOf(word), word.length), expected);
  });
}

test('a caret behind the end of the line', () => {
  assert.equal(caretLine('ab', 4, 1), '    ^');
  assert.equal(caretLine('', 0, 0), '^');
});

test('a very long line is cut around the place', () => {
  const text = `${'a'.repeat(5000)}HERE${'b'.repeat(5000)}`;
  const [, line = '', carets = ''] = shown(text, 'HERE');
  assert.ok(line.length < 180);
  assert.equal(line.indexOf('HERE'), carets.indexOf('^^^^'));
  assert.match(line, /^ {4}….*…$/);
});

test('control characters and turned text are shown as signs', () => {
  assert.equal(printable('a\x1b[31m\0\x7f\x9b\u202e\tb'), 'a␛[31m␀␡��\tb');
  for (const line of shown('x: \x1b]0;evil\x07 y', 'y', { message: '\x1b[2J', hint: '\r\n' })) {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
    assert.doesNotMatch(line, /[\0-\x1f\x7f]/);
  }
});

test('lines and columns of every offset', () => {
  const text = 'ab\ncd\r\n\nx';
  const lines = new Lines(text);
  const places = Array.from({ length: text.length + 1 }, (_, start) => {
    const { line, column } = lines.rangeOf({ start, end: start });
    return `${line}:${column}`;
  });
  assert.deepEqual(places, ['1:1', '1:2', '1:3', '2:1', '2:2', '2:3', '2:4', '3:1', '4:1', '4:2']);
});
