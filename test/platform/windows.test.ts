/** Windows by what its tools print: netstat in several languages, processes as JSON, port ranges; whole or damaged. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createInspector } from '../../src/inspector/inspector.ts';
import { splitCommandLine } from '../../src/platform/windows/command-line.ts';
import { parseNetstat } from '../../src/platform/windows/netstat.ts';
import { windowsPlatform } from '../../src/platform/windows/platform.ts';
import { parseDynamicPorts, parseExcludedPorts } from '../../src/platform/windows/port-ranges.ts';
import { parseBound, parseProcesses } from '../../src/platform/windows/processes.ts';
import { fixture, fixtureTool, WINDOWS } from './tool-fixtures.ts';

test('every listener and every connection', () => {
  const platform = windowsPlatform(fixtureTool(WINDOWS));
  const { sockets, gaps } = platform.sockets('listening');
  assert.deepEqual(gaps, []);
  assert.deepEqual(
    sockets.map(
      ({ protocol, family, state, local }) => `${protocol}${family} ${local.address} ${local.port} ${state}`,
    ),
    [
      'tcp4 0.0.0.0 135 listen',
      'tcp4 0.0.0.0 445 listen',
      'tcp4 127.0.0.1 3000 listen',
      'tcp6 :: 135 listen',
      'tcp6 ::1 5432 listen',
      'udp4 0.0.0.0 5353 bound',
      'udp6 ::1 1900 bound',
      'udp6 fe80::5c3a:9b2c:1d2e:3f40 1900 bound',
    ],
  );
  const all = platform.sockets('all').sockets;
  assert.deepEqual(
    all.filter(({ remote }) => remote !== null).map(({ state }) => state),
    ['established', 'established', 'close-wait', 'time-wait', 'syn-sent'],
  );
  assert.equal(all.find(({ state }) => state === 'time-wait')?.inode, 0);
});

test('lo ports there: owners with their command lines; a parent younger than its child is none', async () => {
  const platform = { ...windowsPlatform(fixtureTool(WINDOWS)), interfaces: () => [] };
  const inspector = createInspector({
    platform,
    holdings: () => [],
    now: Date.now,
    homeDirectory: 'C:\\Users\\ada',
  });
  const { listeners } = await inspector.ports({ all: false });
  const owner = (port: number) => listeners.find((one) => one.port === port)?.owners[0];
  assert.deepEqual(owner(3000)?.command, [
    'C:\\Program Files\\nodejs\\node.exe',
    'C:\\Users\\ada\\my shop\\server.js',
    '--port',
    '3000',
  ]);
  assert.equal(owner(3000)?.name, 'node');
  assert.equal(owner(3000)?.started, new Date(1_795_424_003_123).toISOString());
  assert.deepEqual(owner(3000)?.parents, [{ pid: 7700, name: 'cmd.exe' }]);
  assert.deepEqual(owner(5432)?.parents, []);
  assert.deepEqual(owner(445)?.name, 'System');
  assert.equal(listeners.find(({ port }) => port === 3000)?.user, 'unknown');
});

test('a socket whose process has ended is shown without an owner, and why', async () => {
  const tool = fixtureTool({ ...WINDOWS, Win32_Process: 'windows/processes-7-json.txt' });
  const platform = { ...windowsPlatform(tool), interfaces: () => [] };
  const inspector = createInspector({ platform, holdings: () => [], now: Date.now, homeDirectory: '' });
  const { listeners, unseen } = await inspector.ports({ all: false });
  const hidden = listeners.find(({ port }) => port === 5432);
  assert.deepEqual([hidden?.ownerVisible, hidden?.owners], [false, []]);
  assert.match(hidden?.hidden ?? '', /netstat and Win32_Process do not tell them/);
  assert.ok(unseen.some(({ what }) => /inherited a socket/.test(what)));
});

test('another language: a listener is one without a peer; the page of codes does not matter', () => {
  const { rows, malformed } = parseNetstat(fixture('windows/netstat-german.txt'));
  assert.equal(malformed, 0);
  assert.deepEqual(
    rows.map(({ state, pid }) => [state, pid]),
    [
      ['listen', 1132],
      ['unknown', 14_008],
      ['listen', 1132],
      ['bound', 2244],
    ],
  );
});

test('lines that are damaged are counted, and the others still read', () => {
  const bad = [
    '  TCP    127.0.0.1:3000',
    '  TCP    127.0.0.1:99999   0.0.0.0:0   LISTENING   1',
    '  TCP    [::1:80   [::]:0   LISTENING   1',
    '  TCP    1.2.3:80   0.0.0.0:0   LISTENING   1',
    '  UDP    0.0.0.0:53   *:*   x',
    `  TCP    ${'1'.repeat(5000)}:1   0.0.0.0:0   LISTENING   1`,
  ];
  const { rows, malformed } = parseNetstat(`${fixture('windows/netstat.txt')}${bad.join('\r\n')}\r\n`);
  assert.equal(malformed, bad.length);
  assert.equal(rows.length, 13);
  const failure = 'netstat.exe: it is not there';
  const none = windowsPlatform(() => ({ stdout: '', failure }));
  assert.deepEqual(none.sockets('all'), { sockets: [], gaps: [{ what: 'sockets', why: failure }] });
  assert.deepEqual(none.blindSpots().at(-1), { what: 'processes', why: failure });
  assert.throws(() => none.processes(0), { code: 'SOCKETS_UNREADABLE' });
});

test('PowerShell: one item, none, the dates of both versions, what is no JSON', () => {
  const [one] = parseProcesses(fixture('windows/processes-7-json.txt')).rows;
  assert.equal(one?.startedAt, Date.UTC(2026, 10, 23, 9, 15, 3, 123));
  assert.deepEqual(parseProcesses('\uFEFF\r\n'), { rows: [], malformed: 0 });
  assert.deepEqual(parseProcesses('Get-CimInstance : Access denied'), { rows: [], malformed: 1 });
  assert.deepEqual(parseProcesses('[{"ProcessId":-1},null,3,{"ProcessId":"4"}]'), { rows: [], malformed: 4 });
  const bound = parseBound(fixture('windows/bound-json.txt'));
  assert.deepEqual(
    bound.rows.map(({ family, local, pid }) => [family, local.address, local.port, pid]),
    [
      [4, '127.0.0.1', 9229, 14_008],
      [6, '::', 50_844, 9120],
    ],
  );
  const platform = windowsPlatform(fixtureTool(WINDOWS));
  assert.deepEqual([...platform.unlistedSockets().values()], [[14_008], [9120]]);
});

test('port ranges in any language', () => {
  assert.deepEqual(windowsPlatform(fixtureTool(WINDOWS)).portRanges(), {
    ephemeral: [49_152, 65_535],
    reserved: [
      [5357, 5357],
      [49_671, 49_770],
      [50_000, 50_059],
    ],
    unprivilegedFrom: 0,
  });
  assert.deepEqual(parseDynamicPorts(fixture('windows/netsh-dynamic-french.txt')), [1024, 15_000]);
  assert.deepEqual(parseExcludedPorts(fixture('windows/netsh-excluded-none.txt')), []);
  assert.equal(parseDynamicPorts('The requested operation requires elevation.\r\n'), null);
  assert.equal(parseDynamicPorts('a : 65000\nb : 9000\n'), null);
  assert.deepEqual(parseExcludedPorts(' 10 5\n 1 70000\n 7 8 x\n'), []);
});

/** The first six are the examples of Microsoft's page. */
test('command lines are split as the C runtime does', () => {
  const cases: readonly (readonly [string, readonly string[]])[] = [
    ['x "abc" d e', ['abc', 'd', 'e']],
    ['x a\\\\b d"e f"g h', ['a\\\\b', 'de fg', 'h']],
    ['x a\\\\\\"b c d', ['a\\"b', 'c', 'd']],
    ['x a\\\\\\\\"b c" d e', ['a\\\\b c', 'd', 'e']],
    ['x a"b"" c d', ['ab" c d']],
    ['x "" b', ['', 'b']],
    ['x   a\t b ', ['a', 'b']],
    ['x "C:\\pg data\\\\" -c', ['C:\\pg data\\', '-c']],
    ['x "never ends', ['never ends']],
    ['x', []],
  ];
  for (const [line, rest] of cases) assert.deepEqual(splitCommandLine(line), ['x', ...rest], line);
  assert.deepEqual(splitCommandLine('"C:\\Program Files\\a.exe" -x'), ['C:\\Program Files\\a.exe', '-x']);
  assert.deepEqual(splitCommandLine('  '), []);
  assert.deepEqual(splitCommandLine('"unclosed program'), ['unclosed program']);
});

test('running services stays away', () => {
  const platform = windowsPlatform(fixtureTool(WINDOWS));
  assert.throws(() => platform.claim('name'), { code: 'PLATFORM_UNSUPPORTED', message: /on win32/ });
});
