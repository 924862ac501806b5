/** How the doctor's facts are read: files and outputs that this machine does not have. */

import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { runProgram } from '../../src/platform/children.ts';
import {
  iptablesRefuse,
  isAgainstLoopback,
  nftRefuses,
  rulesOfIptables,
  rulesOfNft,
  ufw,
} from '../../src/platform/linux/doctor-firewall.ts';
import { dockerSettings } from '../../src/platform/linux/doctor-health.ts';
import { readLimits, readUsage } from '../../src/platform/linux/doctor-limits.ts';
import { parseHosts, readHosts, readNameService } from '../../src/platform/linux/doctor-names.ts';
import { readSurroundings } from '../../src/platform/linux/doctor-surroundings.ts';
import { linuxPlatform } from '../../src/platform/linux/platform.ts';
import { after } from '../../src/platform/patience.ts';
import { unsupportedPlatform } from '../../src/platform/unsupported.ts';

/** A directory with these files; it is gone after the test. */
function tree(t: TestContext, files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), 'doctor-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  return root;
}

test('the hosts file: what stands behind #, several names, other names', () => {
  const { lines, entries, crlf } = parseHosts(
    [
      '# 127.0.0.1 localhost',
      '',
      '127.0.0.1\tlocalhost  web.localhost box # LOCALHOST',
      '::1 ip6-localhost',
      '::1',
    ].join('\n'),
  );
  assert.deepEqual(lines, [{ line: 3, address: '127.0.0.1', names: ['localhost', 'web.localhost'] }]);
  assert.deepEqual([entries, crlf], [2, false]);
  assert.deepEqual(parseHosts('127.0.0.1 LocalHost\r\n').lines[0]?.names, ['LocalHost']);
});

test('a hosts file that is not there, or no file', async (t) => {
  const root = tree(t, {});
  assert.deepEqual(await readHosts(join(root, 'hosts')), { state: 'missing', path: join(root, 'hosts') });
  assert.deepEqual(await readHosts(root), { state: 'unreadable', path: root, code: 'EISDIR' });
});

test('the order of name sources, and the nameservers', async (t) => {
  const root = tree(t, {
    'etc/nsswitch.conf':
      'passwd: files\nhosts:  files mdns4_minimal [NOTFOUND=return] myhostname dns # why\n',
    'etc/resolv.conf':
      '# nameserver 1.1.1.1\nnameserver 127.0.0.53\nnameserver fe80::1%eth0\noptions edns0\n',
    'run/systemd/resolve/resolv.conf': '',
  });
  assert.deepEqual(await readNameService(root), {
    order: ['files', 'mdns4_minimal', 'myhostname', 'dns'],
    resolved: true,
    nameservers: ['127.0.0.53', 'fe80::1%eth0'],
  });
  assert.deepEqual(await readNameService(tree(t, {})), { order: null, resolved: false, nameservers: [] });
});

test('rules of firewalls, and which are against the loopback interface', async (t) => {
  const nft = `table inet filter {
	set blocked {
		type ipv4_addr
		elements = { 10.0.0.1 }
	}
	chain input {
		type filter hook input priority filter; policy drop;
		iif "lo" accept
		ct state { established, related } accept
		ip saddr 127.0.0.0/8 counter packets 0 bytes 0 drop
	}
}`;
  assert.deepEqual(rulesOfNft(nft), [
    'iif "lo" accept',
    'ct state { established, related } accept',
    'ip saddr 127.0.0.0/8 counter packets 0 bytes 0 drop',
  ]);
  assert.deepEqual(rulesOfIptables('*filter\n:INPUT DROP [0:0]\n-A INPUT -i lo -j ACCEPT\nCOMMIT\n'), [
    '-A INPUT -i lo -j ACCEPT',
  ]);
  for (const rule of [
    'iif lo drop',
    'oifname "lo" reject',
    '-A INPUT -i lo -p tcp -j REJECT',
    '-A OUTPUT -d 127.0.0.1/32 -j DROP',
  ])
    assert.ok(isAgainstLoopback(rule), rule);
  for (const rule of [
    'iif "lo" accept',
    'iifname "lo0" drop',
    'tcp dport 22 drop',
    '-A INPUT ! -i lo -s 127.0.0.0/8 -j DROP',
    'iif != "lo" ip daddr 127.0.0.0/8 drop',
  ])
    assert.ok(!isAgainstLoopback(rule), rule);
  const root = tree(t, { on: 'ENABLED=yes\nLOGLEVEL=low\n', off: '# ENABLED=yes\nENABLED=no\n' });
  assert.equal((await ufw(join(root, 'on')))?.state, 'on');
  assert.equal((await ufw(join(root, 'off')))?.state, 'off');
  assert.equal(await ufw(join(root, 'none')), null);
  assert.equal((await ufw(root))?.state, 'unreadable');
});

