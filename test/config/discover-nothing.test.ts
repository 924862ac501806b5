/** Where nothing that stays running is to be found, `lo init` has nothing to propose. */

import assert from 'node:assert/strict';
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { discover } from '../../src/config/discover/discover.ts';
import { type Files, project } from './discovered.ts';

const NOTHING: readonly (readonly [name: string, files: Files])[] = [
  ['an empty directory', {}],
  ['a package without scripts', { 'package.json': { name: 'a' } }],
  ['scripts that do not stay', { 'package.json': { scripts: { build: 'x', test: 'y', lint: 'z' } } }],
  ['a broken package.json', { 'package.json': '{"scripts": {"dev": ' }],
  ['a package.json that is a list', { 'package.json': '[]' }],
  ['an empty Procfile', { Procfile: '\n# nothing\n' }],
  ['a binary Procfile', { Procfile: 'web: \0\x01' }],
  ['only a Compose file', { 'compose.yaml': 'services: { db: { image: postgres } }' }],
  [
    'only scripts that start Loopyard',
    { 'package.json': { scripts: { dev: 'npx loopyard up', start: 'lo up --wait' } } },
  ],
  ['a command that is not one', { Procfile: "web: it's\n" }],
];

for (const [name, files] of NOTHING) {
  test(`nothing is invented for ${name}`, async (t) => assert.equal(await discover(project(t, files)), null));
}

test('a directory that is not there', async (t) => {
  assert.equal(await discover(join(project(t, {}), 'nowhere')), null);
});

test('a package.json that is a link to itself', async (t) => {
  const directory = project(t, {});
  symlinkSync('package.json', join(directory, 'package.json'));
  assert.equal(await discover(directory), null);
});
