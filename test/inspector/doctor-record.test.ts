/** Records of `lo doctor`: nothing private is in them, and played again they give the same report. */

import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { DoctorReport } from '../../src/core/status.ts';
import { type DoctorRecord, doctor } from '../../src/inspector/doctor/doctor.ts';
import { type Asked, remember, replay } from '../../src/inspector/doctor/record.ts';
import { redact } from '../../src/inspector/doctor/redact.ts';
import { fakePlatform } from '../support/fake-platform.ts';
import { Lab } from '../support/lab.ts';
import { fixture } from '../support/paths.ts';
import { facts } from './doctor-rig.ts';

/** The report of a machine that is only a record. */
async function played(record: DoctorRecord): Promise<DoctorReport> {
  const { platform, health, own } = replay(record.asked);
  const { tryBind, portRanges, interfaces } = platform;
  const machine = fakePlatform({ tryBind, portRanges, interfaces, health: async () => health });
  return (await doctor(machine, own)).report;
}

const RECORDS = fixture('doctor');

for (const name of readdirSync(RECORDS)) {
  test(`the record ${name} gives its report again`, async () => {
    const file = join(RECORDS, name);
    const record = JSON.parse(readFileSync(file, 'utf8')) as DoctorRecord;
    const report = await played(record);
    if (process.env.UPDATE_GOLDEN === '1')
      writeFileSync(file, `${JSON.stringify({ ...record, report }, null, 2)}\n`);
    else assert.deepEqual(report, record.report, 'UPDATE_GOLDEN=1 writes it anew');
  });
}

test('a record of this machine gives the same report and says nothing private', async (t) => {
  if (process.getuid?.() !== 0) {
    t.skip('only root can give a namespace another host name and network');
    return;
  }
  const lab = Lab.create(t);
  lab.write('loopyard.yaml', 'name: secretshop\nservices:\n  hiddenapi: { run: sleep 1000 }\n');
  const person = join(lab.home, '..', 'annabelle');
  const home = join(person, 'state');
  mkdirSync(person);
  const conf = lab.write('../resolv.conf', 'nameserver 10.77.1.53\n');
  const env = {
    HOME: person,
    LOOPYARD_HOME: home,
    https_proxy: 'http://annabelle:hunter2@proxy.corp.example:3128',
    NO_PROXY: 'localhost,intranet.corp.example',
    DOCKER_HOST: `unix://${person}/docker.sock`,
    NODE_EXTRA_CA_CERTS: join(person, 'corp.pem'),
  };
  const script =
    'echo hushbox > /proc/sys/kernel/hostname && mount --bind "$0" /etc/resolv.conf && ip link set lo up && ip link add lan0 type veth peer name lan1 && ip address add 10.77.1.5/24 dev lan0 && exec "$@"';
  const through = ['unshare', '-num', 'sh', '-c', script, conf];
  await lab.must(['up', '--detach'], 0, { env });
  try {
    const { stdout, stderr, code } = await lab.lo(['doctor', '--json', '--record', 'record.json'], {
      env,
      through,
    });
    assert.equal(code, 0, stdout + stderr);
    const text = readFileSync(join(lab.directory, 'record.json'), 'utf8');
    for (const secret of ['annabelle', 'hunter2', 'corp', 'hushbox', 'secretshop', 'hiddenapi', '10.77'])
      assert.ok(!text.includes(secret), `${secret}: ${text.slice(text.indexOf(secret) - 200).slice(0, 300)}`);
    const record = JSON.parse(text) as DoctorRecord;
    const seen = JSON.parse(stdout) as DoctorReport;
    assert.deepEqual(await played(record), record.report);
    const verdicts = (report: DoctorReport) => report.checks.map(({ id, verdict }) => [id, verdict]);
    assert.deepEqual(verdicts(record.report), verdicts(seen));
    // The daemon is outside of the namespace, so that this check must have said so in both.
    const daemon = record.report.checks.find(({ id }) => id === 'daemon');
    assert.match(daemon?.text ?? '', /another network or process namespace/);
  } finally {
    await lab.must(['daemon', 'stop', '--all'], 0, { env });
  }
});

test('what several checks ask is asked once, and what failed or hung is remembered as that', async () => {
  let asked = 0;
  const memory = remember(
    facts({
      health: {
        lookup: async () => {
          asked += 1;
          return { addresses: ['127.0.0.1'] };
        },
        tryShell: () => Promise.reject(new Error('no')),
        tryWatch: () => new Promise(() => undefined),
        claims: () => {
          throw new Error('never');
        },
      },
    }),
  );
  const { health } = memory.facts;
  assert.deepEqual(await Promise.all([health.lookup('a'), health.lookup('a')]), [
    { addresses: ['127.0.0.1'] },
    { addresses: ['127.0.0.1'] },
  ]);
  assert.equal(asked, 1);
  await health.lookup('b');
  assert.equal(asked, 2);
  await assert.rejects(health.tryShell(), /no/);
  assert.throws(() => health.claims(), /never/);
  void health.tryWatch();
  const again = replay(JSON.parse(JSON.stringify(memory.asked())) as readonly Asked[]);
  assert.deepEqual(await again.health.lookup('b'), { addresses: ['127.0.0.1'] });
  assert.throws(() => again.health.tryShell(), /^Error: no$/);
  assert.throws(() => again.health.tryWatch(), { name: 'Unanswered' });
  assert.throws(() => again.health.claims(), /never/);
  assert.throws(() => again.health.lookup('c'), /does not hold/);
});

test('the same private word becomes the same word everywhere; common words and loopback addresses stay', () => {
  const text = [
    'anna on box.corp at /home/anna/shop, anna-2, /home/annabel, 192.168.1.7 and 192.168.1.7, 10.0.0.1',
    '127.0.0.1 0.0.0.0 ::1 :: fe80::1 2001:db8:aa::5 http://me:pw@h/ --token=abc, version 6.1.0 at 10:20:30',
  ].join('\n');
  const asked: Asked[] = [{ verb: 'health.x', args: [text], told: { answer: { deep: [text], n: 1 } } }];
  const [clean] = redact(asked, { user: 'anna', host: 'box.corp', person: '/home/anna' });
  const expected = [
    'user on host at /home/user/shop, anna-2, /home/annabel, 192.0.2.1 and 192.0.2.1, 192.0.2.2',
    '127.0.0.1 0.0.0.0 ::1 :: 2001:db8::3 2001:db8::4 http://user:********@h/ --token=********, version 6.1.0 at 10:20:30',
  ].join('\n');
  assert.deepEqual(clean, {
    verb: 'health.x',
    args: [expected],
    told: { answer: { deep: [expected], n: 1 } },
  });
  const [kept] = redact(asked, { user: 'root', host: 'localhost', person: '/root' });
  assert.match(String(kept?.args[0]), /^anna on box\.corp at \/home\/anna/);
});
