/**
 * Row: bytes through a link, beside no link, a plain Node pipe and toxiproxy where it is on PATH, or else a relay that is built as
 * toxiproxy is, where there is Go; then how exact the latency and bandwidth faults are. The gateway runs alone, by a snapshot: no daemon takes part.
 */

import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { dirname, join } from 'node:path';
import { at } from '../../lib/root.mjs';
import { allAnswer, cpuMs, interleaved } from '../measure.mjs';
import { onPath } from '../peers.mjs';

const SECONDS = '1';
/** Before small messages are counted: a gateway that is busy has shared its connections among processes by then. */
const BEFORE_SECONDS = '3';
const LOADS = [
  { name: 'bulk, to the caller', mode: 'down', count: 1, unit: 'MB/s', scale: 1e6 },
  { name: 'bulk, to the service', mode: 'up', count: 1, unit: 'MB/s', scale: 1e6 },
  { name: '1 connection, small messages', mode: 'ask', count: 1, unit: '/s', scale: 1 },
  { name: '16 connections, small messages', mode: 'ask', count: 16, unit: '/s', scale: 1 },
  { name: '64 connections, small messages', mode: 'ask', count: 64, unit: '/s', scale: 1 },
];
/** What the design asks for, beside toxiproxy; and what a plain pipe is beside toxiproxy, measured once where both were there. */
const LEAST = { bulk: 1.5, 1: 1, 16: 1, 64: 1 };
const PIPE_TO_TOXIPROXY = { bulk: 1.7, 1: 1.2, 16: 0.6, 64: 0.9 };
const PIPE = [process.execPath, at('scripts/bench/programs/pipe.mjs')];
const AS_TOXIPROXY = 'a relay built as toxiproxy (Go)';

export async function links({ sandbox, programs, rounds, note }) {
  if (programs.wire === null) return [{ title: 'links: not measured, there is no C compiler', lines: [] }];
  const [wire] = programs.wire;
  const service = Number(await firstLine(start(sandbox, wire, ['serve'])));
  const bench = { sandbox, wire, service };
  const places = {
    direct: { address: '127.0.0.1', port: service },
    link: await link(bench, []),
    'plain Node pipe': await relay(bench, PIPE),
  };
  const toxiproxy = await toxiproxyPlace(bench);
  if (toxiproxy !== null) places.toxiproxy = toxiproxy;
  else if (programs.stages !== null) places[AS_TOXIPROXY] = await relay(bench, programs.stages);
  const tables = [];
  for (const load of LOADS) tables.push(await speed(bench, places, load, rounds, note));
  tables.push(await lateness(bench), await rate(bench));
  return tables;
}

async function speed({ wire }, places, load, rounds, note) {
  const contenders = Object.entries(places).map(([name, place]) => ({ name, place }));
  const medians = await interleaved(
    contenders,
    rounds,
    async ({ place }) => {
      const before = await cpuOf(place);
      const [value] = await wireFigures(wire, load.mode, place, SECONDS, load.count);
      return { value, cpu: (await cpuOf(place)) - before };
    },
    note,
  );
  const peer = ['toxiproxy', AS_TOXIPROXY, 'plain Node pipe'].find((name) => places[name] !== undefined);
  const of = (name) => medians.get(contenders.find((one) => one.name === name)).value;
  const kind = load.mode === 'ask' ? load.count : 'bulk';
  const least = LEAST[kind] / (peer === 'plain Node pipe' ? PIPE_TO_TOXIPROXY[kind] : 1);
  return {
    title: `a link without faults: ${load.name}${load.mode === 'ask' ? `, after ${BEFORE_SECONDS} s` : ''}`,
    lines: contenders.map((contender) => {
      const { value, cpu } = medians.get(contender);
      const text = cpu === 0 ? '' : `${cpu.toFixed(0)} ms of CPU`;
      return {
        name: contender.name,
        value: value / load.scale,
        unit: load.unit,
        ratio: of('link') / value,
        text,
      };
    }),
    budgets: [
      { text: `${load.name}: link >= ${least.toFixed(2)} x ${peer}`, value: of('link') / of(peer), least },
    ],
  };
}

/** Of all processes that carry for it. */
async function cpuOf({ pid, status }) {
  if (pid === undefined) return 0;
  const carriers = status === undefined ? [] : (await status()).carriers;
  return [pid, ...carriers.map((one) => one.pid)].reduce((sum, one) => sum + cpuMs(one), 0);
}

/** 100 ms on the way down: what is too much is what is measured. The direct path's own times are below 1 ms. */
async function lateness(bench) {
  const place = await link(bench, [fault('latency', { delay: 100, jitter: 0, distribution: 'uniform' })]);
  await place.status();
  const times = await wireFigures(bench.wire, 'times', place, '0', 100);
  const { lagMs } = await place.status();
  const [p50, p95, p99] = [0.5, 0.95, 0.99].map((share) => percentile(times, share));
  const line = (name, value) => ({ name, value, unit: 'ms', digits: 2 });
  return {
    title: 'a latency fault of 100 ms: time of an answer, 100 times',
    lines: [
      line('p50', p50),
      line('p95', p95),
      line('p99', p99),
      {
        ...line('event loop of the gateway: longest lag meanwhile', lagMs),
        text: 'a busy machine shows here',
      },
    ],
    budgets: [
      { text: 'p50 within 1.5 ms', value: Math.abs(p50 - 100), unit: 'ms', most: 1.5 },
      { text: 'p95 within 6 ms', value: Math.abs(p95 - 100), unit: 'ms', most: 6 },
    ],
  };
}

