/**
 * Dotenv files: `NAME=value` lines, read by Node's own parser. It must not know what the values are for.
 */

import { readFileSync, statSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { LoopyardError } from '../core/errors.ts';
import { formatSize } from '../core/units.ts';
import { ioReason } from './io-reason.ts';

const MAX_BYTES = 1_000_000;

/** The variables of one file, for the error's sake together with the service that names it. Throws ENV_FILE_UNREADABLE. */
export function readEnvFile(service: string, file: string): Readonly<Record<string, string>> {
  const refuse = (reason: string): never => {
    throw new LoopyardError('ENV_FILE_UNREADABLE', { service, file, reason });
  };
  try {
    const facts = statSync(file);
    if (facts.isDirectory()) return refuse('it is a directory');
    // A FIFO or a device would never end.
    if (!facts.isFile()) return refuse('it is not a regular file');
    if (facts.size > MAX_BYTES)
      return refuse(`it has ${formatSize(facts.size)}; at most ${formatSize(MAX_BYTES)} are read`);
    return parse(readFileSync(file, 'utf8'));
  } catch (thrown) {
    // A file that a config names must be there: going on without its secrets would fail later and elsewhere.
    if (thrown instanceof LoopyardError) throw thrown;
    return refuse(ioReason(thrown));
  }
}

/** Node's parser leaves a byte order mark in the first name. */
function parse(text: string): Readonly<Record<string, string>> {
  const variables = parseEnv(text.replace(/^\ufeff/, ''));
  return Object.fromEntries(
    Object.entries(variables).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}
