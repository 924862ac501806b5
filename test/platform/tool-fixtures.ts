/** Tools of other systems that print what lies in test/fixtures/platform; a call that is not foreseen fails the test. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Tool } from '../../src/platform/tools.ts';
import { root } from '../support/paths.ts';

export function fixture(name: string): string {
  return readFileSync(join(root, 'test/fixtures/platform', name), 'utf8');
}

/** `answers`: part of the command line -> file, or `{ failure }`. */
export function fixtureTool(
  answers: Readonly<Record<string, string | { readonly failure: string }>>,
  calls: string[] = [],
): Tool {
  return (program, args) => {
    const line = [program, ...args].join(' ');
    calls.push(line);
    const [, answer] = Object.entries(answers).find(([part]) => line.includes(part)) ?? [];
    if (answer === undefined) throw new Error(`the test gives no output of ${line}`);
    return typeof answer === 'string'
      ? { stdout: fixture(answer), failure: null }
      : { stdout: '', failure: answer.failure };
  };
}

export const MAC = {
  'netstat -anvlW -p tcp': 'darwin/netstat-tcp-26.txt',
  'netstat -anvlW -p udp': 'darwin/netstat-udp-26.txt',
  'lsof -nP -i': 'darwin/lsof-sockets.bin',
  'lsof -a -d cwd': 'darwin/lsof-directories.bin',
  'pid=,ppid=': 'darwin/ps-processes.txt',
  'pid=,comm=': 'darwin/ps-programs.txt',
  sysctl: 'darwin/sysctl-portrange.txt',
  'id -un 501': 'darwin/id-501.txt',
  'id -un 65': 'darwin/id-65.txt',
  'id -un 0': 'darwin/id-0.txt',
};

export const WINDOWS = {
  'netstat.exe -ano': 'windows/netstat.txt',
  Win32_Process: 'windows/processes-json.txt',
  '-State Bound': 'windows/bound-json.txt',
  dynamicport: 'windows/netsh-dynamic.txt',
  excludedportrange: 'windows/netsh-excluded.txt',
};
