/** `lo kill` on a machine of a test's own, with small real servers. It must not know what a test expects. */

import type { KillReport } from '../../src/core/inspection.ts';
import type { Lab } from '../support/lab.ts';
import type { OwnMachine } from './own-machine.ts';

/** Listens on the places in its arguments, `HOST PORT …`, and says its pid. */
export const NODE_SERVER = `
  const places = process.argv.slice(1);
  const next = () => {
    const [host, port] = places.splice(0, 2);
    if (host === undefined) return console.log(JSON.stringify({ pid: process.pid }));
    require('net').createServer((socket) => socket.resume().on('error', () => {})).listen(Number(port), host, next);
  };
  next();
`;

export async function serve(machine: OwnMachine, ...places: readonly (string | number)[]): Promise<number> {
  const { pid } = await machine.start<{ pid: number }>(
    process.execPath,
    '-e',
    NODE_SERVER,
    ...places.map(String),
  );
  return pid;
}

export interface KillRun {
  readonly machine: OwnMachine;
  readonly lab: Lab;
  readonly code?: number;
  readonly env?: Readonly<Record<string, string>>;
}

/** `lo kill … --yes --json`, with the exit code that it has to have. */
export async function killPort(run: KillRun, ...args: readonly string[]): Promise<KillReport> {
  const { machine, lab, code = 0, env = {} } = run;
  const words = ['kill', ...args, '--yes', '--json'];
  return JSON.parse(await lab.must(words, code, { through: machine.through, env })) as KillReport;
}

export function isAlive(machine: OwnMachine, pid: number): boolean {
  const states = machine.run('sh', '-c', `grep -h ^State: /proc/${pid}/status || true`);
  return states !== '' && !/[ZX] \(/.test(states);
}

export function listening(machine: OwnMachine, port: number): boolean {
  return machine.run('ss', '-Htuln', `sport = :${port}`) !== '';
}