test('whether a firewall refuses what comes from other machines', async (t) => {
  const input = (policy: string, last: string): string =>
    `table inet filter {\n\tchain input {\n\t\ttype filter hook input priority filter; policy ${policy};\n\t\tiif "lo" accept\n\t\t${last}\n\t}\n}`;
  assert.equal(nftRefuses(input('drop', 'tcp dport 22 accept')), true);
  assert.equal(nftRefuses(input('accept', 'counter packets 3 bytes 180 drop')), true);
  assert.equal(nftRefuses(input('accept', 'reject with icmpx admin-prohibited')), true);
  assert.equal(nftRefuses(input('accept', 'tcp dport 25 drop')), false);
  assert.equal(nftRefuses(input('accept', 'accept').replace('input priority', 'forward priority')), false);
  assert.equal(
    nftRefuses('table ip nat {\n\tchain input {\n\t\ttype nat hook input priority 100; policy drop;\n\t}\n}'),
    false,
  );
  assert.equal(iptablesRefuse('*filter\n:INPUT DROP [0:0]\n-A INPUT -i lo -j ACCEPT\nCOMMIT\n'), true);
  assert.equal(iptablesRefuse(':INPUT ACCEPT [0:0]\n-A INPUT -j REJECT --reject-with icmp-port\n'), true);
  assert.equal(iptablesRefuse(':INPUT ACCEPT [0:0]\n-A INPUT -p tcp --dport 25 -j DROP\n'), false);
  const root = tree(t, {
    on: 'ENABLED=yes\n',
    drop: 'DEFAULT_INPUT_POLICY="DROP"\n',
    accept: 'DEFAULT_INPUT_POLICY="ACCEPT"\n',
  });
  const ask = async (defaults: string) =>
    (await ufw(join(root, 'on'), join(root, defaults)))?.refusesIncoming;
  assert.equal(await ask('drop'), true);
  assert.equal(await ask('accept'), false);
  assert.equal(await ask('none'), null);
});

test('containers, WSL and families of distributions', (t) => {
  const seen = (files: Readonly<Record<string, string>>, kernel = '6.1.0') => {
    const { container, wsl, family } = readSurroundings(tree(t, files), kernel);
    return [container, wsl, family];
  };
  assert.deepEqual(seen({}), [null, false, null]);
  assert.deepEqual(seen({ '.dockerenv': '' }), ['docker', false, null]);
  assert.deepEqual(seen({ 'run/.containerenv': '' }), ['podman', false, null]);
  assert.deepEqual(seen({ 'proc/1/environ': 'PATH=/\0container=lxc\0' }), ['lxc', false, null]);
  assert.deepEqual(seen({ 'proc/1/cgroup': '0::/kubepods/pod1/x\n' }), ['kubepods', false, null]);
  assert.deepEqual(seen({ 'proc/1/cgroup': '0::/init.scope\n' }), [null, false, null]);
  assert.deepEqual(seen({}, '5.15.153.1-microsoft-standard-WSL2'), [null, true, null]);
  const family = (text: string) => seen({ 'etc/os-release': text })[2];
  assert.equal(family('ID=ubuntu\nID_LIKE=debian\n'), 'debian');
  assert.equal(family('NAME=x\nID="rocky"\nID_LIKE="rhel centos fedora"\n'), 'fedora');
  assert.equal(family('ID=arch\n'), 'arch');
  assert.equal(family('ID=plan9\n'), null);
});

test('Docker’s settings', async (t) => {
  const root = tree(t, { off: '{"userland-proxy": false}', other: '{"debug": true}', torn: '{' });
  assert.deepEqual(await dockerSettings(join(root, 'off')), { userlandProxy: false, unreadable: null });
  assert.deepEqual(await dockerSettings(join(root, 'other')), { userlandProxy: null, unreadable: null });
  assert.deepEqual(await dockerSettings(join(root, 'none')), { userlandProxy: null, unreadable: null });
  assert.match((await dockerSettings(join(root, 'torn'))).unreadable ?? '', /JSON/);
});

