/** Programs in TypeScript that a test runs as processes of their own, bundled by the settings of everything else. */

import { join } from 'node:path';
import { build } from 'esbuild';
import { root } from './paths.ts';

/** The path of `test/fixtures/programs/<name>.ts` as a program for Node, put into `directory`. */
export async function bundledProgram(name: string, directory: string): Promise<string> {
  const outfile = join(directory, `${name}.mjs`);
  await build({
    // In its own place: what it imports lies beside it.
    entryPoints: [join(root, 'test', 'fixtures', 'programs', `${name}.ts`)],
    outfile,
    absWorkingDir: root,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20.19',
    logLevel: 'silent',
  });
  return outfile;
}
