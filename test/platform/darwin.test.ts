/** macOS by what its tools print: every socket with its owner, on each version of netstat, whole or damaged. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ListenerDocument } from '../../src/core/inspection.ts';
import { createInspector } from '../../src/inspector/inspector.ts';
import { parseNetstat } from '../../src/platform/darwin/netstat.ts';
import { darwinPlatform } from '../../src/platform/darwin/platform.ts';
import { parseProcesses, splitCommand } from '../../src/platform/darwin/processes.ts';
import { fixture, fixtureTool, MAC } from './tool-fixtures.ts';

test('every listener, whoever has it; the pid stands behind names with spaces', () => {
  const { sockets, gaps } = darwinPlatform(fixtureTool(MAC)).sockets('listening');
  assert.deepEqual(gaps, []);
  assert.deepEqual(
    sockets.map(({ protocol, family, state, local, uid }) => [
      `${protocol}${family} ${local.address} ${local.port} ${state}`,
      uid,
    ]),
    [
      ['tcp4 127.0.0.1 3000 listen', 501],
      ['tcp6 :: 8080 listen', 501],
      ['tcp6 ::1 5432 listen', 501],
      ['tcp6 fe80::1 8021 listen', 0],
      ['tcp4 0.0.0.0 5000 listen', 501],
      ['tcp6 :: 5000 listen', 501],
      ['tcp4 0.0.0.0 22 listen', 0],
      ['udp4 0.0.0.0 5353 bound', 65],
      ['udp6 :: 5353 bound', 65],
    ],
  );
});

test('connections, their rests, and a port that is bound but not listened on', () => {
  const platform = darwinPlatform(fixtureTool(MAC));
  const { sockets } = platform.sockets('all');
  const rest = sockets.find(({ state }) => state === 'time-wait');
  assert.equal(rest?.inode, 0);
  const mapped = sockets.find(({ state }) => state === 'close-wait');
  assert.deepEqual(mapped?.local, { address: '::ffff:127.0.0.1', port: 8080 });
  const client = sockets.find(({ local }) => local.port === 49_515);
  assert.deepEqual(platform.holders(new Set([client?.inode ?? 0])).byInode.get(client?.inode ?? 0), [22_712]);
  assert.deepEqual([...platform.unlistedSockets().values()], [[4711]]);
});

test('who shares a socket is told by lsof, the eldest first; the number of a socket stays', () => {
  const calls: string[] = [];
  const platform = darwinPlatform(fixtureTool(MAC, calls));
  const inodeOf = (): number =>
    platform.sockets('listening').sockets.find(({ local }) => local.port === 3000)?.inode ?? 0;
  const inode = inodeOf();
  assert.ok(inode > 0);
  assert.ok(!calls.some((call) => call.includes('lsof')), 'lsof is slow: only holders need it');
  assert.deepEqual(platform.holders(new Set([inode])).byInode.get(inode), [4711, 4715]);
  assert.equal(inodeOf(), inode);
});

test('lo ports there: owners with command, directory, start and origin', async () => {
  const report = await inspector(MAC).ports({ all: false });
  const [server] = report.listeners.filter(({ port }) => port === 3000);
  assert.equal(server?.scope, 'loopback');
  assert.equal(server?.user, 'ada');
  const [node, worker] = server?.owners ?? [];
  assert.deepEqual(node?.command, ['/Users/ada/my tools/bin/node', 'server.js', '--port', '3000']);
  assert.equal(node?.name, 'node');
  assert.equal(node?.cwd, '/Users/ada/my shop');
  assert.equal(node?.started, '2026-11-23T09:15:00.000Z');
  assert.deepEqual(node?.parents, [{ pid: 4600, name: 'npm' }]);
  assert.equal(worker?.pid, 4715);
  assert.equal(ownerName(report.listeners, 5000), 'ControlCenter');
  assert.equal(ownerName(report.listeners, 22), 'launchd');
  assert.deepEqual(report.unseen, []);
});

function ownerName(listeners: readonly ListenerDocument[], port: number): string | undefined {
  return listeners.find((one) => one.port === port)?.owners[0]?.name;
}

function inspector(answers: Parameters<typeof fixtureTool>[0]): ReturnType<typeof createInspector> {
  const platform = {
    ...darwinPlatform(fixtureTool(answers)),
    // Those of the machine that runs the test.
    interfaces: () => [],
    containers: () => Promise.resolve({ containers: [], gaps: [] }),
  };
  return createInspector({ platform, holdings: () => [], now: Date.now, homeDirectory: '/Users/ada' });
}

for (const [version, udp] of [
  ['14', 'darwin/netstat-udp-14.txt'],
  ['15', 'darwin/netstat-udp-14.txt'],
] as const)
  test(`the columns of macOS ${version}`, () => {
    const tcp = parseNetstat(fixture(`darwin/netstat-tcp-${version}.txt`));
    assert.equal(tcp.malformed, 0);
    assert.deepEqual(
      tcp.rows.slice(0, 2).map(({ pid, state, local }) => [pid, state, local.address]),
      version === '14'
        ? [
            [4711, 'listen', '127.0.0.1'],
            [70_902, 'listen', '::'],
          ]
        : [
            [4711, 'listen', '127.0.0.1'],
            [5120, 'listen', '::'],
          ],
    );
    assert.deepEqual(
      parseNetstat(fixture(udp)).rows.map(({ pid }) => pid),
      [321],
    );
  });

test('lines that are damaged are counted, and the others still read', () => {
  const good = fixture('darwin/netstat-tcp-26.txt').trimEnd();
  const bad = [
    'tcp4 malformed',
    'tcp4       0      0  *.70000  *.*  LISTEN 0 0 1 1 bad:1 00100 00000006',
    'tcp6       0      0  2a02:8109:b6bf:f.64801  *.*  LISTEN 0 0 1 1 cut:1 00100 00000006',
    'tcp4       0      0  300.1.1.1.80 *.* LISTEN',
    `tcp4 0 0 ${'9'.repeat(5000)}.1 *.* LISTEN`,
    'udp9 what',
  ];
  const { rows, malformed } = parseNetstat([good, ...bad, '\u0000\u001b[31m', ''].join('\n'));
  assert.equal(malformed, bad.length);
  assert.equal(rows.length, parseNetstat(good).rows.length);
  const platform = darwinPlatform((program, args) => {
    const answer = fixtureTool(MAC)(program, args);
    return args.includes('tcp') ? { ...answer, stdout: `${answer.stdout}${bad.join('\n')}\n` } : answer;
  });
  assert.deepEqual(platform.sockets('listening').gaps, [
    { what: 'sockets', why: `${bad.length} lines of netstat could not be understood` },
  ]);
});

test('a name that looks like columns does not hide the pid; an unknown heading gives none', () => {
  const heading = fixture('darwin/netstat-tcp-26.txt').split('\n')[1] ?? '';
  const line = (name: string): string =>
    `tcp4       0      0  127.0.0.1.3000         *.*                    LISTEN                 0            0  131072  131072 ${name}:4711   00100 00000006`;
  for (const name of ['a b', 'x:1 00100', '12 34', 'evil:99', 'ü'])
    assert.equal(parseNetstat(`${heading}\n${line(name)}`).rows[0]?.pid, 4711, name);
  assert.equal(parseNetstat(line('node')).rows[0]?.pid, null);
});

test('a tool that is not there is a gap: without netstat lsof tells of the own sockets', () => {
  const failure = '/usr/sbin/netstat: it is not there';
  const platform = darwinPlatform(
    fixtureTool({ ...MAC, 'netstat -anvlW -p tcp': { failure }, 'netstat -anvlW -p udp': { failure } }),
  );
  const { sockets, gaps } = platform.sockets('listening');
  assert.deepEqual(gaps, [{ what: 'sockets', why: failure }]);
  assert.deepEqual(sockets.filter(({ local }) => local.port === 3000).length, 1);
  const none = darwinPlatform(() => ({ stdout: '', failure: 'nothing works' }));
  assert.deepEqual(none.sockets('all').sockets, []);
  assert.equal(none.sockets('all').gaps.length, 2);
  assert.deepEqual(none.blindSpots().at(-1), { what: 'processes', why: 'nothing works' });
  assert.throws(() => none.process(1), { code: 'SOCKETS_UNREADABLE' });
});

test('processes: paths with spaces, zombies, days of one digit, lines that are none', () => {
  const { rows, malformed } = parseProcesses(`${fixture('darwin/ps-processes.txt')}garbage\n 12 x\n`);
  assert.equal(malformed, 2);
  assert.equal(rows.find(({ pid }) => pid === 22_800)?.zombie, true);
  assert.equal(rows.find(({ pid }) => pid === 4802)?.startedAt, Date.UTC(2026, 10, 2, 7));
  assert.deepEqual(splitCommand('/a b/c -x  y', '/a b/c'), ['/a b/c', '-x', 'y']);
  assert.deepEqual(splitCommand('/a b/cd -x', '/a b/c'), ['/a', 'b/cd', '-x']);
  assert.deepEqual(splitCommand('', undefined), []);
});

test('port ranges; running services stays away', async () => {
  const platform = darwinPlatform(fixtureTool(MAC));
  assert.deepEqual(platform.portRanges(), {
    ephemeral: [49_152, 65_535],
    reserved: [],
    unprivilegedFrom: 1024,
  });
  assert.equal(platform.unixSockets().gaps.length, 1);
  const unsupported = { code: 'PLATFORM_UNSUPPORTED', message: /on darwin/ };
  assert.throws(() => platform.claim('name'), unsupported);
  assert.throws(() => platform.marked('NAME', new Set()), unsupported);
});
