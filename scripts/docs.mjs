/**
 * `npm run docs [-- --check]`: writes docs/reference from the tables in the sources. `--check` writes nothing and fails when a page is
 * stale, missing or no longer made.
 */

import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { moduleOptions } from './lib/bundle.mjs';
import { printBuildErrors } from './lib/errors.mjs';
import { at } from './lib/root.mjs';

const FOLDER = at('docs/reference');

const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } });

try {
  const pages = await makePages();
  process.exitCode = values.check ? check(pages) : write(pages);
} catch (error) {
  await printBuildErrors(error);
  process.exitCode = 1;
}

async function makePages() {
  mkdirSync(at('build'), { recursive: true });
  const folder = mkdtempSync(at('build/docs-'));
  try {
    await build({ ...moduleOptions('docs'), entryPoints: [at('src/cli/reference.ts')], outdir: folder });
    const { referencePages } = await import(pathToFileURL(join(folder, 'reference.js')).href);
    return await referencePages();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function write(pages) {
  mkdirSync(FOLDER, { recursive: true });
  for (const [name, text] of Object.entries(pages)) {
    if (pageOnDisk(name) === text) continue;
    writeFileSync(join(FOLDER, name), text);
    console.log(`docs/reference/${name} written`);
  }
  for (const name of leftOver(pages)) {
    rmSync(join(FOLDER, name));
    console.log(`docs/reference/${name} removed: nothing makes it any more`);
  }
  return 0;
}

function check(pages) {
  const stale = Object.keys(pages).filter((name) => pageOnDisk(name) !== pages[name]);
  const all = [...stale, ...leftOver(pages)];
  for (const name of all) console.error(`docs/reference/${name} is stale: run \`npm run docs\``);
  return all.length === 0 ? 0 : 1;
}

function pageOnDisk(name) {
  try {
    return readFileSync(join(FOLDER, name), 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return null;
    throw error;
  }
}

/** Every page of the folder is made: one written by hand would be lost among them. */
function leftOver(pages) {
  mkdirSync(FOLDER, { recursive: true });
  return readdirSync(FOLDER).filter((name) => name.endsWith('.md') && !(name in pages));
}
