/** The parsers for macOS against the real lsof and ps, which print the same fields on Linux. */

import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { realpathSync } from 'node:fs';
import { test } from 'node:test';
import { parseLsof, socketsOf } from '../../src/platform/darwin/lsof.ts';
import {
  PS_PROCESSES,
  PS_PROGRAMS,
  parseProcesses,
  parsePrograms,
} from '../../src/platform/darwin/processes.ts';
import { linuxPlatform } from '../../src/platform/linux/platform.ts';
import { runTool } from '../../src/platform/tools.ts';
import { ensureProgram } from '../support/debian.ts';

/** Listens over both families, talks to itself, binds a UDP port, and has a child that holds all of it too. */
const PROGRAM = `
import json, os, socket, sys, time
def tcp(family, host):
    s = socket.socket(family)
    s.bind((host, 0))
    s.listen()
    return s
four, six = tcp(socket.AF_INET, '127.0.0.1'), tcp(socket.AF_INET6, '::1')
client = socket.create_connection(four.getsockname())
served, _ = four.accept()
udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
udp.bind(('127.0.0.1', 0))
child = os.fork()
if child == 0:
    time.sleep(3600)
print(json.dumps({'child': child, 'ports': [s.getsockname()[1] for s in (four, six, client, udp)]}), flush=True)
sys.stdin.read()
os.kill(child, 9)
`;

interface Told {
  readonly child: number;
  readonly ports: readonly number[];
}

for (const end of ['', '0'])
  test(`lsof -F ${end === '' ? 'with line ends' : 'with NUL'} tells what /proc tells`, async (t) => {
    const lsof = await ensureProgram(t, { program: 'lsof', package: 'lsof' });
    const python = await ensureProgram(t, { program: 'python3', package: 'python3-minimal' });
    if (lsof === null || python === null) return;
    const program = spawn(python, ['-c', PROGRAM], { stdio: ['pipe', 'pipe', 'inherit'] });
    t.after(() => ended(program));
    const told = JSON.parse(String((await once(program.stdout, 'data'))[0])) as Told;
    const pids = [program.pid ?? 0, told.child];
    const fields = `pufdtPnT${end}`;
    const { stdout, failure } = runTool(lsof, ['-nP', '-a', '-p', pids.join(','), '-i', '-F', fields]);
    assert.equal(failure, null);
    const { rows, malformed } = socketsOf(parseLsof(stdout));
    assert.equal(malformed, 0);
    assert.equal(rows.length, 10);
    const { sockets } = linuxPlatform().sockets('all');
    for (const row of rows) {
      assert.ok(pids.includes(row.pid));
      // On Linux the inode stands where macOS has the address of the socket.
      const same = sockets.find(({ inode }) => inode === Number(row.device));
      const { protocol, family, state, local, remote } = row;
      assert.deepEqual(
        { protocol, family, state, local, remote, uid: row.uid },
        same && {
          protocol: same.protocol,
          family: same.family,
          state: same.state,
          local: same.local,
          remote: same.remote,
          uid: same.uid,
        },
      );
    }
    assert.deepEqual(
      [...new Set(rows.filter(({ remote }) => remote === null).map(({ local }) => local.port))].sort(),
      [told.ports[0], told.ports[1], told.ports[3]].sort(),
    );
    const directories = runTool(lsof, ['-a', '-p', String(program.pid), '-d', 'cwd', '-F', `pfn${end}`]);
    assert.deepEqual(
      parseLsof(directories.stdout).rows.map(({ pid, descriptor, name }) => [pid, descriptor, name]),
      [[program.pid, 'cwd', realpathSync('.')]],
    );
  });

async function ended(program: ChildProcess): Promise<void> {
  program.stdin?.end();
  if (program.exitCode === null) await once(program, 'exit');
}

test('lsof: what is cut off or mixed up loses no other process', () => {
  const text = [
    'tIPv4',
    'f3',
    'pabc',
    'f4',
    'tIPv4',
    'PTCP',
    'n127.0.0.1:1',
    'p7',
    'u1000',
    'f5',
    'tIPv4',
    'PTCP',
    'n127.0.0.1:99999',
    'TST=LISTEN',
    'f6',
    'tIPv6',
    'PTCP',
    'n[fe80:4::1]:80',
    'TST=LISTEN',
    'Zwhat',
    'f7',
    'tIPv4',
    'PTCP',
    'nno PCB',
    'p8',
    'f1',
    'tIPv4',
    'PUDP',
    'n127.0.0.1:5->',
    'p9',
    'f1',
    'tIPv4',
    'PUDP',
    'n*:68',
  ].join('\n');
  const { rows, malformed } = socketsOf(parseLsof(text));
  // A file without a process, a process without a number, a port that is none, a peer that is none.
  assert.equal(malformed, 4);
  assert.deepEqual(
    rows.map(({ pid, uid, state, local }) => [pid, uid, state, local.address, local.port]),
    [
      [7, 1000, 'listen', 'fe80::1', 80],
      [9, null, 'bound', '0.0.0.0', 68],
    ],
  );
  for (let length = 0; length < text.length; length += 7) parseLsof(text.slice(0, length));
});

test('ps tells what /proc tells', async (t) => {
  const ps = await ensureProgram(t, { program: 'ps', package: 'procps' });
  if (ps === null) return;
  const { rows, malformed } = parseProcesses(runTool(ps, PS_PROCESSES).stdout);
  assert.equal(malformed, 0);
  const own = rows.find(({ pid }) => pid === process.pid);
  const described = linuxPlatform().describeProcess(process.pid);
  assert.equal(own?.parent, process.ppid);
  assert.equal(own?.uid, process.getuid?.());
  assert.equal(own?.commandLine, described?.command.join(' '));
  assert.ok(Math.abs((own?.startedAt ?? 0) - (described?.startedAt ?? 0)) < 5000);
  assert.ok((parsePrograms(runTool(ps, PS_PROGRAMS).stdout).get(process.pid) ?? '') !== '');
});

test('a tool that is missing, fails, or prints something and fails', () => {
  assert.deepEqual(runTool('/nowhere/tool', []), { stdout: '', failure: '/nowhere/tool: it is not there' });
  assert.deepEqual(runTool('sh', ['-c', 'echo broken >&2; exit 3']), { stdout: '', failure: 'sh: broken' });
  assert.deepEqual(runTool('sh', ['-c', 'echo half; exit 1']), { stdout: 'half\n', failure: null });
  assert.deepEqual(runTool('sh', ['-c', 'exit 1']), { stdout: '', failure: null });
});