test('limits and use of this process’s user', async () => {
  const { files, processes } = readLimits(null);
  assert.ok(files !== null && processes !== null);
  assert.deepEqual(readLimits(2 ** 30), { files: null, processes: null });
  const uid = process.getuid?.() ?? 0;
  const before = readUsage(uid);
  const { watch } = await import('node:fs');
  const watchers = ['/tmp', '/', '/usr'].map((directory) => watch(directory, () => undefined));
  const during = readUsage(uid);
  for (const watcher of watchers) watcher.close();
  assert.ok((before.threads ?? 0) > 1);
  assert.ok((during.watches ?? 0) >= 3 && (during.watchers ?? 0) >= 1);
  assert.deepEqual(readUsage(4_000_000_000), { threads: 0, watches: 0, watchers: 0 });
});

test('what lies at a path, and the room there', async (t) => {
  const health = await linuxPlatform().health();
  const root = tree(t, { file: 'abc' });
  symlinkSync('nowhere', join(root, 'link'));
  const { kind, bytes, readable } = (await health.path(join(root, 'file'))) as {
    kind: string;
    bytes: number;
    readable: boolean;
  };
  assert.deepEqual([kind, bytes, readable], ['file', 3, true]);
  assert.deepEqual(await health.path(join(root, 'link')), { code: 'ENOENT' });
  assert.deepEqual(await health.path(join(root, 'file', 'below')), { code: 'ENOTDIR' });
  // How much is free changes all the time; which disk it is does not.
  const [below, here] = await Promise.all([
    health.space(join(root, 'not', 'yet', 'there')),
    health.space(root),
  ]);
  assert.deepEqual({ ...below, freeBytes: 0, freeFiles: 0 }, { ...here, freeBytes: 0, freeFiles: 0 });
  assert.deepEqual(await health.tryFile(join(root, 'none')), { written: false, code: 'ENOENT' });
  assert.equal((await health.tryFile(root)).written, true);
});

test('a process that was busy hears what came meanwhile before its time is over', async () => {
  const health = await linuxPlatform().health();
  const trial = health.tryLoop('127.0.0.1');
  // Longer than the whole limit: the connection is there, and nobody could look.
  const end = performance.now() + 3500;
  while (performance.now() < end);
  assert.deepEqual(await trial, { works: true });
  let isLate = false;
  const cancel = after(20, () => {
    isLate = true;
  });
  cancel();
  await new Promise<void>((resolve) => after(40, resolve));
  assert.ok(!isLate);
});

test('programs: what they say, what they take, and what is not there', async (t) => {
  const root = tree(t, { 'shut/tool': '', 'open/tool': '#!/bin/sh\nexit 3\n' });
  const withinMs = 5000;
  const said = await runProgram('sh', ['-c', 'echo out; echo err >&2; exit 4'], { withinMs });
  assert.deepEqual(said, { code: 4, stdout: 'out\n', stderr: 'err\n', failure: null });
  const late = await runProgram('sh', ['-c', 'exec sleep 1000'], { withinMs: 50 });
  assert.equal(late.failure, 'ETIMEDOUT');
  assert.equal((await runProgram('no-such-tool', [], { withinMs })).failure, 'ENOENT');
  // There, and not to be executed.
  const env = { PATH: join(root, 'shut') };
  const failure = async () => (await runProgram('tool', [], { withinMs, env })).failure;
  assert.equal(await failure(), 'ENOENT');
  chmodSync(join(root, 'open', 'tool'), 0o755);
  assert.equal((await runProgram('tool', [], { withinMs, env: { PATH: join(root, 'open') } })).code, 3);
});

test('claims: names, holders, and no secret of a home', async () => {
  const platform = linuxPlatform();
  const health = await platform.health();
  const block = `block-${900_000 + process.pid}`;
  const claim = await platform.claim(block);
  const secret = await platform.claim(`daemon-test${process.pid}`);
  try {
    const claims = health.claims() ?? [];
    assert.deepEqual(
      claims.filter(({ name }) => name === block),
      [{ name: block, pids: [process.pid] }],
    );
    assert.ok(claims.every(({ name }) => !name.includes('daemon')));
  } finally {
    claim?.release();
    secret?.release();
  }
});

test('a system without an implementation answers what Node knows, and says what it lacks', async () => {
  const health = await unsupportedPlatform('darwin').health();
  assert.equal(health.program().system, 'darwin');
  assert.deepEqual(await health.tryWatch(), { works: true });
  assert.throws(() => health.firewall(), { code: 'PLATFORM_UNSUPPORTED' });
});
