/** Row: a program prints a million lines; until the last is in the file, and how fast they are read again. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { interleaved } from '../measure.mjs';

const LINES = 1_000_000;
const LINE_BYTES = 88;
const LOOK_MS = 1;
/** A file that did not grow for so long has all that it will get. */
const STILL_MS = 5000;

export async function logs({ sandbox, programs, rounds, peers, note }) {
  const pm2 = peers(['pm2'])[0];
  const lo = { name: 'lo', run: () => withLo(sandbox, programs.printer) };
  const other = { name: `pm2 ${pm2.version}`, run: () => withPm2(sandbox, pm2, programs.printer) };
  const contenders = pm2.program === null ? [lo] : [lo, other];
  const medians = await interleaved(contenders, rounds, (contender) => contender.run(), note);
  const ours = medians.get(lo);
  const theirs = medians.get(other);
  return [
    {
      title: `${LINES.toLocaleString('en')} lines of ${LINE_BYTES} bytes, from the program's begin until the last is in the log file`,
      lines: [
        { ...line('lo', ours.written, 1), text: `${millions(ours.written)} M lines/s${lossText(ours)}` },
        line('lo, until `lo logs -n 1` has shown it', ours.shown),
        theirs === undefined
          ? { name: 'pm2', text: 'not installed' }
          : {
              ...line(other.name, theirs.written, ours.written / theirs.written),
              text: `${millions(theirs.written)} M lines/s${lossText(theirs)}`,
            },
      ],
      budgets: [
        theirs === undefined
          ? { text: ">= 1.0 x pm2's raw path (lines/s)", value: null }
          : { text: ">= 1.0 x pm2's raw path (lines/s)", value: theirs.written / ours.written, least: 1 },
      ],
    },
    {
      title: 'reading them again (no budget)',
      lines: [
        {
          name: `lo logs -n all --plain: the ${ours.kept.toLocaleString('en')} lines that the cap kept`,
          value: ours.readAll,
          unit: 'ms',
          text: `${(ours.kept / ours.readAll / 1000).toFixed(2)} M lines/s`,
        },
        { name: 'lo logs -n 200 --plain', value: ours.tail, unit: 'ms' },
      ],
    },
  ];
}

/** Said, as no figure makes up for it. */
function lossText({ samples }) {
  const lossy = samples.filter(({ lost }) => lost > 0);
  if (lossy.length === 0) return '';
  const most = Math.max(...lossy.map(({ lost }) => lost));
  return `; lost the last lines (up to ${most}) in ${lossy.length} of ${samples.length} rounds`;
}

const line = (name, ms, ratio) => ({ name, value: ms, unit: 'ms', ratio, text: `${millions(ms)} M lines/s` });
const millions = (ms) => (LINES / ms / 1000).toFixed(2);

async function withLo(sandbox, printer) {
  const stamp = join(sandbox.directory(), 'began');
  const services = { loud: { run: [...printer, LINES, stamp].join(' '), task: true } };
  const project = sandbox.project(services);
  await sandbox.run(project, ['ls']);
  const up = sandbox.run(project, ['up', '--detach']);
  const environments = join(project.home, 'environments');
  const { at, lost } = await grown(() => logFile(environments));
  const written = at - beganAt(stamp);
  const last = await sandbox.run(project, ['logs', 'loud', '-n', '1', '--plain']);
  const shown = performance.now() - beganAt(stamp);
  if (!last.stdout.includes(`${LINES} the quick`))
    throw new Error(`lo logs did not show the last line: ${last.stdout}`);
  await up;
  const all = await sandbox.run(project, ['logs', 'loud', '-n', 'all', '--plain']);
  const tail = await sandbox.run(project, ['logs', 'loud', '-n', '200', '--plain']);
  const kept = all.stdout.split('\n').length - 1;
  await sandbox.stopDaemon(project);
  sandbox.sweep();
  return { written, lost, shown, readAll: all.ms, kept, tail: tail.ms };
}

async function withPm2(sandbox, pm2, printer) {
  const directory = sandbox.directory();
  const stamp = join(directory, 'began');
  const file = join(directory, 'loud.log');
  const env = sandbox.variables({ PM2_HOME: join(directory, 'pm2') });
  const command = (args) => once(spawn(pm2.program, args, { cwd: directory, env, stdio: 'ignore' }), 'exit');
  await command(['ping']);
  const flags = ['--name', 'loud', '--interpreter', 'none', '--no-autorestart', '--output', file];
  const start = command(['start', printer[0], ...flags, '--', ...printer.slice(1), String(LINES), stamp]);
  const { at, lost } = await grown(() => file);
  const written = at - beganAt(stamp);
  await start;
  await command(['kill']);
  sandbox.sweep();
  return { written, lost };
}

/** The log of the one environment there is, once it is known; null before. */
function logFile(environments) {
  const id = existsSync(environments) ? readdirSync(environments)[0] : undefined;
  return id === undefined ? null : join(environments, id, 'logs', 'loud.log');
}

/** Resolves with the time at which the file had all bytes, or grew for the last time, and the lines that never came. */
async function grown(pathOf) {
  let last = { at: performance.now(), size: 0 };
  while (performance.now() - last.at < STILL_MS) {
    const path = pathOf();
    const size = path === null ? 0 : (statSync(path, { throwIfNoEntry: false })?.size ?? 0);
    if (size > last.size) last = { at: performance.now(), size };
    if (size >= LINES * LINE_BYTES) break;
    await delay(LOOK_MS);
  }
  return { at: last.at, lost: LINES - Math.floor(last.size / LINE_BYTES) };
}

/** The printer's own monotonic clock, on this process's scale. */
function beganAt(stamp) {
  const now = Number(process.hrtime.bigint()) / 1e6;
  return performance.now() - (now - Number(readFileSync(stamp, 'utf8')) / 1e6);
}
