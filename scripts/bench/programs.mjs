/** The fixture programs, compiled into build/bench when there is a compiler; else their Node versions, at the price of a Node each. */

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { at } from '../lib/root.mjs';

const SOURCES = at('scripts/bench/programs');

/** Words that start the program, without its arguments. Null without their compiler: `crowd` and `wire`, for Nodes would be another load, and `stages`. */
export function programs() {
  return {
    server: program('server'),
    printer: program('printer'),
    upstream: program('upstream'),
    crowd: compiled('crowd'),
    wire: compiled('wire'),
    stages: compiled('stages', 'go'),
  };
}

/** The bare Node prototype. */
export const PROTOTYPE = join(SOURCES, 'prototype.mjs');

function program(name) {
  return compiled(name) ?? [process.execPath, join(SOURCES, `${name}.mjs`)];
}

function compiled(name, language = 'c') {
  const source = join(SOURCES, `${name}.${language}`);
  const binary = at('build/bench', name);
  if (existsSync(binary) && statSync(binary).mtimeMs > statSync(source).mtimeMs) return [binary];
  mkdirSync(at('build/bench'), { recursive: true });
  const found = COMPILERS[language].some(
    ([compiler, ...flags]) => spawnSync(compiler, [...flags, '-o', binary, source]).status === 0,
  );
  return found ? [binary] : null;
}

const COMPILERS = {
  c: ['cc', 'gcc', 'clang'].map((name) => [name, '-O2', '-static', '-s']),
  go: [['go', 'build']],
};
