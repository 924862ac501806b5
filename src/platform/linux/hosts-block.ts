/**
 * An owned block in /etc/hosts (hosts(5)): one shell command that locks, writes beside it, and renames, so that every reader sees the
 * old file or the new one, and no line that is not ours is lost. It must not run anything.
 */

import { lstatSync, readFileSync } from 'node:fs';
import type { MachineStep } from '../../core/trust.ts';
import type { HostsBlock, HostsWish } from '../hosts-block.ts';
import { commandText, programOn } from '../trust.ts';

const FILE = '/etc/hosts';

export function linuxHostsBlock(): HostsBlock {
  return { plan };
}

function plan(wish: HostsWish): MachineStep {
  const text = readText();
  if (text === null) return impossible(`${FILE} cannot be read`, '`lo doctor` tells more');
  if (lstatSync(FILE).isSymbolicLink())
    return impossible(`${FILE} is a link: something else on this system writes it`, 'add the names there');
  const block = blockOf(wish);
  const now = present(text, wish.label);
  if (now === 'torn')
    return impossible(
      `the block ${wish.label} in ${FILE} has a beginning and no end`,
      `take the line \`${marks(wish.label).begin}\` out by hand`,
    );
  if (wish.undo) return now === null ? done('none of its lines are ours') : asRoot(wish, []);
  if (wish.names.length === 0)
    return impossible('there is no name yet', '`lo up` in a project with a service that speaks HTTP');
  if (now === block.join('\n')) return done(`it has ${wish.names.length} names of ours already`);
  return asRoot(wish, block);
}

/** A name in a line: musl reads no more than 511 bytes of one. */
function blockOf({ label, names }: HostsWish): readonly string[] {
  const { begin, end } = marks(label);
  return [begin, ...names.flatMap((name) => [`127.0.0.1 ${name}`, `::1 ${name}`]), end];
}

function marks(label: string): { readonly begin: string; readonly end: string } {
  return { begin: `# ${label}: begin, lo setup --hosts`, end: `# ${label}: end` };
}

function present(text: string, label: string): string | 'torn' | null {
  const { begin, end } = marks(label);
  const lines = text.split('\n');
  const from = lines.indexOf(begin);
  if (from < 0) return null;
  const to = lines.indexOf(end, from);
  return to < 0 ? 'torn' : lines.slice(from, to + 1).join('\n');
}

/** Prints a file without our block. One without its end is printed: no line that may be somebody's is lost. */
const WITHOUT =
  '$0 == b { if (held != "") printf "%s", held; held = $0 ORS; next } held != "" { held = held $0 ORS; if ($0 == e) held = ""; next } { print } END { printf "%s", held }';

/**
 * The directory is what is locked, since the file is replaced. Where it cannot be (a container's is a mount of its own) it is written in
 * place, from a copy that is whole.
 */
function asRoot(wish: HostsWish, block: readonly string[]): MachineStep {
  const { begin, end } = marks(wish.label);
  const draft = `${FILE}.${wish.label}`;
  const add = block.length === 0 ? '' : ` printf '%s\\n' ${block.map((line) => `'${line}'`).join(' ')};`;
  const script = [
    'set -e',
    'exec 9</etc',
    'flock 9',
    `trap 'rm -f ${draft}' EXIT`,
    `cp -p ${FILE} ${draft}`,
    `{ awk -v b='${begin}' -v e='${end}' '${WITHOUT}' ${FILE};${add} } > ${draft}`,
    `sync ${draft}`,
    `mv ${draft} ${FILE} 2>/dev/null || cat ${draft} > ${FILE}`,
  ].join('; ');
  const argv = ['sh', '-c', script];
  const todo = (act: readonly string[]): MachineStep => ({
    ...{ name: 'hosts file', path: FILE, state: 'todo', why: null, fix: null, acts: [act] },
  });
  if (process.getuid?.() === 0) return todo(argv);
  if (programOn(wish.variables, 'sudo') !== null) return todo(['sudo', ...argv]);
  return impossible('it takes root, and there is no sudo', `as root: ${commandText(argv)}`);
}

function done(why: string): MachineStep {
  return { name: 'hosts file', path: FILE, state: 'done', why, fix: null, acts: [] };
}

function impossible(why: string, fix: string): MachineStep {
  return { name: 'hosts file', path: FILE, state: 'impossible', why, fix, acts: [] };
}

function readText(): string | null {
  try {
    return readFileSync(FILE, 'utf8');
  } catch {
    // Missing, or not for us: either way nothing is known of what stands in it.
    return null;
  }
}
