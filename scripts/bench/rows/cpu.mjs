/** Row: what a command costs in CPU time (user and system of the child), beside an empty Node. */

import { spawnSync } from 'node:child_process';
import { interleaved } from '../measure.mjs';

const RUNS_PER_ROUND = 4;
const SERVICES = 3;

export async function cpu({ sandbox, programs, rounds, note }) {
  const names = Array.from({ length: SERVICES }, (_, index) => `s${index}`);
  const services = names.map((name) => [name, { run: programs.server.join(' '), port: 8080 }]);
  const project = sandbox.project(Object.fromEntries(services));
  await sandbox.run(project, ['up', '--detach']);
  const node = process.execPath;
  const contenders = [
    { name: 'node -e ""', argv: [node, '-e', ''] },
    { name: 'lo --version', argv: [node, sandbox.lo, '--version'] },
    { name: `lo ps (${SERVICES} services, warm daemon)`, argv: [node, sandbox.lo, 'ps'] },
  ];
  for (const { argv } of contenders) cpuOf(project, argv);
  const runs = rounds * RUNS_PER_ROUND;
  const medians = await interleaved(contenders, runs, ({ argv }) => ({ cpu: cpuOf(project, argv) }), note);
  await sandbox.stopDaemon(project);
  const [empty, version, ps] = contenders.map((contender) => medians.get(contender).cpu);
  return [
    {
      title: `CPU of a command (user + system, ${runs} runs)`,
      lines: contenders.map((contender) => {
        const value = medians.get(contender).cpu;
        return { name: contender.name, value, unit: 'ms', digits: 1, ratio: value / empty };
      }),
      budgets: [
        { text: '`lo --version` <= 1.5 x `node -e ""`', value: version / empty, most: 1.5 },
        { text: '`lo ps` <= 2 x `node -e ""`', value: ps / empty, most: 2 },
      ],
    },
  ];
}

/** In ms, by bash's `time`: Node does not tell what a child used. */
function cpuOf({ directory, variables }, argv) {
  const script = 'TIMEFORMAT="%3U %3S"; time "$@" >/dev/null';
  const { stderr, status } = spawnSync('bash', ['-c', script, 'bash', ...argv], {
    cwd: directory,
    env: { ...variables, LC_ALL: 'C' },
    encoding: 'utf8',
  });
  const match = /([\d.]+) ([\d.]+)\s*$/.exec(stderr);
  if (status !== 0 || match === null) throw new Error(`${argv.join(' ')} failed: ${stderr}`);
  return (Number(match[1]) + Number(match[2])) * 1000;
}
