/** Rows: how long the first handshake takes, of a name that nobody asked for yet and after it, and what thousands of open TLS connections hold. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:tls';
import { at } from '../../lib/root.mjs';
import { startGateways } from '../gateways.mjs';
import { interleaved, pssMb } from '../measure.mjs';

const HANDSHAKES = 40;
const FIRST_MS = 15;
const CROWD = 10_000;

export async function handshake({ sandbox, programs, rounds, note }) {
  const { gateways, missing, close } = await startGateways(sandbox, programs);
  try {
    const [ours] = gateways;
    const first = [];
    for (const { port, name } of ours.fresh) first.push(await timed(port, name));
    const medians = await interleaved(gateways, rounds, handshakes, note);
    return [
      {
        title: `TLS handshake, one after the other (${HANDSHAKES} a round)`,
        lines: [
          { name: 'lo, the first with a name', value: percentile(first, 0.5), unit: 'ms', digits: 1 },
          ...gateways.map((one) => {
            const { ms, p99 } = medians.get(one);
            const text = `p99 ${p99.toFixed(1)} ms`;
            const ratio = medians.get(ours).ms / ms;
            return { name: one.name, value: ms, unit: 'ms', digits: 1, ratio, text };
          }),
          ...missing.map((name) => ({ name, text: 'not installed' })),
        ],
        budgets: [
          { text: 'first handshake of a name', value: percentile(first, 0.5), unit: 'ms', most: FIRST_MS },
        ],
      },
    ];
  } finally {
    await close();
  }
}

export async function held({ sandbox, programs }) {
  const { gateways, close } = await startGateways(sandbox, programs);
  try {
    const lines = [];
    for (const one of gateways) lines.push(await crowd(one));
    return [
      { title: `${CROWD.toLocaleString('en')} open TLS connections, each answered once (no budget)`, lines },
    ];
  } finally {
    await close();
  }
}

async function crowd({ name, secure, pids }) {
  const before = memory(pids());
  const { hostname, port } = new URL(secure);
  const child = spawn(
    process.execPath,
    [at('scripts/bench/programs/tls-crowd.mjs'), port, hostname, String(CROWD)],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  const ended = once(child, 'close');
  const began = performance.now();
  const said = await Promise.race([once(child.stdout, 'data'), ended.then(() => null)]);
  if (said === null) throw new Error(`${name}: the crowd ended early`);
  const left = Number(String(said[0]));
  const seconds = (performance.now() - began) / 1000;
  const open = memory(pids());
  child.stdin.end();
  await ended;
  const each = ((open - before) * 1024) / left;
  const closed = left === CROWD ? '' : `; it had closed ${CROWD - left} as idle`;
  return {
    ...{ name, value: open, unit: 'MB', digits: 1 },
    text: `${each.toFixed(1)} KB each; ${before.toFixed(1)} MB before; opened in ${seconds.toFixed(1)} s${closed}`,
  };
}

async function handshakes({ secure }) {
  const { hostname, port } = new URL(secure);
  const times = [];
  for (let count = 0; count < HANDSHAKES; count += 1) times.push(await timed(Number(port), hostname));
  return { ms: percentile(times, 0.5), p99: percentile(times, 0.99) };
}

/** Without a session of before, in ms. */
async function timed(port, servername) {
  const began = performance.now();
  const socket = connect({ host: '127.0.0.1', port, servername, rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  const took = performance.now() - began;
  socket.destroy();
  return took;
}

function memory(pids) {
  return pids.reduce((sum, pid) => sum + pssMb(pid), 0);
}

function percentile(values, share) {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)];
}
