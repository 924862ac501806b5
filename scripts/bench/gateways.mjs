/**
 * The gateways that are compared, each in front of the same program: how it is started and which processes are its. Ours is the shipped
 * one; nginx and caddy are used when they are installed, by configurations that lie beside this file, and http-proxy comes from npm.
 */

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { at } from '../lib/root.mjs';
import { allAnswer } from './measure.mjs';
import { moduleOfNpm, onPath } from './peers.mjs';

const HOST = '127.0.0.1';
/** Names of ours that nobody has asked for, each with a certificate that is not loaded yet. */
const FRESH = Array.from({ length: 20 }, (_, index) => `fresh${index}.localhost`);
/** What was started: nginx writes over its environment, so the sandbox would not find it again. */
const children = new Set();

/** Started gateways: `name`, `plain` and `secure` (URLs without path, by the name `localhost`), `pids()`; and `close` for all. */
export async function startGateways(sandbox, programs) {
  const upstream = `${HOST}:${await freePort()}`;
  start(sandbox, programs.upstream, upstream.split(':'));
  const place = { ...certificate(sandbox), upstream };
  await allAnswer([placeOf(upstream)]);
  const peers = [
    ['nginx', onPath('nginx') ?? onSbin('nginx'), startNginx],
    ['caddy', onPath('caddy'), startCaddy],
    ['http-proxy (npm)', moduleOfNpm('http-proxy'), startNodeProxy],
  ];
  const started = [await startOurs(sandbox, place)];
  for (const [name, program, startPeer] of peers)
    if (program !== null) started.push({ name, ...(await startPeer(sandbox, place, program)) });
  const direct = { name: 'the program itself', plain: `http://${upstream}`, secure: null, pids: () => [] };
  return {
    direct,
    gateways: started,
    close,
    missing: peers.filter(([, program]) => program === null).map(([name]) => name),
  };
}

/** Two of them: one that has a certificate sends plain requests to its secure door. */
async function startOurs(sandbox, place) {
  const [plain, secure] = [await startOne(sandbox, place, false), await startOne(sandbox, place, true)];
  return {
    name: 'lo',
    plain: `http://localhost:${plain.ports.http}`,
    secure: `https://localhost:${secure.ports.https}`,
    fresh: FRESH.map((name) => ({ name, port: secure.ports.https })),
    pids: () => [plain.pid, secure.pid],
  };
}

async function startOne(sandbox, { upstream, certificate, key }, secure) {
  const directory = sandbox.directory();
  const snapshot = join(directory, 'snapshot.json');
  const [address, port] = upstream.split(':');
  const route = {
    id: 'bench',
    names: ['localhost', ...FRESH],
    wildcard: false,
    path: '/',
    state: 'ready',
    words: '',
    log: null,
  };
  const own = ['localhost', ...FRESH].map((name) => ({ names: [name], certificate, key }));
  const certificates = secure ? own : [];
  const routes = [{ ...route, target: { address, port: Number(port) } }];
  writeFileSync(snapshot, JSON.stringify({ schema: 1, revision: 1, routes, certificates, links: [] }));
  const program = join(dirname(sandbox.lo), 'gateway.js');
  const profile =
    process.env.BENCH_PROFILE === undefined
      ? []
      : ['--cpu-prof', `--cpu-prof-dir=${process.env.BENCH_PROFILE}`];
  const child = start(
    sandbox,
    [process.execPath, ...profile, program],
    [join(directory, 'socket'), snapshot, `bench-gateway-${process.pid}-${secure}`],
    { LOOPYARD_HTTP_PORT: '0', LOOPYARD_HTTPS_PORT: '0' },
  );
  const ports = await read(join(directory, 'doors.json'));
  await allAnswer([{ host: HOST, port: secure ? ports.https : ports.http }]);
  return { pid: child.pid, ports };
}

async function close() {
  await Promise.all(
    [...children].map((child) => {
      child.kill('SIGTERM');
      return once(child, 'exit');
    }),
  );
}

async function startNginx(sandbox, place, program) {
  const ports = { plain: await freePort(), secure: await freePort() };
  const directory = sandbox.directory();
  const file = join(directory, 'nginx.conf');
  fill('nginx.conf', file, { ...place, ...ports, directory });
  const child = start(sandbox, [program], ['-p', directory, '-e', 'stderr', '-c', file]);
  await allAnswer(Object.values(ports).map((port) => ({ host: HOST, port })));
  return { ...urls(ports), pids: () => [child.pid, ...childrenOf(child.pid)] };
}

async function startCaddy(sandbox, place, program) {
  const ports = { plain: await freePort(), secure: await freePort() };
  const directory = sandbox.directory();
  const file = join(directory, 'Caddyfile');
  fill('Caddyfile', file, { ...place, ...ports, directory });
  const home = { HOME: directory, XDG_DATA_HOME: directory, XDG_CONFIG_HOME: directory };
  const child = start(sandbox, [program], ['run', '--config', file], home);
  await allAnswer(Object.values(ports).map((port) => ({ host: HOST, port })));
  return { ...urls(ports), pids: () => [child.pid] };
}

/** The proxy that most Node projects use, on Node's own HTTP. */
async function startNodeProxy(sandbox, { upstream, certificate, key }, module) {
  const ports = { plain: await freePort(), secure: await freePort() };
  const program = at('scripts/bench/programs/node-proxy.mjs');
  const places = [upstream, ports.plain, ports.secure, certificate, key];
  const child = start(sandbox, [process.execPath, program, module], places.map(String));
  await allAnswer(Object.values(ports).map((port) => ({ host: HOST, port })));
  return { ...urls(ports), pids: () => [child.pid] };
}

function start(sandbox, [program, ...words], args, variables = {}) {
  const child = spawn(program, [...words, ...args], { env: sandbox.variables(variables), stdio: 'ignore' });
  children.add(child);
  child.once('exit', () => children.delete(child));
  return child;
}

function urls({ plain, secure }) {
  return { plain: `http://localhost:${plain}`, secure: `https://localhost:${secure}` };
}

function fill(name, file, values) {
  const text = readFileSync(at('scripts/bench/gateways', name), 'utf8');
  writeFileSync(
    file,
    text.replace(/@([A-Z]+)@/g, (mark, word) => values[word.toLowerCase()] ?? mark),
  );
}

/** ECDSA P-256, as the gateway's own certificates are. */
function certificate(sandbox) {
  const directory = sandbox.directory();
  const [certificate, key] = [join(directory, 'cert.pem'), join(directory, 'key.pem')];
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  const { status } = spawnSync(
    'openssl',
    ['req', '-x509', ...kind, ...names, '-keyout', key, '-out', certificate],
    {
      stdio: 'ignore',
    },
  );
  if (status !== 0) throw new Error('openssl could not make a certificate');
  return { certificate, key };
}

/** Nobody else asks for ports of that range here; one that is taken meanwhile fails the bench. */
async function freePort() {
  const server = createServer().listen(0, HOST);
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

async function read(file) {
  for (const deadline = performance.now() + 20_000; performance.now() < deadline; await delay(5))
    if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8'));
  throw new Error('the gateway opened no doors');
}

function childrenOf(pid) {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').trim();
  return text === '' ? [] : text.split(' ').map(Number);
}

function placeOf(text) {
  const [host, port] = text.split(':');
  return { host, port: Number(port) };
}

function onSbin(name) {
  const path = `/usr/sbin/${name}`;
  return existsSync(path) ? path : null;
}
