/**
 * Where a test finds the repository, the build under test and its own temporary place. Tests are bundled, so `import.meta.url`
 * does not say: the runner (`scripts/test.mjs`) does. It must not start anything.
 */

import { join } from 'node:path';

/** The repository. */
export const root = told('LOOPYARD_TEST_ROOT');

/** The build under test: `lo.js`, `daemon.js`, `preload.cjs`. It does not change while tests run; every user can read it. */
export const dist = told('LOOPYARD_TEST_DIST');

/** A path inside a copy of `test/fixtures` that every user can read. */
export function fixture(...parts: readonly string[]): string {
  return join(told('LOOPYARD_TEST_FIXTURES'), ...parts);
}

function told(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === '') throw new Error(`${name} is not set: run tests by \`npm test\``);
  return value;
}
