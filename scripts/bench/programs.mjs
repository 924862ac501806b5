/** The fixture programs, compiled into build/bench when there is a C compiler; else their Node versions, at the price of a Node each. */

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { at } from '../lib/root.mjs';

const SOURCES = at('scripts/bench/programs');

/** Words that start the program, without its arguments. `crowd` and `wire` are null without a compiler: Nodes would be another load. */
export function programs() {
  return {
    server: program('server'),
    printer: program('printer'),
    crowd: compiled('crowd'),
    wire: compiled('wire'),
  };
}

/** The bare Node prototype. */
export const PROTOTYPE = join(SOURCES, 'prototype.mjs');

function program(name) {
  return compiled(name) ?? [process.execPath, join(SOURCES, `${name}.mjs`)];
}

function compiled(name) {
  const source = join(SOURCES, `${name}.c`);
  const binary = at('build/bench', name);
  if (existsSync(binary) && statSync(binary).mtimeMs > statSync(source).mtimeMs) return [binary];
  mkdirSync(at('build/bench'), { recursive: true });
  const found = ['cc', 'gcc', 'clang'].some(
    (compiler) => spawnSync(compiler, ['-O2', '-static', '-s', '-o', binary, source]).status === 0,
  );
  return found ? [binary] : null;
}
