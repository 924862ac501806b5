/** Where the repository lies and what its package.json says. Everything else in scripts/ starts from here. */

import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** A path inside the repository. */
export const at = (...parts) => join(root, ...parts);

export const manifest = JSON.parse(readFileSync(at('package.json'), 'utf8'));
