/** What a listener belongs to: containers behind docker-proxy and control groups, names by their manager's socket, units of systemd. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { ContainerRef, PortsReport } from '../../src/core/inspection.ts';
import { containerOf } from '../../src/inspector/ports/container.ts';
import { readContainers } from '../../src/platform/linux/containers.ts';
import { dist } from '../support/paths.ts';
import { PortsRig } from './ports-rig.ts';

const ID = '3f'.repeat(32);
/** As docker-proxy does: listens where its arguments say, under its name. */
const PROXY = `
  const value = (flag) => process.argv[process.argv.indexOf(flag) + 1];
  require('net').createServer().listen(Number(value('-host-port')), value('-host-ip'), () => console.log('up'))`;
const PROXY_ARGUMENTS =
  '-proto tcp -host-ip 0.0.0.0 -host-port 5433 -container-ip 172.17.0.2 -container-port 5432'.split(' ');

/** As Docker answers; what is left out here is not read. */
const CONTAINERS = [
  {
    Id: ID,
    Names: ['/shop-db-1'],
    Ports: [
      { IP: '0.0.0.0', PrivatePort: 5432, PublicPort: 5433, Type: 'tcp' },
      { PrivatePort: 9999, Type: 'tcp' },
    ],
    NetworkSettings: { Networks: { shop_default: { IPAddress: '172.17.0.2', GlobalIPv6Address: '' } } },
  },
  { Id: 'ab'.repeat(32), Names: ['/other'], Ports: [], NetworkSettings: { Networks: {} } },
  { Id: 7 },
  null,
];

/** A manager's socket; its requests, as `METHOD URL`. */
async function manager(
  t: TestContext,
  answer: RequestListener,
): Promise<{ readonly path: string; readonly asked: readonly string[] }> {
  const directory = mkdtempSync(join(tmpdir(), 'manager-'));
  const path = join(directory, 'docker.sock');
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    answer(request, response);
  });
  server.listen(path);
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
    rmSync(directory, { recursive: true, force: true });
  });
  return { path, asked };
}

async function proxied(t: TestContext): Promise<PortsRig | null> {
  const rig = await PortsRig.create(t);
  const rename = ['bash', '-c', 'exec -a /usr/bin/docker-proxy "$@"', 'bash', process.execPath];
  await rig?.machine.launch(...rename, '-e', PROXY, '--', ...PROXY_ARGUMENTS);
  return rig;
}

async function container(
  rig: PortsRig,
  variables: Readonly<Record<string, string>>,
): Promise<readonly [ContainerRef | null, PortsReport['unseen']]> {
  const { listeners, unseen } = await rig.report([], { env: variables });
  assert.equal(listeners.length, 1);
  return [listeners[0]?.container ?? null, unseen];
}

const TARGET = { address: '172.17.0.2', port: 5432 };

test('a published port is its container, by name when the manager tells it', async (t) => {
  const rig = await proxied(t);
  if (rig === null) return;
  const { path, asked } = await manager(t, (_request, response) => response.end(JSON.stringify(CONTAINERS)));
  const DOCKER_HOST = `unix://${path}`;
  const [named, unseen] = await container(rig, { DOCKER_HOST });
  assert.deepEqual(named, { runtime: 'docker', id: ID, name: 'shop-db-1', target: TARGET });
  assert.deepEqual(unseen, []);
  assert.deepEqual(asked, ['GET /containers/json']);
  const text = await rig.told([], { env: { DOCKER_HOST } });
  assert.match(text, /5433\/tcp {2}every address \(IPv4\) +node +\d+ +root +container shop-db-1, port 5432/);
  assert.equal((await rig.report(['--name', 'shop-db'], { env: { DOCKER_HOST } })).listeners.length, 1);
});