async function rate(bench) {
  const place = await link(bench, [fault('bandwidth', { rate: 1_000_000 })]);
  await place.status();
  const rates = [];
  for (let count = 0; count < 3; count += 1)
    rates.push(...(await wireFigures(bench.wire, 'down', place, '4', 1)));
  const { lagMs } = await place.status();
  const [p50, p95] = [0.5, 0.95].map((share) => percentile(rates, share) / 1000);
  return {
    title: 'a bandwidth fault of 1 MB/s: 4 s each, 3 times',
    lines: [
      { name: 'p50', value: p50, unit: 'KB/s', digits: 1 },
      { name: 'p95', value: p95, unit: 'KB/s', digits: 1 },
      { name: 'event loop of the gateway: longest lag meanwhile', value: lagMs, unit: 'ms', digits: 2 },
    ],
    budgets: [{ text: 'within 1 %', value: Math.abs(p50 - 1000) / 10, unit: '%', most: 1 }],
  };
}

function fault(kind, settings) {
  return { name: kind, kind, direction: 'down', settings, probability: 1, seed: 1, until: null };
}

/** A gateway of its own with one link. */
async function link({ sandbox, service }, faults) {
  const directory = sandbox.directory();
  const [socket, snapshot] = [join(directory, 'gateway.sock'), join(directory, 'snapshot.json')];
  const listen = {
    address: `127.77.${process.pid % 250}.1`,
    port: 20_000 + Math.floor(Math.random() * 10_000),
  };
  const upstream = { address: '127.0.0.1', port: service };
  const links = [{ id: 'bench/api:db', listen, upstream, enabled: true, faults }];
  mkdirSync(directory, { recursive: true });
  writeFileSync(snapshot, JSON.stringify({ schema: 1, revision: 1, routes: [], certificates: [], links }));
  const { pid } = start(sandbox, process.execPath, [
    join(dirname(sandbox.lo), 'gateway.js'),
    socket,
    snapshot,
    `lo-bench-${directory}`,
  ]);
  await allAnswer([{ host: listen.address, port: listen.port }]);
  await allAnswer([{ path: socket }]);
  return { ...listen, pid, status: () => statusOf(socket) };
}

/** A program that says where it listens. */
async function relay({ sandbox, service }, [program, ...words]) {
  const child = start(sandbox, program, [...words, String(service)]);
  return { address: '127.0.0.1', port: Number(await firstLine(child)), pid: child.pid };
}

/** Null: it is not on PATH. */
async function toxiproxyPlace({ sandbox, service }) {
  const program = onPath('toxiproxy-server') ?? onPath('toxiproxy');
  if (program === null) return null;
  const [port, listen] = [30_000, 31_000].map((base) => base + Math.floor(Math.random() * 1000));
  const proxies = [{ name: 'bench', listen: `127.0.0.1:${listen}`, upstream: `127.0.0.1:${service}` }];
  const config = join(sandbox.directory(), 'toxiproxy.json');
  writeFileSync(config, JSON.stringify(proxies));
  // It says each connection on its output, and stops when nobody reads that.
  const { pid } = start(sandbox, program, ['-port', String(port), '-config', config], 'ignore');
  await allAnswer([{ host: '127.0.0.1', port: listen }]);
  return { address: '127.0.0.1', port: listen, pid };
}

function start(sandbox, program, args, output = 'pipe') {
  const env = sandbox.variables({ LOOPYARD_HTTPS_PORT: '0', LOOPYARD_HTTP_PORT: '0' });
  return spawn(program, args, { env, stdio: ['ignore', output, 'ignore'] });
}

async function firstLine(child) {
  let text = '';
  for await (const chunk of child.stdout.setEncoding('utf8')) {
    text += chunk;
    if (text.includes('\n')) return text.split('\n')[0];
  }
  throw new Error('a program ended without a word');
}

function wireFigures(wire, mode, { address, port }, seconds, count) {
  const before = mode === 'ask' ? [BEFORE_SECONDS] : [];
  const child = spawn(wire, [mode, address, String(port), seconds, String(count), ...before], {
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: 60_000,
  });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk) => {
    text += chunk;
  });
  return new Promise((resolve, reject) => {
    child.on('close', (code) => {
      if (code === 0) resolve(text.trim().split('\n').map(Number));
      else reject(new Error(`wire ${mode} ended with ${code}`));
    });
  });
}

function statusOf(socketPath) {
  return new Promise((resolve, reject) => {
    const asking = request({ socketPath, path: '/v1/status' }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () => resolve(JSON.parse(text)));
    });
    asking.on('error', reject).end();
  });
}

function percentile(values, share) {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)];
}
