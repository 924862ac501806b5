/** `npm run build [-- --out DIR]`: puts the shipped files into dist/ (or DIR). Does nothing when they are current. */

import { relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { ensureDist } from './lib/dist.mjs';
import { printBuildErrors } from './lib/errors.mjs';
import { at } from './lib/root.mjs';

const { values } = parseArgs({ options: { out: { type: 'string' } } });

try {
  const { id, directory, changed } = await ensureDist(resolve(values.out ?? at('dist')));
  console.log(`${relative(process.cwd(), directory)} ${changed ? 'built' : 'is current'} (${id})`);
} catch (error) {
  await printBuildErrors(error);
  process.exitCode = 1;
}
