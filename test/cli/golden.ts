/** Texts that are kept in files: what a person sees is reviewed as it is. `UPDATE_GOLDEN=1 npm test -- test/cli` writes them anew. */

import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { root } from '../support/paths.ts';

/** Escape characters are kept as `␛`, so that colours can be read and compared. */
export function assertGolden(name: string, text: string): void {
  const file = join(root, 'test/cli/golden', `${name}.txt`);
  const shown = text.replaceAll('\u001b', '␛');
  if (process.env.UPDATE_GOLDEN === '1') {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, shown);
  }
  assert.equal(shown, readFileSync(file, 'utf8'), `${name}: UPDATE_GOLDEN=1 writes it anew`);
}
