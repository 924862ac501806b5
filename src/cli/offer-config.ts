/** A config for a directory that has none: found out, shown, written when it is wanted. It must never overwrite a file. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Discovery, discover } from '../config/discover/discover.ts';
import { CONFIG_NAMES } from '../config/find-config.ts';
import { LoopyardError, reasonOf } from '../core/errors.ts';
import type { Context } from './command.ts';
import { safe } from './printer/text.ts';

/** True once a config was written. Errors: CONFIG_NOT_FOUND when nothing was found, or nobody can be asked. */
export async function offerConfig(context: Context): Promise<boolean> {
  const { printer, directory, args, canAsk } = context;
  const found = await discover(directory);
  if (found === null) throw new LoopyardError('CONFIG_NOT_FOUND', { directory });
  if (!args.flag('yes')) {
    if (!canAsk) throw new LoopyardError('CONFIG_NOT_FOUND', { directory });
    printer.note('There is no loopyard.yaml here or above. `lo init` would write this one:\n');
    for (const line of found.yaml.trimEnd().split('\n')) printer.note(`  ${safe(line)}`);
    printer.note('');
    if (!(await context.confirm('writing a config', 'Write it and go on?'))) return false;
  }
  printer.note(`wrote ${writeNew(directory, found)}`);
  return true;
}

/** The path. Errors: CONFIG_EXISTS, OUTPUT_FAILED. */
export function writeNew(directory: string, { yaml }: Discovery): string {
  const file = join(directory, CONFIG_NAMES[0]);
  try {
    writeFileSync(file, yaml, { flag: 'wx' });
    return file;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST')
      throw new LoopyardError('CONFIG_EXISTS', { file });
    throw new LoopyardError('OUTPUT_FAILED', { file, reason: reasonOf(error) }, [], error);
  }
}
