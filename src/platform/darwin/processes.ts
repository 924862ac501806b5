/**
 * The output of ps(1) on macOS, asked for in two lists: what each process is, with its command line at the end, and the path of its
 * program. Pure.
 */

import type { Parsed } from '../tool-rows.ts';

/** Without headings; only the last column may hold spaces. Times are in UTC: the caller sets TZ. */
export const PS_PROCESSES = ['-axww', '-o', 'pid=,ppid=,pgid=,uid=,stat=,lstart=,command='];
export const PS_PROGRAMS = ['-axww', '-o', 'pid=,comm='];

export interface PsProcess {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  readonly uid: number;
  readonly zombie: boolean;
  /** Epoch ms, to the second; null: not understood. */
  readonly startedAt: number | null;
  /** Arguments behind one another: where they hold spaces, nobody can tell them apart. */
  readonly commandLine: string;
}

const PROCESS =
  /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+[A-Z][a-z]{2}\s+([A-Z][a-z]{2}\s+\d{1,2}\s+[\d:]{8}\s+\d{4})\s?(.*)$/;

export function parseProcesses(text: string): Parsed<PsProcess> {
  const rows: PsProcess[] = [];
  let malformed = 0;
  for (const line of text.split('\n')) {
    if (line.trim() === '') continue;
    const [, pid, parent, group, uid, stat = '', started = '', commandLine = ''] = PROCESS.exec(line) ?? [];
    if (pid === undefined) {
      malformed += 1;
      continue;
    }
    const at = Date.parse(`${started} UTC`);
    rows.push({
      pid: Number(pid),
      parent: Number(parent),
      group: Number(group),
      uid: Number(uid),
      zombie: stat.startsWith('Z'),
      startedAt: Number.isNaN(at) ? null : at,
      commandLine: commandLine.trim(),
    });
  }
  return { rows, malformed };
}

/** pid -> path of its program, or its bare name where ps does not know the path. */
export function parsePrograms(text: string): ReadonlyMap<number, string> {
  const programs = new Map<number, string>();
  for (const line of text.split('\n')) {
    const [, pid, path] = /^\s*(\d+)\s+(\S.*?)\s*$/.exec(line) ?? [];
    if (pid !== undefined && path !== undefined) programs.set(Number(pid), path);
  }
  return programs;
}

/** The program's path may hold spaces, so it is taken off first; the arguments are split at spaces, for want of better. */
export function splitCommand(commandLine: string, program: string | undefined): readonly string[] {
  if (commandLine === '') return [];
  if (program !== undefined && (commandLine === program || commandLine.startsWith(`${program} `)))
    return [program, ...words(commandLine.slice(program.length))];
  return words(commandLine);
}

function words(text: string): readonly string[] {
  return text.split(/\s+/).filter((word) => word !== '');
}
