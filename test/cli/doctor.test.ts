/** `lo doctor` as people see it, and as files that they give away. */

import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { lookOf } from '../../src/cli/printer/look.ts';
import { Printer } from '../../src/cli/printer/printer.ts';
import { displayWidth } from '../../src/cli/printer/text.ts';
import { printDoctor } from '../../src/cli/view/doctor-page.ts';
import type { DoctorReport } from '../../src/core/status.ts';
import { Lab } from '../support/lab.ts';
import { type Checks, doctor } from './doctor-rig.ts';
import { assertGolden } from './golden.ts';
import { Sink } from './rig.ts';

const REPORT: DoctorReport = {
  schema: 1,
  checks: [
    {
      id: 'node',
      title: 'Node.js',
      group: 'node',
      verdict: 'ok',
      text: 'v22.1.0, and 20.19 or later is needed',
      fix: null,
    },
    {
      id: 'names',
      title: 'Names *.localhost',
      group: 'network',
      verdict: 'warn',
      text: 'names below localhost do not resolve (ENOTFOUND): browsers and curl know them by themselves, other programs do not',
      fix: 'sudo apt install libnss-myhostname',
    },
    {
      id: 'trust',
      title: 'Certificate stores',
      group: 'network',
      verdict: 'ok',
      text: 'no Loopyard CA yet; nothing to trust (stores here: system bundle, Chromium, 2 of Firefox, Java)',
      fix: null,
    },
    {
      id: 'firewall',
      title: 'Firewall',
      group: 'network',
      verdict: 'unknown',
      text: 'nft cannot be read: Operation not permitted (you must be root)',
      fix: 'sudo nft list ruleset',
    },
    {
      id: 'state',
      title: 'State directory',
      group: 'state',
      verdict: 'fail',
      text: '/state\u001b[31m cannot be written',
      fix: 'first\nsecond',
    },
  ],
};

function page(columns: number | undefined, variables: Record<string, string>): string {
  const out = new Sink(columns);
  const look = lookOf(out, variables, { plain: false, noColor: false });
  printDoctor(new Printer(out, out, look, look), REPORT);
  return out.text;
}

test('the page of the doctor', () => {
  for (const columns of [60, 80, 120]) {
    const text = page(columns, { LANG: 'C.UTF-8', NO_COLOR: '1' });
    for (const line of text.split('\n'))
      if (!line.includes('fix:')) assert.ok(displayWidth(line) <= columns, line);
    if (columns !== 120) assertGolden(`doctor-${columns}`, text);
  }
  assertGolden('doctor-colours', page(80, { LANG: 'C.UTF-8' }));
  assertGolden('doctor-pipe', page(undefined, {}));
});

test('without a daemon: nothing is started, made or left behind', async (t) => {
  const lab = Lab.create(t);
  const checks = await doctor(lab);
  assert.equal(checks.node?.verdict, 'ok');
  assert.equal(checks.addresses?.verdict, 'ok');
  assert.equal(checks.shell?.verdict, 'ok');
  assert.match(checks.state?.text ?? '', /is made on first use/);
  assert.match(checks.daemon?.text ?? '', /^none runs/);
  assert.deepEqual(readdirSync(join(lab.home, '..')), ['shop']);
});

test('no HOME, no name for the user, a home that cannot be written', async (t) => {
  if (process.getuid?.() !== 0) {
    t.skip('only root can run as somebody else');
    return;
  }
  const lab = Lab.create(t);
  const { PATH = '' } = process.env;
  const run = async (through: readonly string[]): Promise<Checks> => await doctor(lab, { through });
  const nobody = ['setpriv', '--reuid=47011', '--regid=47011', '--clear-groups'];
  const bare = await run([...nobody, 'env', '-i', `PATH=${PATH}`]);
  assert.match(bare.state?.text ?? '', /^\/\.local\/state\/loopyard cannot be made/);
  assert.equal(bare.state?.verdict, 'fail');
  assert.match(bare.state?.text ?? '', /cannot be made: \/ cannot be written/);
  assert.match(bare.state?.fix ?? '', /LOOPYARD_HOME/);

  const home = mkdtempSync(join(tmpdir(), 'doctor-'));
  t.after(() => rmSync(home, { recursive: true, force: true }));
  chmodSync(home, 0o755);
  const foreign = await run([...nobody, 'env', `LOOPYARD_HOME=${home}`]);
  assert.equal(foreign.state?.verdict, 'fail');
  assert.match(foreign.state?.text ?? '', /belongs to user 0, and this is user 47011/);
  assert.deepEqual(readdirSync(home), []);

  // In a mount namespace of its own; nothing outside is touched.
  const script = `mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && exec "$@"`;
  const locked = await run(['unshare', '-m', 'sh', '-c', script, home, 'env', `LOOPYARD_HOME=${home}`]);
  chmodSync(home, 0o700);
  assert.equal(locked.state?.verdict, 'fail');
  assert.match(locked.state?.text ?? '', /cannot be written by this user/);
});

test('--record writes a new file that is nobody else’s, and overwrites none', async (t) => {
  const lab = Lab.create(t);
  const file = join(lab.directory, 'doctor.json');
  const first = await lab.lo(['doctor', '--record', 'doctor.json']);
  assert.equal(first.code, 0, first.stdout);
  assert.match(first.stderr, /recorded in doctor\.json/);
  const record = JSON.parse(readFileSync(file, 'utf8')) as { readonly report: DoctorReport };
  assert.match(first.stdout, new RegExp(`^${record.report.checks.length} checks: `, 'm'));
  const again = await lab.lo(['doctor', '--record', 'doctor.json']);
  assert.equal(again.code, 2);
  assert.match(again.stderr, /error\[FILE_EXISTS\]: doctor\.json exists already/);
  writeFileSync(file, 'old');
  await lab.must(['doctor', '--record', 'doctor.json', '--force']);
  assert.equal(JSON.parse(readFileSync(file, 'utf8')).kind, 'doctor-record');
  const nowhere = await lab.lo(['doctor', '--record', 'none/doctor.json']);
  assert.match(nowhere.stderr, /error\[OUTPUT_FAILED\]/);
  assert.equal(nowhere.code, 3);
});

test('a nameserver that never answers makes the doctor neither wait nor guess', async (t) => {
  if (process.getuid?.() !== 0) {
    t.skip('only root can make a network namespace');
    return;
  }
  const lab = Lab.create(t);
  const conf = lab.write('../resolv.conf', 'nameserver 10.255.255.53\n');
  // The nameserver's address is there and somebody listens, so nothing refuses the question.
  const script = `mount --bind "$0" /etc/resolv.conf && ip link set lo up && ip address add 10.255.255.53/32 dev lo && exec "$@"`;
  const listener = `require('dgram').createSocket('udp4').bind(53, '10.255.255.53', () => {
    const lo = require('child_process').spawn(process.argv[1], process.argv.slice(2), { stdio: 'inherit' });
    lo.on('exit', (code) => process.exit(code));
  })`;
  const through = ['unshare', '-nm', 'sh', '-c', script, conf, process.execPath, '-e', listener];
  const checks = await doctor(lab, { through });
  assert.equal(checks.names?.verdict, 'unknown');
  assert.match(
    checks.names?.text ?? '',
    /no answer for a name below localhost within 4 s in Node.*; nameservers: 10\.255\.255\.53/,
  );
  assert.equal(checks.localhost?.verdict, 'ok', checks.localhost?.text);
});
