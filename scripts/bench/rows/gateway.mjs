/**
 * Row: HTTP/1.1 and TLS through the gateway, all checks on, beside nginx (one worker) and caddy in front of the same program:
 * `wrk -t1 -c50`. Requests per second, CPU of the gateway for each request, and 1 MB replies. Ratios are medians of those of the rounds.
 */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { at } from '../../lib/root.mjs';
import { startGateways } from '../gateways.mjs';
import { cpuMs, interleaved, ratioByRounds } from '../measure.mjs';
import { onPath } from '../peers.mjs';

const SECONDS = 3;
/** Between two loads, in ms: a process that was loaded closes its connections and collects its garbage on the core of the next one. */
const REST_MS = 500;
const SMALL = [
  { title: 'HTTP/1.1, small replies', door: 'plain', path: '/', budget: true },
  { title: 'TLS, small replies', door: 'secure', path: '/', budget: true },
  {
    title: 'HTTP/1.1, no head like another',
    door: 'plain',
    path: '/vary',
    script: 'vary.lua',
    budget: false,
  },
];
const BULK = [
  { title: 'HTTP/1.1, replies of 1 MB', door: 'plain', path: '/big', budget: false },
  { title: 'TLS, replies of 1 MB', door: 'secure', path: '/big', budget: false },
];

export function gateway(context) {
  return measure(context, SMALL);
}

export function bulk(context) {
  return measure(context, BULK);
}

async function measure({ sandbox, programs, rounds, note }, kinds) {
  const wrk = onPath('wrk');
  if (wrk === null)
    return [
      { title: 'HTTP through the gateway: wrk is not installed', lines: [], budgets: budgets('', null) },
    ];
  const { direct, gateways, missing, close } = await startGateways(sandbox, programs);
  try {
    const tables = [];
    for (const kind of kinds) {
      const contenders = [direct, ...gateways].filter((one) => one[kind.door] !== null);
      // Each has its connections to the program, and its code is compiled.
      for (const one of contenders) await load(wrk, one, kind, 1);
      const rested = async (one) => {
        await delay(REST_MS);
        return await load(wrk, one, kind, SECONDS);
      };
      const medians = await interleaved(contenders, rounds, rested, note);
      tables.push(table(kind, contenders, medians, missing));
    }
    return tables;
  } finally {
    await close();
  }
}

function table(kind, contenders, medians, missing) {
  const of = (name) => {
    const found = contenders.find((one) => one.name === name);
    return found === undefined ? null : medians.get(found);
  };
  const ours = of('lo');
  const ratio = (name) => (of(name) === null ? null : ratioByRounds(ours, of(name), 'rate'));
  return {
    title: `${kind.title}, wrk -t1 -c50 (${SECONDS} s each)`,
    lines: [
      ...contenders.map((one) => {
        const { rate, cpu, p99 } = medians.get(one);
        const busy = Number.isNaN(cpu) ? '' : `${cpu.toFixed(1)} us CPU each, `;
        return {
          name: one.name,
          value: rate,
          unit: '/s',
          text: `${busy}p99 ${p99.toFixed(1)} ms`,
          ratio: ratio(one.name),
        };
      }),
      ...missing.map((name) => ({ name, text: 'not installed' })),
    ],
    budgets: kind.budget ? budgets(kind.title, ratio) : [],
  };
}

function budgets(title, ratio) {
  const value = (name) => (ratio === null ? null : ratio(name));
  return [
    { text: `${title}: >= 0.9 x nginx, one worker`, value: value('nginx'), least: 0.9 },
    { text: `${title}: >= 2 x caddy`, value: value('caddy'), least: 2 },
  ];
}

/** Requests per second, CPU of the gateway's processes for one in microseconds, 99th percentile in ms. A failed request fails the bench. */
async function load(wrk, { name, pids, ...urls }, { door, path, script }, seconds) {
  const before = busyMs(pids());
  const how = script === undefined ? [] : ['-s', at('scripts/bench/programs', script)];
  const child = spawn(wrk, ['-t1', '-c50', `-d${seconds}s`, '--latency', ...how, urls[door] + path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (part) => {
    text += part;
  });
  await once(child, 'close');
  const cpu = busyMs(pids()) - before;
  const [, requests] = /(\d+) requests in/.exec(text) ?? [];
  const [, rate] = /Requests\/sec:\s+([\d.]+)/.exec(text) ?? [];
  const [, p99, unit] = /99%\s+([\d.]+)(us|ms|s)/.exec(text) ?? [];
  if (rate === undefined || /Non-2xx|Socket errors/.test(text)) throw new Error(`${name}: ${text}`);
  return {
    rate: Number(rate),
    cpu: pids().length === 0 ? Number.NaN : (cpu * 1000) / Number(requests),
    p99: Number(p99) * { us: 0.001, ms: 1, s: 1000 }[unit],
  };
}

function busyMs(pids) {
  return pids.reduce((sum, pid) => sum + cpuMs(pid), 0);
}
