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
