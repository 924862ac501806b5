/** Prints what esbuild found wrong, with source lines; anything else is a bug and is thrown on. */

import { formatMessages } from 'esbuild';

export async function printBuildErrors(error) {
  if (!Array.isArray(error?.errors)) throw error;
  const color = process.stderr.isTTY === true && process.env.NO_COLOR === undefined;
  process.stderr.write((await formatMessages(error.errors, { kind: 'error', color })).join(''));
}
