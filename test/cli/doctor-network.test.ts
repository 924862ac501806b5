/** `lo doctor` in networks that are really like that: in namespaces made for the test. Its fixes are carried out, and mend it. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { ensureProgram } from '../support/debian.ts';
import { Lab } from '../support/lab.ts';
import { doctor } from './doctor-rig.ts';

const ROOT = process.getuid?.() === 0;
const NEEDS_ROOT = { skip: ROOT ? false : 'only root can make these namespaces' };

/** A network namespace of its own, prepared by a script; the program runs in it. */
function network(script: string, ...then: readonly string[]): readonly string[] {
  return ['unshare', '-n', 'sh', '-ec', `${script}\nexec "$@"`, 'sh', ...then];
}

const NOBODY = ['setpriv', '--reuid=47011', '--regid=47011', '--clear-groups'];

test('a loopback interface that is down, and the fix', NEEDS_ROOT, async (t) => {
  const lab = Lab.create(t);
  const down = await doctor(lab, { through: network('') });
  assert.deepEqual([down.addresses?.verdict, down.families?.verdict], ['warn', 'fail']);
  assert.match(down.addresses?.text ?? '', /127\.64\.0\.1 \(ENETUNREACH\)/);
  const fix = down.families?.fix ?? '';
  assert.equal(fix, 'sudo ip link set lo up');
  const up = await doctor(lab, { through: network(fix.replace('sudo ', '')) });
  assert.deepEqual([up.addresses?.verdict, up.families?.verdict], ['ok', 'ok']);
});

test('IPv6 switched off on lo, and the fix', NEEDS_ROOT, async (t) => {
  const lab = Lab.create(t);
  const off = 'ip link set lo up; echo 1 > /proc/sys/net/ipv6/conf/lo/disable_ipv6';
  const { families } = await doctor(lab, { through: network(off) });
  assert.equal(families?.verdict, 'warn');
  assert.match(families?.text ?? '', /^::1 cannot be used \(EADDRNOTAVAIL\): IPv6 is switched off on lo/);
  const [, value = ''] =
    /^sudo sysctl -w net\.ipv6\.conf\.lo\.disable_ipv6=(\d)$/.exec(families?.fix ?? '') ?? [];
  const on = `${off}; echo ${value} > /proc/sys/net/ipv6/conf/lo/disable_ipv6`;
  // The address comes back only with the interface; the kernel adds it at once.
  assert.equal((await doctor(lab, { through: network(on) })).families?.verdict, 'ok');
});

test('outgoing connections that use everybody’s ports', NEEDS_ROOT, async (t) => {
  const lab = Lab.create(t);
  const sysctl = '/proc/sys/net/ipv4/ip_local_port_range';
  const wide = await doctor(lab, { through: network(`ip link set lo up; echo "1024 65535" > ${sysctl}`) });
  assert.equal(wide['port-ranges']?.verdict, 'warn');
  assert.match(wide['port-ranges']?.text ?? '', /1024-65535, which overlaps.*3000.*8080/);
  const [, range = ''] = /ip_local_port_range='(.*)'$/.exec(wide['port-ranges']?.fix ?? '') ?? [];
  const usual = await doctor(lab, { through: network(`ip link set lo up; echo "${range}" > ${sysctl}`) });
  assert.equal(usual['port-ranges']?.verdict, 'ok');
});

test('low ports, for a user without the privilege', NEEDS_ROOT, async (t) => {
  const lab = Lab.create(t);
  const start = '/proc/sys/net/ipv4/ip_unprivileged_port_start';
  const from = async (port: number) => {
    const through = network(`ip link set lo up; echo ${port} > ${start}`, ...NOBODY);
    return (await doctor(lab, { through }))['low-ports'];
  };
  const refused = await from(1024);
  assert.equal(refused?.verdict, 'warn');
  assert.match(refused?.text ?? '', /may not listen on 443 and 80/);
  const [, allowed = ''] = /ip_unprivileged_port_start=(\d+)'/.exec(refused?.fix ?? '') ?? [];
  assert.equal((await from(Number(allowed)))?.verdict, 'ok');
});

test('a hosts file that is wrong in every way, mended by its own fixes', NEEDS_ROOT, async (t) => {
  const lab = Lab.create(t);
  const file = lab.write('../hosts', '');
  const look = async () => {
    const script = `mount --bind ${file} /etc/hosts`;
    const through = ['unshare', '-nm', 'sh', '-ec', `ip link set lo up; ${script}\nexec "$@"`, 'sh'];
    return await doctor(lab, { through });
  };
  /** What a person would paste, for this file instead of the machine's. */
  const paste = (fix: string) =>
    execFileSync('sh', ['-ec', fix.replaceAll('sudo ', '').replaceAll('/etc/hosts', file)]);

  writeFileSync(file, '10.1.2.3 localhost\n127.0.0.1 localhost\n127.0.0.1 localhost box\n');
  const wrong = await look();
  assert.equal(wrong.hosts?.verdict, 'fail');
  assert.match(
    wrong.hosts?.text ?? '',
    /does not give ::1.*line 1 gives 10\.1\.2\.3.*lines 2 and 3 both give/,
  );
  assert.equal(wrong.localhost?.verdict, 'fail');
  assert.match(wrong.localhost?.text ?? '', /leads to 10\.1\.2\.3/);
  paste(wrong.hosts?.fix ?? '');
  const mended = await look();
  assert.equal(mended.hosts?.verdict, 'ok', mended.hosts?.text);
  assert.equal(mended.localhost?.verdict, 'ok', mended.localhost?.text);

  writeFileSync(file, '127.0.0.1 localhost\r\n::1 localhost\r\n');
  const windows = await look();
  assert.equal(windows.hosts?.verdict, 'warn');
  assert.match(windows.hosts?.text ?? '', /CRLF/);
  paste(windows.hosts?.fix ?? '');
  assert.equal((await look()).hosts?.verdict, 'ok');

  writeFileSync(file, '127.0.0.1 localhost\n::1 localhost\n');
  writeFileSync(file, '0.0.0.0 an-advertisement.example\n'.repeat(40_000), { flag: 'a' });
  assert.match((await look()).hosts?.text ?? '', /huge \(1\.3 MB, 40002 entries/);
});

test(
  'firewall rules against the loopback interface, and rules that may not be read',
  NEEDS_ROOT,
  async (t) => {
    if ((await ensureProgram(t, { program: 'nft', package: 'nftables' })) === null) return;
    const lab = Lab.create(t);
    const rule = (text: string) =>
      `ip link set lo up; PATH=$PATH:/usr/sbin nft 'table inet f { chain c { type filter hook input priority 0; policy accept; ${text}; }; }'`;
    const look = async (text: string, ...user: readonly string[]) =>
      (await doctor(lab, { through: network(rule(text), ...user) })).firewall;

    const against = await look('iifname "lo" tcp dport 9 drop');
    assert.equal(against?.verdict, 'warn');
    assert.match(against?.text ?? '', /nft: iifname "lo" tcp dport 9 drop/);
    assert.match(against?.fix ?? '', /sudo nft list ruleset/);
    const fine = await look('iifname != "lo" ip daddr 127.0.0.0/8 drop; tcp dport 22 accept');
    assert.match(fine?.text ?? '', /nft has 2 rules/);
    assert.notEqual(fine?.verdict, 'warn');
    const hidden = await look('iifname "lo" drop', ...NOBODY);
    assert.equal(hidden?.verdict, 'unknown');
    assert.match(hidden?.text ?? '', /nft cannot be read: Operation not permitted/);
  },
);
