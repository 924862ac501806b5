/** Text on the screen: widths, cutting, tables, redrawing, and nothing that a stranger's text could do to a terminal. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lookOf } from '../../src/cli/printer/look.ts';
import { Region } from '../../src/cli/printer/region.ts';
import { painter } from '../../src/cli/printer/style.ts';
import { formatTable } from '../../src/cli/printer/table.ts';
import { displayWidth, fit, safe, safeLogLine, stripEscapes } from '../../src/cli/printer/text.ts';
import { Sink } from './rig.ts';
import { Screen } from './screen.ts';

test('width counts columns: wide letters two, combining marks and colours none', () => {
  assert.equal(displayWidth('abc'), 3);
  assert.equal(displayWidth('データ'), 6);
  assert.equal(displayWidth('e\u0301'), 1);
  assert.equal(displayWidth('🚀x'), 3);
  assert.equal(displayWidth('\u001b[31mred\u001b[0m'), 3);
});

test('cutting keeps the width and never splits a wide letter', () => {
  assert.equal(fit('postgres', 20, '…'), 'postgres');
  assert.equal(fit('postgres', 5, '…'), 'post…');
  assert.equal(fit('データベース', 6, '…'), 'デー…');
  assert.equal(displayWidth(fit('データベース', 6, '…')), 5);
  assert.equal(fit('abc', 0, '…'), '');
});

test('names and reasons cannot command the terminal', () => {
  assert.equal(safe('a\u001b[2Jb\nc\td'), 'ab c d');
  assert.equal(safe('x\u0007y\u0000'), 'x␇y␀');
  assert.equal(safe('\u001b]0;title\u0007ok'), 'ok');
  assert.equal(safe('a\u202eb'), 'a�b');
});

test('log lines keep colours on a terminal and lose everything else', () => {
  assert.equal(safeLogLine('\u001b[32mok\u001b[0m', true), '\u001b[32mok\u001b[0m');
  assert.equal(safeLogLine('\u001b[32mok', true), '\u001b[32mok\u001b[0m');
  assert.equal(safeLogLine('\u001b[32mok\u001b[0m', false), 'ok');
  assert.equal(safeLogLine('\u001b[2J\u001b[H\u001b]0;evil\u0007text\u001b[?1049h', true), 'text');
  assert.equal(safeLogLine('10%\r50%\r100%', true), '100%');
  assert.equal(safeLogLine('windows line\r', true), 'windows line');
  assert.equal(stripEscapes('\u001b]8;;http://x\u001b\\link\u001b]8;;\u001b\\'), 'link');
});

const COLUMNS = [
  { title: 'SERVICE', least: 8 },
  { title: 'STATE' },
  { title: 'PID', align: 'right', drop: 1 },
  { title: 'NOTE', least: 10 },
] as const;
const ROWS = [
  ['api', 'ready', '12', ''],
  ['データベース', 'failed', '4711', 'exited with code 1, restarted 5 times in a row'],
];

function table(width: number): readonly string[] {
  return formatTable(COLUMNS, ROWS, { width, paint: painter(false), mark: '…' });
}

test('a table fits: first the longest column is cut, then columns go', () => {
  for (const width of [40, 50, 60, 80]) {
    for (const line of table(width)) assert.ok(displayWidth(line) <= width, `${width}: ${line}`);
  }
  assert.match(table(80)[0] ?? '', /PID/);
  assert.match(table(55)[2] ?? '', /…$/);
  assert.doesNotMatch(table(30)[0] ?? '', /PID/);
});

test('without a screen nothing is cut, and empty columns are left out', () => {
  assert.match(table(Number.POSITIVE_INFINITY)[2] ?? '', /in a row$/);
  const plain = formatTable(COLUMNS, [['api', 'ready', '', '']], {
    width: 80,
    paint: painter(false),
    mark: '…',
  });
  assert.deepEqual(plain, ['SERVICE  STATE', 'api      ready']);
});

test('a live region is redrawn in place, with lines above it', () => {
  const sink = new Sink(20, 10);
  const region = new Region(sink);
  const more = (hidden: number): string => `and ${hidden} more`;
  region.draw(['one', 'two'], more);
  region.draw(['one!', 'two', 'three'], more);
  region.above('a log line');
  region.draw(['one', 'three'], more);
  const screen = new Screen(20).feed(sink.text);
  assert.deepEqual(screen.lines(), ['a log line', 'one', 'three']);
  assert.equal(screen.cursorShown, false);
  region.close();
  assert.deepEqual(new Screen(20).feed(sink.text).lines(), ['a log line', 'one', 'three', '']);
  assert.equal(new Screen(20).feed(sink.text).cursorShown, true);
});

test('a region that is drawn the same again writes nothing', () => {
  const sink = new Sink(20, 10);
  const region = new Region(sink);
  region.draw(['one'], String);
  const before = sink.text;
  region.draw(['one'], String);
  assert.equal(sink.text, before);
});

test('a terminal that became narrower leaves no torn lines behind', () => {
  const sink = new Sink(40, 10);
  const region = new Region(sink);
  region.draw(['a'.repeat(35), 'b'.repeat(10), 'c'.repeat(30)], String);
  const screen = new Screen(40).feed(sink.text).resize(20);
  const before = sink.text.length;
  Object.assign(sink, { columns: 20 });
  region.draw(['x', 'y'], String);
  assert.deepEqual(screen.feed(sink.text.slice(before)).lines(), ['x', 'y']);
});

test('a region higher than the screen says how much it leaves out', () => {
  const sink = new Sink(40, 4);
  new Region(sink).draw(['1', '2', '3', '4', '5'], (hidden) => `and ${hidden} more`);
  assert.deepEqual(new Screen(40).feed(sink.text).lines(), ['1', '2', 'and 3 more']);
});

test('colours: wishes, terminals and tools', () => {
  const flags = { plain: false, noColor: false };
  const terminal = new Sink(80);
  const pipe = new Sink(undefined);
  assert.equal(lookOf(terminal, {}, flags).colors, true);
  assert.equal(lookOf(pipe, {}, flags).colors, false);
  assert.equal(lookOf(pipe, { FORCE_COLOR: '1' }, flags).colors, true);
  assert.equal(lookOf(terminal, { FORCE_COLOR: '0' }, flags).colors, false);
  assert.equal(lookOf(terminal, { NO_COLOR: '1', FORCE_COLOR: '1' }, flags).colors, false);
  assert.equal(lookOf(terminal, { NO_COLOR: '' }, flags).colors, true);
  assert.equal(lookOf(terminal, { TERM: 'dumb' }, flags).colors, false);
  assert.equal(lookOf(terminal, {}, { ...flags, plain: true }).colors, false);
  assert.equal(lookOf(terminal, {}, { ...flags, noColor: true }).colors, false);
});

test('redrawing: only on a terminal that can, and only when it is wanted', () => {
  const flags = { plain: false, noColor: false };
  assert.equal(lookOf(new Sink(80), {}, flags).live, true);
  assert.equal(lookOf(new Sink(80), { TERM: 'dumb' }, flags).live, false);
  assert.equal(lookOf(new Sink(80), {}, { ...flags, plain: true }).live, false);
  assert.equal(lookOf(new Sink(undefined), {}, flags).live, false);
});

test('a terminal that says 0 for its size counts as 80 by 24', () => {
  const look = lookOf(new Sink(0, 0), {}, { plain: false, noColor: false });
  assert.deepEqual([look.width(), look.height()], [80, 24]);
});

test('symbols outside ASCII need a locale that has them', () => {
  const flags = { plain: false, noColor: false };
  const unicode = (variables: Record<string, string>): boolean =>
    lookOf(new Sink(80), variables, flags).unicode;
  assert.equal(unicode({ LANG: 'en_US.UTF-8' }), true);
  assert.equal(unicode({ LC_ALL: 'C', LANG: 'en_US.UTF-8' }), false);
  assert.equal(unicode({ LC_ALL: '', LC_CTYPE: 'C.utf8' }), true);
  assert.equal(unicode({}), false);
});
