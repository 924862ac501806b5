/** The real Vite of this repository, with a page, a script and a secret in its root; safe as it comes. It must not know checks. */

import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import type { Place } from './examine.ts';
import { startProgram } from './program.ts';

export async function vite(t: TestContext, args: readonly string[] = []): Promise<Place> {
  const directory = mkdtempSync(join(tmpdir(), 'vite-'));
  mkdirSync(join(directory, 'src'));
  writeFileSync(
    join(directory, 'index.html'),
    '<!doctype html><title>Shop</title><h1>Shop</h1><script type="module" src="/src/main.js"></script>',
  );
  writeFileSync(join(directory, 'src/main.js'), 'export const shop = 1;\n');
  writeFileSync(join(directory, '.env'), 'SHOP_SECRET=correct-horse-battery\n');
  const manifest = createRequire(import.meta.url).resolve('vite/package.json');
  const program = join(dirname(manifest), 'bin/vite.js');
  return await startProgram(t, {
    argv: (port) => [
      process.execPath,
      program,
      '--host',
      '127.0.0.1',
      '--port',
      String(port),
      '--strictPort',
      ...args,
    ],
    directory,
    env: { NO_COLOR: '1' },
  });
}
