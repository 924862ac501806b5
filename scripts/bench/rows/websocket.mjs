/** Row: messages of WebSockets through the gateway and its peers, echoed by the program behind: 50 connections, 100 bytes each way. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { startGateways } from '../gateways.mjs';
import { cpuMs, interleaved } from '../measure.mjs';

const SECONDS = '2';
const CONNECTIONS = '50';

export async function websocket({ sandbox, programs, rounds, note }) {
  if (programs.wire === null)
    return [{ title: 'WebSocket: not measured, there is no C compiler', lines: [] }];
  const { direct, gateways, missing, close } = await startGateways(sandbox, programs);
  try {
    const contenders = [direct, ...gateways];
    const talk = (one) => echoes(programs.wire[0], one);
    for (const one of contenders) await talk(one);
    const medians = await interleaved(contenders, rounds, talk, note);
    const ours = medians.get(gateways[0]);
    return [
      {
        title: `WebSocket echo, ${CONNECTIONS} connections, 100 bytes (${SECONDS} s each; no budget)`,
        lines: [
          ...contenders.map((one) => {
            const { rate, cpu } = medians.get(one);
            const text = one === direct ? '' : `${cpu.toFixed(1)} us CPU each`;
            return { name: one.name, value: rate, unit: '/s', ratio: ours.rate / rate, text };
          }),
          ...missing.map((name) => ({ name, text: 'not installed' })),
        ],
      },
    ];
  } finally {
    await close();
  }
}

/** Messages per second, and CPU of the gateway's processes for one in microseconds. */
async function echoes(wire, { name, plain, pids }) {
  const before = busyMs(pids());
  const { hostname, port } = new URL(plain);
  const address = hostname === 'localhost' ? '127.0.0.1' : hostname;
  const child = spawn(wire, ['talk', address, port, SECONDS, CONNECTIONS], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (part) => {
    text += part;
  });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`${name}: wire talk ended with ${code}`);
  const rate = Number(text);
  return { rate, cpu: ((busyMs(pids()) - before) * 1000) / (rate * Number(SECONDS)) };
}

function busyMs(pids) {
  return pids.reduce((sum, pid) => sum + cpuMs(pid), 0);
}
