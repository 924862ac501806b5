/**
 * Bundles test files by the settings that ship, into a folder of this run. Packages that only tests import stay outside; packages
 * that the product imports are inside, as they are in what ships. It must not run anything.
 */

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { moduleOptions } from './bundle.mjs';
import { at } from './root.mjs';

/** Paths below test/, e.g. `core/units.test.ts`, that contain one of `filters` (all when there are none). */
export function testFiles(filters) {
  return readdirSync(at('test'), { recursive: true })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => path.endsWith('.test.ts'))
    .filter((path) => filters.length === 0 || filters.some((filter) => `test/${path}`.includes(filter)))
    .sort();
}

/** `bundled`: paths ready to run. `broken`: `{ file, error }` of each file that does not compile, so that the others still run. */
export async function bundleTests(files, id, outdir) {
  try {
    return { bundled: await bundle(files, id, outdir), broken: [] };
  } catch {
    // The error says which line, not which test file asked for it: so each is tried alone.
    return await bundleEach(files, id, outdir);
  }
}

async function bundleEach(files, id, outdir) {
  const bundled = [];
  const broken = [];
  for (const file of files) {
    try {
      bundled.push(...(await bundle([file], id, outdir)));
    } catch (error) {
      broken.push({ file, error });
    }
  }
  return { bundled, broken };
}

async function bundle(files, id, outdir) {
  await build({
    ...moduleOptions(id),
    entryPoints: files.map((file) => at('test', file)),
    outbase: at('test'),
    outdir,
    sourcemap: true,
    plugins: [testOnlyPackages],
  });
  return files.map((file) => join(outdir, file.replace(/\.ts$/, '.js')));
}

const testOnlyPackages = {
  name: 'test-only-packages',
  setup({ onResolve }) {
    onResolve({ filter: /^[^./]/ }, ({ path, importer }) =>
      importer.startsWith(at('test')) ? { path, external: true } : undefined,
    );
  },
};