test('a manager that is silent, broken, closed or not there keeps nobody waiting, and is said to be unseen', async (t) => {
  const rig = await proxied(t);
  if (rig === null) return;
  const nameless = { runtime: 'docker', id: null, name: null, target: TARGET };
  const answers: readonly (readonly [RequestListener, RegExp])[] = [
    [() => undefined, /no answer within 1000 ms/],
    [(_request, response) => response.end('<html>'), /the answer is no JSON/],
    [(_request, response) => response.writeHead(500).end(), /it answers with status 500/],
    [(request) => request.socket.destroy(), /ECONNRESET|socket hang up/],
  ];
  for (const [answer, why] of answers) {
    const { path } = await manager(t, answer);
    const [found, unseen] = await container(rig, { DOCKER_HOST: `unix://${path}` });
    assert.deepEqual(found, nameless);
    assert.match(unseen[0]?.why ?? '', why);
    assert.match(unseen[0]?.what ?? '', /^names of containers, asked at \//);
  }
  // No manager at all, or one on another machine, which is not asked.
  for (const host of ['unix:///nonexistent/docker.sock', 'tcp://127.0.0.1:5433'])
    assert.deepEqual((await container(rig, { DOCKER_HOST: host }))[0], nameless);
});

test('no manager is asked when there is no container', async (t) => {
  const rig = await PortsRig.create(t);
  if (rig === null) return;
  const { path, asked } = await manager(t, (_request, response) => response.end('[]'));
  await rig.machine.python("s = listen('127.0.0.1', 3000)\nsay()");
  await rig.report([], { env: { DOCKER_HOST: `unix://${path}` } });
  assert.deepEqual(asked, []);
});

test('what is not as the API says is left out', async (t) => {
  for (const document of [{}, [null, 1, 'x', { Id: 'a' }, { Id: 'a', Names: [] }], 'text', 0]) {
    const { path } = await manager(t, (_request, response) => response.end(JSON.stringify(document)));
    const { containers } = await readContainers({ DOCKER_HOST: `unix://${path}` });
    assert.deepEqual(
      containers.filter(({ id }) => id === 'a'),
      [],
    );
  }
});

test('the container of a process by its control group', () => {
  const of = (cgroup: string | null): readonly unknown[] | null => {
    const found = containerOf([{ command: ['node'], cgroup }]);
    return found === null ? null : [found.runtime, found.id ?? found.name];
  };
  assert.deepEqual(of(`/system.slice/docker-${ID}.scope`), ['docker', ID]);
  assert.deepEqual(of(`/docker/${ID}`), ['docker', ID]);
  assert.deepEqual(of(`/docker/${'ab'.repeat(32)}/docker/${ID}`), ['docker', ID]);
  assert.deepEqual(
    of(`/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-${ID}.scope/container`),
    ['podman', ID],
  );
  assert.deepEqual(of(`/libpod_parent/libpod-${ID}`), ['podman', ID]);
  assert.deepEqual(of(`/machine.slice/libpod-${ID}.scope`), ['podman', ID]);
  const pod = '/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod1_2.slice';
  assert.deepEqual(of(`${pod}/cri-containerd-${ID}.scope`), ['kubernetes', ID]);
  assert.deepEqual(of(`${pod}/docker-${ID}.scope`), ['kubernetes', ID]);
  assert.deepEqual(of(`${pod}/crio-${ID}.scope`), ['kubernetes', ID]);
  assert.deepEqual(of(`/kubepods/besteffort/pod1-2/${ID}`), ['kubernetes', ID]);
  assert.deepEqual(of(`/system.slice/nerdctl-${ID}.scope`), ['containerd', ID]);
  assert.deepEqual(of(`/default/${ID}`), ['containerd', ID]);
  assert.deepEqual(of(`/ecs/task/${ID}`), ['docker', ID]);
  assert.deepEqual(of(`/elsewhere/${ID}`), ['unknown', ID]);
  assert.deepEqual(of('/lxc.payload.web/system.slice/nginx.service'), ['lxc', 'web']);
  assert.deepEqual(of('/lxc/web'), ['lxc', 'web']);
  assert.deepEqual(of('/machine.slice/systemd-nspawn@web.service/payload'), ['unknown', 'web']);
  for (const none of [
    null,
    '/',
    '/system.slice/docker.service',
    `/machine.slice/libpod-conmon-${ID}.scope`,
    '/user.slice/session-1.scope',
    '/lxc.monitor.web',
  ])
    assert.equal(of(none), null, `${none}`);
});

test('the forwarders of published ports', () => {
  const of = (command: string): unknown => containerOf([{ command: command.split(' '), cgroup: null }]);
  const nameless = { id: null, name: null };
  assert.deepEqual(of(`/usr/bin/docker-proxy ${PROXY_ARGUMENTS.join(' ')}`), {
    runtime: 'docker',
    ...nameless,
    target: TARGET,
  });
  assert.deepEqual(of('docker-proxy -proto'), { runtime: 'docker', ...nameless, target: null });
  assert.deepEqual(of('/usr/bin/rootlessport'), { runtime: 'podman', ...nameless, target: null });
  assert.deepEqual(of('/usr/bin/pasta --config-net /run/user/1000/netns/netns-1'), {
    runtime: 'podman',
    ...nameless,
    target: null,
  });
  assert.equal(of('/usr/bin/pasta --config-net'), null);
  assert.equal(of('vi docker-proxy'), null);
});

/** Pid 1 by the name of systemd: holds sockets, and runs a command whose output is the line it prints. */
const SYSTEMD = `
import json, os, subprocess, sys, time
from socket import *
def listen(host, port):
    s = socket(AF_INET6 if ':' in host else AF_INET, SOCK_STREAM); s.bind((host, port)); s.listen(); return s
s = [listen('127.0.0.1', 631), listen('::', 22), listen('127.0.0.1', 7777)]
open('/proc/self/comm', 'w').write('systemd')
print(json.dumps(json.loads(subprocess.run(sys.argv[1:], stdout=subprocess.PIPE).stdout)), flush=True)
time.sleep(3600)`;

const UNITS: Readonly<Record<string, string>> = {
  'ssh.socket': '[Socket]\nListenStream=22\n',
  'aaa.socket': '[Socket]\nListenStream=\nListenStream=/run/aaa.sock\nListenDatagram=22\n# ListenStream=22\n',
  'cups.socket': '[Socket]\nListenStream=/run/cups.sock\nListenStream = 127.0.0.1:631 \n',
  'bbb.socket': '[Socket]\nListenStream=7777\n',
};

test('a socket in the hands of systemd is that of its socket unit', async (t) => {
  const rig = await PortsRig.create(t);
  if (rig === null) return;
  const { machine } = rig;
  const directory = '/run/systemd/system';
  machine.run('sh', '-c', `mount -t tmpfs none /run && mkdir -p ${directory}/bbb.socket.d`);
  for (const [name, text] of Object.entries(UNITS))
    machine.run('sh', '-c', 'printf "%b" "$1" > "$0"', `${directory}/${name}`, text);
  // Set aside by an addition: only an address that is not the one.
  machine.run(
    'sh',
    '-c',
    `printf 'ListenStream=\nListenStream=[::1]:7777\n' > ${directory}/bbb.socket.d/only.conf`,
  );
  const inner = ['unshare', '--pid', '--fork', '--mount-proc', '--'];
  const file = join(machine.directory, 'systemd.py');
  writeFileSync(file, SYSTEMD);
  const command = [
    'env',
    'LOOPYARD_HOME=/nonexistent',
    process.execPath,
    join(dist, 'lo.js'),
    'ports',
    '--json',
  ];
  const { listeners } = await machine.start<PortsReport>(...inner, 'python3', file, ...command);
  const units = listeners.map(({ port, unit, owners }) => [port, owners[0]?.pid, unit]);
  assert.deepEqual(units, [
    [22, 1, { name: 'ssh.socket', manager: 'system', socket: true }],
    [631, 1, { name: 'cups.socket', manager: 'system', socket: true }],
    [7777, 1, null],
  ]);
});
