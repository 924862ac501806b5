/** The generated pages say what the sources say: each is there, current, and made by something. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { COMMANDS } from '../../src/cli/commands/all.ts';
import { referencePages } from '../../src/cli/reference.ts';
import { ROUTES } from '../../src/core/api.ts';
import { ERRORS } from '../../src/core/errors.ts';
import { root } from '../support/paths.ts';

const FOLDER = join(root, 'docs/reference');

test('every reference page is current; `npm run docs` makes them so', async () => {
  const pages = await referencePages();
  for (const [name, text] of Object.entries(pages)) {
    // Not compared by `equal`: it would print both pages.
    assert.ok(readFileSync(join(FOLDER, name), 'utf8') === text, `${name} is stale: run \`npm run docs\``);
  }
  assert.deepEqual(
    readdirSync(FOLDER)
      .filter((name) => name.endsWith('.md'))
      .sort(),
    Object.keys(pages).sort(),
  );
});

test('every command, route and error has its section', async () => {
  const pages = await referencePages();
  for (const { name } of COMMANDS)
    assert.match(pages['commands.md'] ?? '', new RegExp(`^## lo ${name}$`, 'm'));
  for (const { path } of ROUTES) assert.match(pages['api.md'] ?? '', new RegExp(`^## ${path}$`, 'm'));
  for (const code of Object.keys(ERRORS))
    assert.match(pages['errors.md'] ?? '', new RegExp(`^## ${code}$`, 'm'));
});

test('`npm run docs -- --check` passes as well', () => {
  const { status, stderr } = spawnSync(process.execPath, [join(root, 'scripts/docs.mjs'), '--check'], {
    encoding: 'utf8',
  });
  assert.equal(status, 0, stderr);
});
