/**
 * Makes the shipped files. Each build is kept in a folder named after the fingerprint of its sources and never changed after, so
 * two builds at once cannot spoil each other and a test run keeps its files while somebody edits; `dist/` is a copy of one.
 */

import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { build } from 'esbuild';
import { commandOptions, moduleOptions, standaloneOptions } from './bundle.mjs';
import { fingerprint } from './fingerprint.mjs';
import { licenceReport } from './licences.mjs';
import { at, manifest } from './root.mjs';

const STORE = at('build/dist');
/** What went into which chunk: kept with a build for tests and questions, not shipped. */
const META = 'meta.json';
const KEPT_BUILDS = 8;
const KEPT_MS = 60 * 60 * 1000;
const EDITED_TIMES = 5;

/** Apart, though they share sources: files that both need would cost each start of a command more than they save on disk. */
const MODULES = [
  { source: 'src/cli/main.ts', output: 'lo', options: commandOptions },
  { source: 'src/daemon/main.ts', output: 'daemon', options: moduleOptions },
  { source: 'src/gateway/main.ts', output: 'gateway', options: moduleOptions },
  { source: 'src/gateway/carrier/main.ts', output: 'carrier', options: moduleOptions },
];
const STANDALONE = [
  { source: 'src/gateway/guard/worker.ts', output: 'lookout.js', format: 'esm' },
  { source: 'src/inside/preload.ts', output: 'preload.cjs', format: 'cjs' },
  { source: 'src/inside/static-server.ts', output: 'static-server.js', format: 'esm' },
];

/** The folder of the current sources' build, made when it is not there yet. Its files never change. */
export async function ensureBuild() {
  for (let attempt = 1; ; attempt += 1) {
    const id = fingerprint();
    const directory = join(STORE, id);
    if (existsSync(directory)) {
      touch(directory);
      return { id, directory };
    }
    const draft = join(STORE, `draft-${process.pid}-${id}`);
    try {
      await fill(draft, id);
      // Sources edited meanwhile: what was built is not what its name says.
      if (fingerprint() !== id && attempt < EDITED_TIMES) continue;
      moveInto(draft, directory);
    } finally {
      rmSync(draft, { recursive: true, force: true });
    }
    prune();
    return { id, directory };
  }
}

/** `out` (default `dist/`) as a copy of the current build; nothing is written when it is one already. */
export async function ensureDist(out = at('dist')) {
  const { id, directory } = await ensureBuild();
  if (placedBuild(out) === id) return { id, directory: out, changed: false };
  const draft = `${out}.draft-${process.pid}`;
  const old = `${out}.old-${process.pid}`;
  try {
    cpSync(directory, draft, { recursive: true, filter: (path) => basename(path) !== META });
    while (!replace(draft, out, old));
  } finally {
    rmSync(draft, { recursive: true, force: true });
    rmSync(old, { recursive: true, force: true });
  }
  return { id, directory: out, changed: true };
}

async function fill(draft, id) {
  mkdirSync(draft, { recursive: true });
  const results = await Promise.all([
    ...MODULES.filter(({ source }) => existsSync(at(source))).map(({ source, output, options }) =>
      build({ ...options(id), entryPoints: { [output]: at(source) }, outdir: draft }),
    ),
    ...STANDALONE.filter(({ source }) => existsSync(at(source))).map(({ source, output, format }) =>
      build({ ...standaloneOptions(id, format), entryPoints: [at(source)], outfile: join(draft, output) }),
    ),
  ]);
  const metafiles = results.map((result) => result.metafile);
  if (existsSync(join(draft, 'lo.js'))) makeProgram(join(draft, 'lo.js'));
  writeFileSync(join(draft, 'THIRD-PARTY-LICENSES.md'), licenceReport(metafiles));
  writeFileSync(
    join(draft, META),
    JSON.stringify({ outputs: Object.assign({}, ...metafiles.map(({ outputs }) => outputs)) }),
  );
  writeFileSync(join(draft, 'build.json'), `${JSON.stringify({ version: manifest.version, build: id })}\n`);
}

function makeProgram(path) {
  writeFileSync(path, `#!/usr/bin/env node\n${readFileSync(path, 'utf8')}`);
  chmodSync(path, 0o755);
}

/** Whoever comes second with the same build finds the folder there: as good as its own. */
function moveInto(draft, directory) {
  mkdirSync(dirname(directory), { recursive: true });
  try {
    renameSync(draft, directory);
  } catch (error) {
    if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
  }
}

/** False when another build put its folder there between our two renames: then its folder is the next to be replaced. */
function replace(draft, out, old) {
  rmSync(old, { recursive: true, force: true });
  try {
    renameSync(out, old);
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
  }
  try {
    renameSync(draft, out);
    return true;
  } catch (error) {
    if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
    return false;
  }
}

function placedBuild(out) {
  try {
    return JSON.parse(readFileSync(join(out, 'build.json'), 'utf8')).build;
  } catch {
    // Not there, or not ours: either way it is to be replaced.
    return null;
  }
}

/** Marks a build as used now, for `prune`. */
function touch(directory) {
  const now = new Date();
  utimesSync(directory, now, now);
}

/** Old builds go, but none that a running test may still use. */
function prune() {
  const builds = readdirSync(STORE)
    .map((name) => ({ path: join(STORE, name), used: lastUse(join(STORE, name)) }))
    .sort((a, b) => b.used - a.used);
  for (const { path, used } of builds.slice(KEPT_BUILDS)) {
    if (Date.now() - used > KEPT_MS) rmSync(path, { recursive: true, force: true });
  }
}

function lastUse(path) {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
