/** Tables of sockets: whole, torn, missing, forbidden, and very long. */

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Gap } from '../../src/platform/facts.ts';
import { readSockets, readUnixSockets } from '../../src/platform/linux/socket-tables.ts';
import { readListeners } from '../../src/platform/linux/sockets.ts';
import { Looker } from '../support/socket-program.ts';

const HEADER =
  '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode';
const NOWHERE = '00000000:0000';

function row(slot: number, inode: number, state = '0A', remote = NOWHERE): string {
  const port = (slot % 65_536).toString(16).toUpperCase().padStart(4, '0');
  const middle = '00000000:00000000 00:00000000 00000000  1000        0';
  return `${String(slot).padStart(4)}: 0100007F:${port} ${remote} ${state} ${middle} ${inode} 1 0000000000000000 100 0 0 10 0`;
}

function row6(inode: number): string {
  return row(1, inode).replace(/[0-9A-F]{8}(?=:[0-9A-F]{4} )/g, '00000000000000000000000000000000');
}

function directoryOf(t: TestContext, tables: Readonly<Record<string, readonly string[]>>): string {
  const directory = mkdtempSync(join(tmpdir(), 'net-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  for (const [name, rows] of Object.entries(tables))
    writeFileSync(join(directory, name), [HEADER, ...rows, ''].join('\n'));
  return directory;
}

function inodes(directory: string, selection: 'listening' | 'all' = 'listening'): readonly number[] {
  return readSockets(directory, selection).sockets.map(({ inode }) => inode);
}

test('every table is read; one that the kernel lacks is no gap', (t) => {
  const all = directoryOf(t, { tcp: [row(1, 1)], tcp6: [row6(2)], udp: [row(3, 3, '07')], udp6: [] });
  assert.deepEqual([inodes(all), readSockets(all, 'listening').gaps], [[1, 2, 3], []]);
  const withoutIPv6 = directoryOf(t, { tcp: [row(1, 1)], udp: [row(3, 3, '07')] });
  assert.deepEqual([inodes(withoutIPv6), readSockets(withoutIPv6, 'all').gaps], [[1, 3], []]);
});

test('where there is no table at all, that is said: the process is gone', (t) => {
  for (const directory of [directoryOf(t, {}), '/nowhere/net']) {
    const { sockets, gaps } = readSockets(directory, 'listening');
    assert.deepEqual([sockets, gaps.map(({ what }) => what)], [[], [`${directory}/tcp`]]);
    assert.match(gaps[0]?.why ?? '', /not there \(ENOENT\)/);
  }
});

test('a table that cannot be read is a gap, and the others are read', (t) => {
  const directory = directoryOf(t, { tcp: [row(1, 1)], udp: [row(3, 3, '07')] });
  mkdirSync(join(directory, 'tcp6'));
  const { sockets, gaps } = readSockets(directory, 'listening');
  assert.deepEqual(
    sockets.map(({ inode }) => inode),
    [1, 3],
  );
  assert.deepEqual(gaps, [{ what: join(directory, 'tcp6'), why: 'it cannot be read (EISDIR)' }] as Gap[]);
});

test('lines that do not read as sockets are said once, with their number; all others count', (t) => {
  const torn = row(7, 7).slice(0, -40);
  const directory = directoryOf(t, {
    tcp: [row(1, 1), 'nonsense', '', row(2, 2), '\0'.repeat(149), torn, row(3, 3)],
    udp: [],
  });
  const { gaps } = readSockets(directory, 'listening');
  assert.deepEqual(inodes(directory), [1, 2, 3]);
  assert.deepEqual(gaps, [{ what: join(directory, 'tcp'), why: '4 lines do not read as sockets' }]);
  assert.deepEqual(
    readListeners(directory).map(({ inode }) => inode),
    [1, 2, 3],
  );
});

test('a line without an end, or of a megabyte, takes nothing else along', (t) => {
  const directory = directoryOf(t, { tcp: [row(1, 1), 'A'.repeat(2 ** 20), row(2, 2)], udp: [] });
  writeFileSync(join(directory, 'tcp6'), `${HEADER}\n${row6(3)}\n${row6(4).slice(0, 100)}`);
  const { gaps } = readSockets(directory, 'listening');
  assert.deepEqual(inodes(directory), [1, 2, 3]);
  assert.deepEqual(
    gaps.map(({ why }) => why),
    ['one line does not read as a socket', 'one line does not read as a socket'],
  );
});

test('rows that cross the blocks in which a table is read are whole', (t) => {
  const many = Array.from({ length: 3000 }, (_, index) => row(index, index + 1));
  const directory = directoryOf(t, { tcp: many });
  assert.deepEqual(
    inodes(directory),
    many.map((_, index) => index + 1),
  );
});

test('of listeners only the beginning of the table is read', (t) => {
  const connection = row(2, 2, '01', '0200007F:D431');
  // A real table never has a listener after a connection: that it is not found shows that nobody looked.
  const directory = directoryOf(t, {
    tcp: [row(1, 1), connection, row(3, 3), 'nonsense'],
    udp: [row(8, 8, '01', '0200007F:D431'), row(9, 9, '07')],
  });
  assert.deepEqual([inodes(directory), readSockets(directory, 'listening').gaps], [[1, 9], []]);
  assert.equal(inodes(directory, 'all').length, 5);
});

test('of one table only rows with certain local ports, however wide the numbers before them are', (t) => {
  const remote = '0200007F:D431';
  const rows = [row(7, 1, '01', remote), row(12_345, 2, '01', remote), row(8, 3, '01', remote), '7: no', ''];
  const directory = directoryOf(t, { tcp: rows, tcp6: [row6(4)], udp: [row(7, 5, '07')] });
  const ask = (family: 4 | 6, ...localPorts: readonly number[]) => {
    const { sockets, gaps } = readSockets(directory, { family, localPorts: new Set(localPorts) });
    assert.deepEqual(gaps, []);
    return sockets.map(({ inode }) => inode);
  };
  assert.deepEqual(ask(4, 7, 12_345), [1, 2]);
  assert.deepEqual(ask(4, 9), []);
  assert.deepEqual(ask(6, 1), [4]);
});

test('a socket that stands in a table twice is one; those without a process are as many as there are', (t) => {
  const waiting = [row(5, 0, '06', '0200007F:D431'), row(5, 0, '06', '0200007F:D432')];
  const directory = directoryOf(t, { tcp: [row(1, 1), row(1, 1), ...waiting] });
  assert.deepEqual(inodes(directory, 'all'), [1, 0, 0]);
});

test('60,000 sockets fit into little memory', async (t) => {
  const sockets = 60_000;
  const rows = Array.from({ length: sockets }, (_, index) =>
    index < 2 ? row(index, index + 1) : row(index, index + 1, '01', '0200007F:D431'),
  );
  const directory = directoryOf(t, { tcp: rows, udp: [] });
  const look = await Looker.create(t);
  const answers = await look.asks<readonly { count: number; gaps: readonly Gap[] }[]>(
    [],
    [
      ['count', directory, 'all'],
      ['count', directory, 'listening'],
    ],
    ['--max-old-space-size=64'],
  );
  assert.deepEqual(answers, [
    { count: sockets, gaps: [] },
    { count: 2, gaps: [] },
  ]);
});

test('unix sockets: paths, names, none; with spaces and in any script', (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'net-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const socket = (flags: string, type: string, rest: string): string =>
    `0000000000000000: 00000002 00000000 ${flags} ${type} 01 ${rest}`;
  const rows = [
    'Num       RefCount Protocol Flags    Type St Inode Path',
    socket('00010000', '0001', '12 /run/a b.sock'),
    socket('00010000', '0005', '  13 @abstract'),
    socket('00000000', '0002', '14'),
    socket('00000000', '0001', '15 /tmp/grüße\r'),
    socket('00000000', '0009', '16 /type/that/is/none'),
    'cut',
  ];
  writeFileSync(join(directory, 'unix'), `${rows.join('\n')}\n`);
  const { sockets, gaps } = readUnixSockets(directory);
  assert.deepEqual(
    sockets.map(({ inode, type, listening, path }) => [inode, type, listening, path]),
    [
      [12, 'stream', true, '/run/a b.sock'],
      [13, 'seqpacket', true, '@abstract'],
      [14, 'datagram', false, null],
      [15, 'stream', false, '/tmp/grüße\r'],
    ],
  );
  assert.deepEqual(
    gaps.map(({ why }) => why),
    ['2 lines do not read as sockets'],
  );
});
