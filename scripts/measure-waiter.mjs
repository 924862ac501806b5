/**
 * `node scripts/measure-waiter.mjs [RUNS]`: what the waiter costs beside a bare spawn, side by side, for docs/notes/waiter.md. Starts
 * and ends RUNS (100) times `sleep`, three rounds.
 */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { moduleOptions } from './lib/bundle.mjs';
import { at } from './lib/root.mjs';

const RUNS = Number(process.argv[2] ?? 100);
const ROUNDS = 3;
const PROGRAM = ['/bin/sleep', '1000'];

const folder = mkdtempSync(join(tmpdir(), 'waiter-'));
try {
  await build({
    ...moduleOptions('measure'),
    splitting: false,
    entryPoints: [at('src/supervisor/create.ts'), at('src/platform/current.ts')],
    outdir: folder,
    outbase: at('src'),
    outExtension: { '.js': '.mjs' },
  });
  const { createSupervisor } = await load('supervisor/create.mjs');
  const { currentPlatform } = await load('platform/current.mjs');
  const supervisor = createSupervisor({ platform: currentPlatform(), lines: () => [] });
  for (let round = 1; round <= ROUNDS; round += 1) {
    const bare = await measureBare();
    const waited = await measureWaiters(supervisor, round);
    console.log(`round ${round}, ${RUNS} runs`);
    console.log(`  bare spawn   ${ms(bare.start)} until all run`);
    console.log(
      `  with waiter  ${ms(waited.start)} until all run and are recorded (x${(waited.start / bare.start).toFixed(2)})`,
    );
    console.log(`  exit told    ${ms(waited.told)} after SIGKILL, median`);
    console.log(`  end          ${ms(waited.end)} for all at once`);
    console.log(`  memory       ${waited.pss.toFixed(0)} KiB PSS for each waiter`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function load(file) {
  return import(pathToFileURL(join(folder, file)).href);
}

function ms(value) {
  return `${value.toFixed(1).padStart(7)} ms`;
}

async function measureBare() {
  const from = performance.now();
  const children = Array.from({ length: RUNS }, () =>
    spawn(PROGRAM[0], PROGRAM.slice(1), { detached: true, stdio: 'ignore' }),
  );
  await Promise.all(children.map((child) => once(child, 'spawn')));
  const start = performance.now() - from;
  const ends = children.map((child) => once(child, 'exit'));
  for (const child of children) child.kill('SIGKILL');
  await Promise.all(ends);
  return { start };
}

async function measureWaiters(supervisor, round) {
  const directory = mkdtempSync(join(folder, `runs-${round}-`));
  const exits = new Map();
  const watching = supervisor.watch(directory, (news) => {
    if (news.kind === 'exit') exits.get(news.id)?.(performance.now());
  });
  const runs = Array.from({ length: RUNS }, (_, index) => {
    const id = `run-${index + 1}`;
    return { id, directory, mark: `measure-${process.pid}-${round}.${id}`, addresses: [] };
  });
  const log = join(folder, 'log');
  const env = { PATH: process.env.PATH };
  const from = performance.now();
  const started = await Promise.all(
    runs.map((run) => supervisor.start({ ...run, argv: PROGRAM, cwd: '/', env, log })),
  );
  const start = performance.now() - from;
  const pss = started.reduce((sum, { pid }) => sum + pssOf(parentOf(pid)), 0) / RUNS;
  const told = await tellTimes(started.slice(0, 20), runs, exits);
  const ending = performance.now();
  await Promise.all(runs.map((run) => supervisor.end(run, { signal: 'SIGTERM', graceMs: 5000 }, false)));
  const end = performance.now() - ending;
  watching[Symbol.dispose]();
  return { start, told, end, pss };
}

async function tellTimes(started, runs, exits) {
  const times = [];
  for (const [index, { pid }] of started.entries()) {
    const told = new Promise((resolve) => exits.set(runs[index].id, resolve));
    const from = performance.now();
    process.kill(pid, 'SIGKILL');
    times.push((await told) - from);
  }
  return times.sort((one, other) => one - other)[Math.floor(times.length / 2)];
}

function parentOf(pid) {
  return Number(readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1].split(' ')[1]);
}

function pssOf(pid) {
  return Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1'))[1]);
}
