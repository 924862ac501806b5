/**
 * The lowest port that needs no privilege (`ip-sysctl` of the kernel: ip_unprivileged_port_start), kept over a restart by a file in
 * /etc/sysctl.d that also remembers what it was before. It must not run anything.
 */

import { readFileSync } from 'node:fs';
import type { MachineStep } from '../../core/trust.ts';
import type { LowPorts, LowPortsWish } from '../low-ports.ts';
import { commandText, programOn } from '../trust.ts';

const FILE = '/etc/sysctl.d/50-loopyard.conf';
const KEY = 'net.ipv4.ip_unprivileged_port_start';
const VALUE_FILE = '/proc/sys/net/ipv4/ip_unprivileged_port_start';
const WANTED = 80;
const USUAL = 1024;
const NAME = `${KEY} = ${WANTED}`;
/** CAP_NET_BIND_SERVICE, capabilities(7). */
const BIND_SERVICE = 10n;

export function linuxLowPorts(): LowPorts {
  return { plan };
}

function plan(wish: LowPortsWish): MachineStep {
  const value = Number(readText(VALUE_FILE) ?? Number.NaN);
  const file = readText(FILE);
  if (wish.undo) return file === null ? done('it was not set up by `lo setup`') : undoing(wish, file);
  // Root may listen anywhere, and its services would not notice a change.
  if (mayBindAnywhere()) return done('this user may listen on every port already');
  if (Number.isNaN(value))
    return impossible(
      `${VALUE_FILE} cannot be read`,
      'a kernel of 4.11 or newer has it; without it names have a port',
    );
  if (value <= WANTED) return done(`every user may listen on ports from ${value} on already`);
  const before = file === null ? value : valueBefore(file);
  const text = `# Written by lo setup; lo setup --undo removes it. Before: ${before}\\n${KEY} = ${WANTED}\\n`;
  return asRoot(wish, `printf '${text}' > ${FILE} && echo ${WANTED} > ${VALUE_FILE}`);
}

function undoing(wish: LowPortsWish, file: string): MachineStep {
  return asRoot(wish, `rm -f ${FILE} && echo ${valueBefore(file)} > ${VALUE_FILE}`);
}

/** One command, so that a password is asked for once. */
function asRoot(wish: LowPortsWish, script: string): MachineStep {
  const argv = ['sh', '-c', script];
  const todo = (act: readonly string[]): MachineStep => ({
    ...{ name: NAME, path: FILE, state: 'todo', why: null, fix: null, acts: [act] },
  });
  if (process.getuid?.() === 0) return todo(argv);
  if (programOn(wish.variables, 'sudo') !== null) return todo(['sudo', ...argv]);
  return impossible('it takes root, and there is no sudo', `as root: ${commandText(argv)}`);
}

function valueBefore(file: string): number {
  return Number(/Before: (\d{1,5})$/m.exec(file)?.[1] ?? USUAL);
}

function done(why: string): MachineStep {
  return { name: NAME, path: FILE, state: 'done', why, fix: null, acts: [] };
}

function impossible(why: string, fix: string): MachineStep {
  return { name: NAME, path: FILE, state: 'impossible', why, fix, acts: [] };
}

function mayBindAnywhere(): boolean {
  const [, mask = '0'] = /^CapEff:\s*([0-9a-f]+)$/m.exec(readText('/proc/self/status') ?? '') ?? [];
  return (BigInt(`0x${mask}`) & (1n << BIND_SERVICE)) !== 0n;
}

function readText(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // Not there, or not for us.
    return null;
  }
}
