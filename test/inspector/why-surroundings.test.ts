/**
 * `lo why` where rights, managers, namespaces or Loopyard itself are the reason: each cause by making the situation, on a machine of
 * the test's own. What only other systems have is played from their facts.
 */

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { CauseDocument, WhyReport } from '../../src/core/inspection.ts';
import { CAUSES } from '../../src/inspector/causes/all.ts';
import type { Situation } from '../../src/inspector/causes/cause.ts';
import { Lab } from '../support/lab.ts';
import { dist } from '../support/paths.ts';
import { OwnMachine } from './own-machine.ts';

const NOBODY = ['setpriv', '--reuid', '65534', '--clear-groups', '--no-new-privs', '--'];

test('a port below the first free one, asked by a user without rights: PRIVILEGED and nothing else', async (t) => {
  const place = await create(t);
  if (place === null) return;
  const { machine, lab } = place;
  const through = [...machine.through, ...NOBODY];
  const home = { LOOPYARD_HOME: '/nonexistent/home' };
  const text = await lab.must(['why', '80', '--json'], 1, { through, env: home });
  const report = JSON.parse(text) as WhyReport;
  assert.deepEqual(codes(report), ['PRIVILEGED']);
  const found = cause(report, 'PRIVILEGED');
  assert.equal(found.pid, null);
  assert.match(found.fix ?? '', /^sudo sysctl -w net\.ipv4\.ip_unprivileged_port_start=80 {3}#/);
  assert.equal(report.refusals['127.0.0.1'], 'EACCES');
});

test('a holder that is another user’s: OWNER_HIDDEN names the user and what would show it', async (t) => {
  const place = await create(t);
  if (place === null) return;
  const { machine, lab } = place;
  await machine.python("s = listen('127.0.0.1', 3000); say()");
  const through = [...machine.through, ...NOBODY];
  const home = { LOOPYARD_HOME: '/nonexistent/home' };
  const report = JSON.parse(
    await lab.must(['why', '3000', '--json'], 1, { through, env: home }),
  ) as WhyReport;
  const found = cause(report, 'OWNER_HIDDEN');
  assert.equal(found.pid, null);
  assert.match(found.text, /root/);
  assert.equal(found.fix, 'sudo env "PATH=$PATH" lo why 3000');
});

test('a listener in another network namespace: OTHER_NAMESPACE, and the port is free', async (t) => {
  const place = await create(t);
  if (place === null) return;
  const { machine, lab } = place;
  const file = join(machine.directory, 'inner.py');
  writeFileSync(
    file,
    "import json, os, time\nfrom socket import *\ns = socket(); s.bind(('0.0.0.0', 3000)); s.listen()\nprint(json.dumps({'pid': os.getpid()}), flush=True)\ntime.sleep(3600)\n",
  );
  const { pid } = await machine.start<{ pid: number }>('unshare', '--net', 'python3', file);
  const report = await machine.why(lab, 3000, 0);
  assert.deepEqual(codes(report), ['OTHER_NAMESPACE']);
  const found = cause(report, 'OTHER_NAMESPACE');
  assert.equal(found.pid, pid);
  assert.match(found.fix ?? '', new RegExp(`^sudo nsenter --net=/proc/${pid}/ns/net `));
  assert.match(found.evidence.join('\n'), /its network is net:\[\d+\]/);
});

test('a published port of a container: DOCKER_PROXY leads to the container', async (t) => {
  const place = await create(t);
  if (place === null) return;
  const { machine, lab } = place;
  const script = join(machine.directory, 'proxy.sh');
  writeFileSync(script, 'node=$1; code=$2; shift 2; exec -a docker-proxy "$node" -e "$code" -- "$@"\n');
  const words = '-proto tcp -host-ip 127.0.0.1 -host-port 5433 -container-ip 172.17.0.2 -container-port 5432';
  const started = machine.start<{ pid: number }>(
    'bash',
    script,
    process.execPath,
    PROXY,
    ...words.split(' '),
  );
  const { pid } = await started;
  const found = cause(await machine.why(lab, 5433, 1), 'DOCKER_PROXY');
  assert.equal(found.pid, pid);
  assert.match(found.text, /leads to 172\.17\.0\.2:5432 inside/);
  assert.equal(found.fix, 'docker ps --filter publish=5433');
});

test('a socket that systemd holds for a unit: SOCKET_ACTIVATED stops the unit', async (t) => {
  const place = await create(t);
  if (place === null) return;
  const { machine } = place;
  machine.run('sh', '-c', 'mount -t tmpfs none /run && mkdir -p /run/systemd/system');
  machine.run(
    'sh',
    '-c',
    'printf "[Socket]\\nListenStream=127.0.0.1:631\\n" > /run/systemd/system/cups.socket',
  );
  const file = join(machine.directory, 'systemd.py');
  writeFileSync(file, SYSTEMD);
  const command = [
    'env',
    'LOOPYARD_HOME=/nonexistent',
    process.execPath,
    join(dist, 'lo.js'),
    'why',
    '631',
    '--json',
  ];
  const inner = ['unshare', '--pid', '--fork', '--mount-proc', '--'];
  const report = await machine.start<WhyReport>(...inner, 'python3', file, ...command);
  const found = cause(report, 'SOCKET_ACTIVATED');
  assert.equal(found.pid, 1);
  assert.equal(found.fix, 'systemctl stop cups.socket');
});

test('a holder below a program that starts it again: SUPERVISED names that one', async (t) => {
  const place = await create(t);
  if (place === null) return;
  const { machine, lab } = place;
  const keeper = join(machine.directory, 'nodemon');
  const server = join(machine.directory, 'server.py');
  writeFileSync(
    server,
    "import json, os, time\nfrom socket import *\ns = socket(); s.bind(('127.0.0.1', 3000)); s.listen()\nprint(json.dumps({'parent': os.getppid()}), flush=True)\ntime.sleep(3600)\n",
  );
  writeFileSync(keeper, `while true; do python3 ${server}; done\n`);
  const { parent } = await machine.start<{ parent: number }>('bash', keeper);
  const found = cause(await machine.why(lab, 3000, 1), 'SUPERVISED');
  assert.equal(found.pid, parent);
  assert.match(found.text, new RegExp(`was started by nodemon \\(pid ${parent}\\)`));
  assert.equal(found.fix, `kill ${parent}`);
});

test('a program whose file is gone: STALE_BINARY', async (t) => {
  const place = await create(t);
  if (place === null) return;
  const { machine, lab } = place;
  const copy = join(machine.directory, 'old-python');
  // The program itself: what is called python3 may be a script that chooses one.
  const real = machine.run('python3', '-c', 'import os, sys; print(os.path.realpath(sys.executable))').trim();
  machine.run('cp', real, copy);
  const home = machine.run('python3', '-c', 'import sys; print(sys.base_prefix)').trim();
  const script =
    "import json, os, time\nfrom socket import *\nos.unlink(os.readlink('/proc/self/exe'))\ns = socket(); s.bind(('127.0.0.1', 3000)); s.listen()\nprint(json.dumps({'pid': os.getpid()}), flush=True)\ntime.sleep(3600)\n";
  const { pid } = await machine.start<{ pid: number }>('env', `PYTHONHOME=${home}`, copy, '-c', script);
  const found = cause(await machine.why(lab, 3000, 1), 'STALE_BINARY');
  assert.equal(found.pid, pid);
  assert.equal(found.fix, 'lo kill 3000   # then start it again');
});

test('a service of Loopyard: OURS_RUNNING while it runs, OURS_STOPPED when it does not', async (t) => {
  const lab = Lab.create(t);
  lab.write('server.mjs', SERVER);
  lab.write('loopyard.yaml', `name: shop\nservices:\n  api: { run: node server.mjs, port: ${PORT} }\n`);
  await lab.must(['up', '--detach']);
  const { pid } = await lab.service('api');
  const { environment } = await lab.ps();
  // Other tests of this machine may listen on that port of their own addresses: what is ours is told apart.
  const ours = async (): Promise<readonly CauseDocument[]> => {
    const { stdout } = await lab.lo(['why', String(PORT), '--json']);
    const { causes } = JSON.parse(stdout) as WhyReport;
    return causes.filter(({ code }) => code.startsWith('OURS'));
  };
  const [running, ...more] = await ours();
  assert.equal(more.length, 0);
  assert.equal(running?.code, 'OURS_RUNNING');
  assert.equal(running?.pid, pid);
  assert.equal(running?.fix, `lo stop api --environment ${environment.id}`);
  await lab.must(['stop', 'api', '--environment', environment.id], 0, { cwd: '/' });
  const [stopped] = await ours();
  assert.equal(stopped?.code, 'OURS_STOPPED');
  assert.equal(stopped?.fix, `lo start api --environment ${environment.id}`);
});

test('a unit of systemd, by facts of a machine that has one: UNIT stops the unit, not the process', () => {
  const root = { ...PROCESS, pid: 812, parent: 1, session: 812 };
  const report = found({
    listeners: [
      listener({ unit: { name: 'nginx.service', manager: 'system', socket: false } }, 812, 'nginx'),
    ],
    processOf: (pid) => (pid === 812 ? root : null),
    uid: 1000,
  });
  const unit = report.find(({ code }) => code === 'UNIT');
  assert.equal(unit?.fix, 'sudo systemctl stop nginx.service');
  assert.equal(unit?.pid, 812);
  // A program in a terminal is in a control group of systemd too, and is nothing of the unit's.
  const typed = found({
    listeners: [listener({ unit: { name: 'ssh.service', manager: 'system', socket: false } }, 900, 'node')],
    processOf: (pid) => ({ ...PROCESS, pid, parent: 899, session: 890 }),
  });
  assert.ok(!typed.some(({ code }) => code === 'UNIT'));
});

test('a range that Windows keeps for itself, and the AirPlay receiver of macOS, by their facts', () => {
  const refused = { bindable: false, code: 'EACCES' } as const;
  const reserved = found({
    port: 50_010,
    system: 'win32',
    ranges: { ephemeral: [49_152, 65_535], reserved: [[50_000, 50_059]], unprivilegedFrom: 0 },
    trials: [{ address: '127.0.0.1', ipv6Only: false, predicted: true, answer: refused }],
  });
  assert.deepEqual(
    reserved.map(({ code }) => code),
    ['RESERVED_RANGE'],
  );
  assert.match(reserved[0]?.fix ?? '', /^netsh int ipv4 show excludedportrange protocol=tcp/);
  const airplay = found({ port: 5000, listeners: [listener({}, 501, 'ControlCe', 5000)], system: 'darwin' });
  const receiver = airplay.find(({ code }) => code === 'AIRPLAY_RECEIVER');
  assert.equal(receiver?.pid, 501);
  assert.match(receiver?.fix ?? '', /AirPlay Receiver/);
  assert.ok(
    !found({ port: 5000, listeners: [listener({}, 501, 'node', 5000)] }).some(
      ({ code }) => code === 'AIRPLAY_RECEIVER',
    ),
  );
});

const PORT = 24_613;

const SERVER = `
  import { createServer } from 'node:http';
  createServer((request, response) => response.end('ok')).listen(process.env.PORT, process.env.HOST);
`;

const PROXY = `
  const value = (flag) => process.argv[process.argv.indexOf(flag) + 1];
  require('net').createServer().listen(Number(value('-host-port')), value('-host-ip'), () => console.log(JSON.stringify({ pid: process.pid })))`;

/** The first process of its namespace, under systemd's name, with a socket of its own. */
const SYSTEMD = `
import json, subprocess, sys, time
from socket import *
s = socket(); s.bind(('127.0.0.1', 631)); s.listen()
open('/proc/self/comm', 'w').write('systemd')
print(json.dumps(json.loads(subprocess.run(sys.argv[1:], stdout=subprocess.PIPE).stdout)), flush=True)
time.sleep(3600)`;

const PROCESS = {
  pid: 1,
  parent: 0,
  session: 1,
  uid: 0,
  user: 'root',
  name: 'nginx',
  command: ['nginx: master process'],
  cwd: '/',
  executable: '/usr/sbin/nginx',
  executableDeleted: false,
  startedAt: 0,
  cgroup: '/system.slice/nginx.service',
} as const;

type Listener = Situation['listeners'][number];

function listener(change: Partial<Listener>, pid: number, name: string, port = 3000): Listener {
  return {
    protocol: 'tcp',
    family: 4,
    address: '127.0.0.1',
    port,
    scope: 'loopback',
    interface: 'lo',
    interfaceKind: 'loopback',
    owners: [
      {
        pid,
        user: 'me',
        name,
        command: [name],
        cwd: '/',
        started: null,
        parents: [],
        origin: 'here',
        stale: false,
      },
    ],
    ownerVisible: true,
    hidden: null,
    user: 'me',
    service: null,
    container: null,
    unit: null,
    ...change,
  };
}

/** All causes of a situation that is quiet but for what is given. */
function found(change: Partial<Situation>): readonly CauseDocument[] {
  const situation: Situation = {
    port: 3000,
    listeners: [],
    udp: [],
    connections: [],
    trials: [],
    localhost: ['127.0.0.1'],
    ranges: { ephemeral: [32_768, 60_999], reserved: [], unprivilegedFrom: 1024 },
    elsewhere: [],
    unlisted: [],
    holdings: [],
    processOf: () => null,
    system: 'linux',
    uid: 0,
    unseen: [],
    isBlind: false,
    ...change,
  };
  return CAUSES.flatMap((one) => one.find(situation));
}

async function create(
  t: Parameters<typeof Lab.create>[0],
): Promise<{ readonly machine: OwnMachine; readonly lab: Lab } | null> {
  const machine = await OwnMachine.create(t);
  return machine === null ? null : { machine, lab: Lab.create(t) };
}

function codes(report: WhyReport): readonly string[] {
  return report.causes.map(({ code }) => code);
}

function cause(report: WhyReport, code: string): CauseDocument {
  const [first, ...more] = report.causes.filter((one) => one.code === code);
  assert.ok(first !== undefined && more.length === 0, `${code} once in ${JSON.stringify(report.causes)}`);
  return first;
}
