/**
 * SIGKILL of the daemon at random moments of up, restart and down: no process unaccounted for, no service twice, no line lost,
 * state that loads. `CHAOS_ROUNDS` and `CHAOS_SEED` lengthen and repeat it (`npm run chaos`).
 */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { EnvironmentStatus } from '../../src/core/status.ts';
import { Lab } from '../support/lab.ts';

const ROUNDS = Number(process.env.CHAOS_ROUNDS ?? 10);
const SEED = Number(process.env.CHAOS_SEED ?? Date.now() % 1_000_000);

/** Prints `<run> <number>` and obeys HOST and PORT. */
const TALKER = `
import { createServer } from 'node:net';
createServer().listen(Number(process.env.PORT), process.env.HOST);
let next = 0;
setInterval(() => { for (let i = 0; i < 5; i += 1) console.log(process.env.LOOPYARD_RUN + ' ' + next++); }, 3);
`;

const CONFIG = `
name: chaos
services:
  db: { run: node talker.mjs, port: 5432 }
  migrate: { run: "sh -c 'sleep 0.05; echo migrated'", task: true, needs: [db] }
  api: { run: node talker.mjs, port: 3000, needs: [db, migrate] }
  web: { run: node talker.mjs, port: 8080, needs: [api] }
  stubborn: { run: "sh -c 'trap \\"\\" TERM; (setsid sleep 1000 &); while :; do sleep 0.2; done'", stop: { grace: 300ms } }
`;

test(`the daemon killed at ${ROUNDS} random moments (seed ${SEED})`, { timeout: 600_000 }, async (t) => {
  const random = randomOf(SEED);
  const lab = Lab.create(t);
  lab.write('talker.mjs', TALKER);
  lab.write('loopyard.yaml', CONFIG);
  await lab.must(['up', '--detach']);
  const operations = [
    ['up', '--detach'],
    ['restart'],
    ['down'],
    ['restart', 'api'],
    ['stop', 'db'],
    ['down', '--force'],
  ];
  for (let round = 0; round < ROUNDS; round += 1) {
    const operation = operations[Math.floor(random() * operations.length)] ?? ['up', '--detach'];
    const command = lab.start(operation);
    // Chance is the point here: the kill must hit any moment of the operation.
    await delay(random() * 500);
    for (const pid of daemons(lab)) process.kill(pid, 'SIGKILL');
    await command.finished;
    const status = await lab.ps();
    checkProcesses(lab, status, `round ${round}, ${operation.join(' ')}`);
  }
  await lab.must(['up', '--detach']);
  const status = await lab.ps();
  assert.deepEqual(
    status.services.map((service) => [service.name, service.state]),
    [
      ['db', 'ready'],
      ['migrate', 'completed'],
      ['api', 'ready'],
      ['web', 'ready'],
      ['stubborn', 'running'],
    ],
  );
  checkProcesses(lab, status, 'at the end');
  await lab.must(['down']);
  await checkLines(lab);
});

/** Every process of the lab carries the mark of a run that `ps` knows as a service's present one. */
function checkProcesses(lab: Lab, status: EnvironmentStatus, when: string): void {
  const known = new Set(status.services.map((service) => `${status.environment.id}.${service.run}`));
  const marks = new Map<number, string>();
  for (const pid of lab.processes()) {
    const mark = markOf(pid);
    if (mark !== null) marks.set(pid, mark);
  }
  for (const [pid, mark] of marks)
    assert.ok(known.has(mark), `${when}: pid ${pid} of ${mark} is not accounted for`);
}

/** Of each run of each talker: 0, 1, 2 … without a gap or a repetition. */
async function checkLines(lab: Lab): Promise<void> {
  for (const service of ['db', 'api', 'web']) {
    const text = await lab.must(['logs', service, '--tail', 'all', '--json']);
    const expected = new Map<string, number>();
    for (const line of text.trim().split('\n')) {
      const match = /^(\S+-\d+) (\d+)$/.exec((JSON.parse(line) as { text: string }).text);
      if (match?.[1] === undefined) continue;
      const next = expected.get(match[1]) ?? 0;
      assert.equal(Number(match[2]), next, `${service}: ${match[1]} jumps`);
      expected.set(match[1], next + 1);
    }
    assert.ok(expected.size > 0, `${service} printed nothing`);
  }
}

function daemons(lab: Lab): readonly number[] {
  return lab.processes().filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes('daemon.js');
    } catch {
      return false;
    }
  });
}

function markOf(pid: number): string | null {
  try {
    return /(?:^|\0)LOOPYARD_RUN=([^\0]*)/.exec(readFileSync(`/proc/${pid}/environ`, 'latin1'))?.[1] ?? null;
  } catch {
    return null;
  }
}

/** Mulberry32: small, seeded, good enough to spread moments. */
function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
