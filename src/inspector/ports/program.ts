/**
 * What a person calls a process: `npm`, not `node /usr/lib/node_modules/npm/bin/npm-cli.js`. Its title or arguments are others' text
 * and may say anything. Pure; it must not know where the process comes from.
 */

import type { ProcessDescription } from '../../platform/facts.ts';

type Named = Pick<ProcessDescription, 'name' | 'command' | 'executable'>;

/** Programs that are only what their script is. */
const INTERPRETERS =
  /^(?:node(?:js)?|bun|deno|electron|python[\d.]*|pypy[\d.]*|ruby[\d.]*|perl[\d.]*|php[\d.]*|java|lua[\d.]*|(?:ba|da|k|z|a)?sh|fish)$/;
/** What they run stands behind them in place of a file. */
const INLINE = new Set(['-c', '-e', '-p', '--eval', '--print', '-lc', '-ec']);
/** Their value is the next argument. */
const WITH_VALUE = new Set([
  '-r',
  '--require',
  '--import',
  '--loader',
  '-cp',
  '-classpath',
  '-I',
  '-W',
  '-X',
]);
/** The next argument is what runs. */
const NAMES_NEXT = new Set(['-m', '-jar', 'run']);
/** Names of files that say nothing about the program. */
const VAGUE =
  /^(?:index|main|cli|bin|start|run|server|app|__main__)\.[cm]?[jt]sx?$|^(?:cli|bin|__main__|__init__)(?:\.py)?$/;
const SCRIPT_NAMES: Readonly<Record<string, string>> = {
  'npm-cli.js': 'npm',
  'npx-cli.js': 'npx',
  'pnpm.cjs': 'pnpm',
  'pnpm.mjs': 'pnpm',
  'pnpx.cjs': 'pnpx',
  'yarn.js': 'yarn',
  'yarnpkg.cjs': 'yarn',
};

/** The program itself, for a column: `node`, `nginx`, `python3`. */
export function programName(process: Named): string {
  const { name, executable, command } = process;
  const file = baseName(executable ?? command[0] ?? '');
  // The kernel keeps 15 bytes of a name.
  if (file !== '' && name.length >= 15 && file.startsWith(name)) return file;
  // Node and others name their first thread so.
  if (/(?:^|-)MainThread$/.test(name) && file !== '') return file;
  return name;
}

/** What it does, for a sentence: the script of an interpreter, else the program. */
export function whatRuns(process: Named): string {
  const [first = ''] = process.command;
  if (first === '') return process.name;
  const program = programOf(first);
  if (!INTERPRETERS.test(program)) return program === '' ? programName(process) : known(program);
  return scriptOf(process.command.slice(1)) ?? programName(process);
}

/** `-bash` of a login, `nginx: master process`, `npm run dev` of a title, `/usr/bin/make`. */
function programOf(word: string): string {
  const path = word.startsWith('/') || word.startsWith('.') ? word : (word.split(/[\s:]/)[0] ?? word);
  return baseName(path).replace(/^-/, '');
}

/** Null: it has none, or it stands in the arguments themselves. */
function scriptOf([word, ...rest]: readonly string[]): string | null {
  if (word === undefined || word === '' || INLINE.has(word)) return null;
  const [value, ...others] = rest;
  if (NAMES_NEXT.has(word)) return value === undefined ? null : nameOfScript(value);
  if (WITH_VALUE.has(word)) return scriptOf(others);
  return word.startsWith('-') ? scriptOf(rest) : nameOfScript(word);
}

function nameOfScript(path: string): string {
  const parts = path.split('/').filter((part) => part !== '');
  const file = parts.at(-1) ?? path;
  if (parts.at(-2) === '.bin') return known(file);
  const packaged = parts.lastIndexOf('node_modules');
  if (SCRIPT_NAMES[file] === undefined && packaged >= 0) return nameOfPackage(parts.slice(packaged + 1));
  if (VAGUE.test(file) && parts.length > 1) return `${parts.at(-2)}/${file}`;
  return known(file);
}

function nameOfPackage([first = '', second = '']: readonly string[]): string {
  return first.startsWith('@') ? `${first}/${second}` : first;
}

function known(file: string): string {
  return /^yarn-[\d.]+\.c?js$/.test(file) ? 'yarn' : (SCRIPT_NAMES[file] ?? file);
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
