/** Who started again what was ended, and how to stop that. Pure. */

import type { OwnerDocument, Respawner, UnitRef } from '../../core/inspection.ts';
import type { ProcessDescription } from '../../platform/facts.ts';
import { quote } from '../causes/words.ts';
import { whatRuns } from '../ports/program.ts';

export interface Respawn {
  /** What was ended on the port. */
  readonly before: readonly OwnerDocument[];
  /** Who has the port now. */
  readonly after: OwnerDocument;
  readonly unit: UnitRef | null;
  /** The caller and all above it: whoever stands above everything started nothing by that. */
  readonly own: ReadonlySet<number>;
  processOf(pid: number): ProcessDescription | null;
}

/** Null: nobody is seen above both, or it is another program that was waiting for the port. */
export function respawnerOf({ before, after, unit, own, processOf }: Respawn): Respawner | null {
  const former = before.filter((one) => isSameProgram(one, after));
  if (former.length === 0) return null;
  const supervised = after.parents.flatMap(({ pid }) => serviceOf(processOf(pid)) ?? []);
  if (supervised[0] !== undefined) return loopyard(supervised[0], after.cwd);
  const isAboveBoth = (pid: number): boolean =>
    pid !== 1 && !own.has(pid) && former.some(({ parents }) => parents.some((one) => one.pid === pid));
  const parent = after.parents.find(({ pid }) => isAboveBoth(pid));
  const process = parent === undefined ? null : processOf(parent.pid);
  if (process !== null && process.name !== 'systemd')
    return { pid: process.pid, name: whatRuns(process), fix: wayToStop(process) };
  if (unit === null) return null;
  const manager = unit.manager === 'user' ? 'systemctl --user' : 'systemctl';
  return { pid: null, name: `systemd (${unit.name})`, fix: `${manager} stop ${unit.name}` };
}

function isSameProgram(one: OwnerDocument, other: OwnerDocument): boolean {
  return (
    one.command.join('\0') === other.command.join('\0') || (one.name === other.name && one.cwd === other.cwd)
  );
}

/** Each run has a waiter of its own above it, which is told the run's name behind its own and the directory. */
const WAITER = 'loopyard-waiter';

/** A service that the caller's daemon does not know: another user's, or of another home. */
function serviceOf(process: ProcessDescription | null): string | null {
  const at = process?.command.indexOf(WAITER) ?? -1;
  return at < 0 ? null : (/^(.+)-\d+$/.exec(process?.command[at + 2] ?? '')?.[1] ?? null);
}

function loopyard(service: string, directory: string | null): Respawner {
  const stop = `lo stop ${service}`;
  return {
    pid: null,
    name: 'Loopyard',
    fix: directory === null ? stop : `cd ${quote(directory)} && ${stop}`,
  };
}

const SHELLS = new Set(['sh', 'bash', 'dash', 'zsh', 'fish', 'ksh', 'ash']);
/** Words where no single command is right. */
export function wayToStop(process: ProcessDescription): string {
  const { pid, name, command } = process;
  const called = whatRuns(process);
  if (/^pm2$/i.test(called)) return '`pm2 list` names it, `pm2 stop NAME` stops it';
  if (called === 'supervisord') return '`supervisorctl status` names it, `supervisorctl stop NAME` stops it';
  if (called === 'runsv' && command[1] !== undefined) return `sv down ${command[1]}`;
  if (SHELLS.has(name) && isInteractive(command))
    return `press Ctrl-C in the terminal of ${name} (pid ${pid}); \`kill -HUP ${pid}\` closes it`;
  return `kill ${pid}`;
}

/** It would ignore TERM. */
function isInteractive(command: readonly string[]): boolean {
  const [program = '', ...words] = command;
  return program.startsWith('-') || words.every((word) => word.startsWith('-') && word !== '-c');
}
