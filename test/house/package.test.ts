/** What would be published: only what is meant to be, with no dependencies, and nothing slow on the way to a fast command. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import type { Metafile } from 'esbuild';
import { publint } from 'publint';
import { dist, root } from '../support/paths.ts';

interface Manifest {
  readonly version: string;
  readonly bin: Readonly<Record<string, string>>;
  readonly private?: boolean;
  readonly scripts: Readonly<Record<string, string>>;
  readonly dependencies?: unknown;
  readonly optionalDependencies?: unknown;
  readonly peerDependencies?: unknown;
}

const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest;

describe('package: what is in it', () => {
  it('the build, the texts about it and nothing else', (t) => {
    const allowed = /^(dist\/[^/]+|dist\/chunks\/[^/]+\.js|package\.json|README\.md|LICENSE|CHANGELOG\.md)$/;
    const paths = packedPaths(stage(t));
    assert.deepEqual(
      paths.filter((path) => !allowed.test(path)),
      [],
    );
    const needed = ['lo.js', 'daemon.js', 'preload.cjs', 'static-server.js', 'THIRD-PARTY-LICENSES.md'];
    for (const name of needed) assert.ok(paths.includes(`dist/${name}`), `dist/${name} is missing`);
    for (const name of ['README.md', 'LICENSE', 'CHANGELOG.md'])
      assert.ok(paths.includes(name), `${name} is missing`);
  });

  it('no dependency, no script that runs at installation, open to be published', () => {
    const { dependencies, optionalDependencies, peerDependencies, scripts } = manifest;
    assert.deepEqual(
      [dependencies, optionalDependencies, peerDependencies],
      [undefined, undefined, undefined],
    );
    for (const name of ['preinstall', 'install', 'postinstall', 'prepare'])
      assert.ok(!(name in scripts), name);
    assert.equal(manifest.private, undefined);
  });

  it('publint finds nothing', async (t) => {
    const { messages } = await publint({ pkgDir: stage(t), pack: 'npm', strict: true });
    assert.deepEqual(messages, []);
  });

  it('both commands are programs that Node starts', () => {
    assert.deepEqual(Object.keys(manifest.bin).sort(), ['lo', 'loopyard']);
    for (const path of Object.values(manifest.bin)) {
      const file = join(dist, path.replace(/^dist\//, ''));
      assert.ok(readFileSync(file, 'utf8').startsWith('#!/usr/bin/env node\n'));
      assert.equal(statSync(file).mode & 0o777, 0o755);
      assert.equal(
        execFileSync(process.execPath, [file, '--version'], { encoding: 'utf8' }),
        `${manifest.version}\n`,
      );
    }
  });

  it('the licence of each bundled package is told', () => {
    const text = readFileSync(join(dist, 'THIRD-PARTY-LICENSES.md'), 'utf8');
    for (const name of bundledPackages())
      assert.match(text, new RegExp(`^## ${name} \\d+\\.\\d+\\.\\d+ \\(`, 'm'));
  });

  it('the lock file names no registry', () => {
    assert.doesNotMatch(readFileSync(join(root, 'package-lock.json'), 'utf8'), /"resolved": "https?:/);
  });
});

describe('package: what a command loads', () => {
  const { outputs } = JSON.parse(readFileSync(join(dist, 'meta.json'), 'utf8')) as Metafile;

  it('neither the parser of YAML nor the schema library, except where a config file itself is at hand', () => {
    const names = ['commands/init', 'commands/schema', 'offer-config', 'complete'];
    const mayLoad = new Set(names.map((name) => `src/cli/${name}.ts`));
    const found = loadedByCommandLine(/^node_modules\/((@[^/]+\/)?[^/]+)/);
    assert.deepEqual(
      found.filter(({ by }) => !mayLoad.has(by)),
      [],
    );
  });

  it('nothing of the daemon', () => {
    assert.deepEqual(loadedByCommandLine(/^src\/(daemon|supervisor|platform|recipes)\//), []);
  });

  /** What matches `pattern` in the sources of each part of the CLI that is loaded in one piece. */
  function loadedByCommandLine(pattern: RegExp): readonly { readonly by: string; readonly what: string }[] {
    return Object.entries(outputs).flatMap(([output, { entryPoint = '' }]) => {
      if (!entryPoint.startsWith('src/cli/')) return [];
      const what = new Set(loadedBy(output).flatMap((input) => pattern.exec(input)?.[0] ?? []));
      return [...what].map((each) => ({ by: entryPoint, what: each }));
    });
  }

  /** The sources that come in with `output` by static imports, directly or not. */
  function loadedBy(output: string, seen = new Set<string>()): readonly string[] {
    if (seen.has(output)) return [];
    seen.add(output);
    const { inputs = {}, imports = [] } = outputs[output] ?? {};
    const next = imports.filter(({ kind, external }) => kind === 'import-statement' && external !== true);
    return [...Object.keys(inputs), ...next.flatMap(({ path }) => loadedBy(path, seen))];
  }
});

/** A folder as `npm publish` would see it, with the build under test as its dist/. */
function stage(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'package-'));
  t.after(() => rmSync(folder, { recursive: true }));
  cpSync(dist, join(folder, 'dist'), { recursive: true, filter: (path) => !path.endsWith('/meta.json') });
  for (const name of readdirSync(root, { withFileTypes: true })) {
    if (name.isFile()) cpSync(join(root, name.name), join(folder, name.name));
  }
  return folder;
}

function packedPaths(folder: string): readonly string[] {
  const cache = join(folder, '.npm-cache');
  const output = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts', '--cache', cache], {
    cwd: folder,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [packed] = JSON.parse(output) as readonly { readonly files: readonly { readonly path: string }[] }[];
  return packed?.files.map(({ path }) => path) ?? [];
}

/** Told by the comments that esbuild puts above each source. */
function bundledPackages(): ReadonlySet<string> {
  const names = new Set<string>();
  for (const path of readdirSync(dist, { recursive: true, encoding: 'utf8' })) {
    if (!path.endsWith('.js') || !existsSync(join(dist, path))) continue;
    const text = readFileSync(join(dist, path), 'utf8');
    for (const [, name = ''] of text.matchAll(/^\/\/ node_modules\/((?:@[^/\s]+\/)?[^/\s]+)\//gm))
      names.add(name);
  }
  assert.ok(names.size > 0, 'no package seen: has the form of the bundle changed?');
  return names;
}
