/** Finding and reading configs: upwards, by name, through links, and every way in which a file cannot be read. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { loadProject, projectFromText } from '../../src/config/load.ts';
import { LoopyardError } from '../../src/core/errors.ts';
import { CATALOG } from './catalog.ts';

const CONFIG = 'name: shop\nservices: { web: { run: x, cwd: web } }\n';

function place(t: TestContext): string {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), 'config-')));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

function write(directory: string, name: string, text: string | Uint8Array = CONFIG): string {
  const file = join(directory, name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
}

async function failure(directory: string, file?: string): Promise<LoopyardError> {
  const options = file === undefined ? { directory } : { directory, file };
  const thrown: unknown = await loadProject({ ...options, recipes: CATALOG }).then(
    () => assert.fail('it loaded'),
    (reason: unknown) => reason,
  );
  assert.ok(thrown instanceof LoopyardError, String(thrown));
  return thrown;
}

test('a config is found in the directory and in every directory above', async (t) => {
  const root = place(t);
  const file = write(root, 'loopyard.yaml');
  mkdirSync(join(root, 'a/b/c'), { recursive: true });
  for (const directory of [root, join(root, 'a'), join(root, 'a/b/c')]) {
    const project = await loadProject({ directory, recipes: CATALOG });
    assert.deepEqual([project.file, project.root, project.services[0]?.cwd], [file, root, join(root, 'web')]);
  }
});

test('the nearest config counts, and .yml is as good as .yaml', async (t) => {
  const root = place(t);
  write(root, 'loopyard.yaml');
  const inner = write(root, 'a/loopyard.yml', CONFIG.replace('shop', 'inner'));
  const project = await loadProject({ directory: join(root, 'a'), recipes: CATALOG });
  assert.deepEqual([project.file, project.name], [inner, 'inner']);
});

test('-f names any file, relative to the directory', async (t) => {
  const root = place(t);
  write(root, 'loopyard.yaml', 'broken: [');
  const file = write(root, 'conf/other.yaml');
  const project = await loadProject({ directory: root, file: 'conf/other.yaml', recipes: CATALOG });
  assert.deepEqual([project.file, project.root], [file, join(root, 'conf')]);
});

test('one checkout has one name, whatever links lead to it', async (t) => {
  const root = place(t);
  const file = write(root, 'real/loopyard.yaml');
  mkdirSync(join(root, 'real/deep'));
  symlinkSync('real', join(root, 'link'));
  for (const directory of ['link', 'link/deep', 'real/deep']) {
    assert.equal((await loadProject({ directory: join(root, directory), recipes: CATALOG })).file, file);
  }
  const named = await loadProject({ directory: root, file: 'link/loopyard.yaml', recipes: CATALOG });
  assert.equal(named.file, file);
});

test('a config that is itself a link belongs to where the link is', async (t) => {
  const root = place(t);
  write(root, 'shared/base.yaml');
  mkdirSync(join(root, 'checkout'));
  symlinkSync('../shared/base.yaml', join(root, 'checkout/loopyard.yaml'));
  const project = await loadProject({ directory: join(root, 'checkout'), recipes: CATALOG });
  assert.equal(project.root, join(root, 'checkout'));
});

test('a path with blanks, letters of all kinds and 200 characters', async (t) => {
  const directory = join(place(t), 'mit Leerzeichen/ünïcödé 日本', 'x'.repeat(100), 'y'.repeat(100));
  write(directory, 'loopyard.yaml');
  assert.equal((await loadProject({ directory, recipes: CATALOG })).root, directory);
});

test('no config: the error says where it was looked for', async (t) => {
  const root = place(t);
  const error = await failure(root);
  assert.equal(error.code, 'CONFIG_NOT_FOUND');
  assert.match(error.message, new RegExp(root));
  assert.equal((await failure(join(root, 'is/not/there'))).code, 'CONFIG_NOT_FOUND');
});

test('two configs in one directory: both are named', async (t) => {
  const root = place(t);
  write(root, 'loopyard.yaml');
  write(root, 'loopyard.yml');
  const error = await failure(root);
  assert.equal(error.code, 'CONFIG_AMBIGUOUS');
  assert.match(error.message, /loopyard\.yaml and loopyard\.yml/);
});

test('files that cannot be read, each with its reason', async (t) => {
  const root = place(t);
  mkdirSync(join(root, 'directory/loopyard.yaml'), { recursive: true });
  mkdirSync(join(root, 'link'));
  symlinkSync('nowhere', join(root, 'link/loopyard.yaml'));
  mkdirSync(join(root, 'loop'));
  symlinkSync('loopyard.yaml', join(root, 'loop/loopyard.yaml'));
  mkdirSync(join(root, 'pipe'));
  execFileSync('mkfifo', [join(root, 'pipe/loopyard.yaml')]);
  write(root, 'latin/loopyard.yaml', Buffer.from('name: caf\xe9\n', 'latin1'));
  write(root, 'utf16/loopyard.yaml', Buffer.from('\ufeffname: a\n', 'utf16le'));
  write(root, 'huge/loopyard.yaml', 'x'.repeat(5_000_000));
  const reasons: Record<string, RegExp> = {
    directory: /it is a directory/,
    link: /it does not exist/,
    loop: /links go in a circle/,
    pipe: /not a regular file/,
    latin: /not UTF-8/,
    utf16: /UTF-16/,
    huge: /5\.0 MB; a config has at most 1\.0 MB/,
  };
  for (const [name, reason] of Object.entries(reasons)) {
    const error = await failure(join(root, name));
    assert.equal(error.code, 'CONFIG_UNREADABLE', name);
    assert.match(error.message, reason);
    assert.match(error.message, new RegExp(`${name}/loopyard\\.yaml`));
  }
  assert.match((await failure(root, 'missing.yaml')).message, /missing\.yaml: it does not exist/);
  assert.match((await failure(root, 'latin/loopyard.yaml/x')).message, /not a directory/);
});

test('a file without permission', async (t) => {
  const root = place(t);
  chmodSync(write(root, 'loopyard.yaml'), 0);
  chmodSync(root, 0o755);
  const error = await asOrdinaryUser(() => failure(root));
  assert.equal(error.code, 'CONFIG_UNREADABLE');
  assert.match(error.message, /permission denied/);
});

test('a directory that cannot be looked into is not a directory without a config', async (t) => {
  const root = place(t);
  chmodSync(root, 0o755);
  mkdirSync(join(root, 'closed'));
  chmodSync(join(root, 'closed'), 0);
  const error = await asOrdinaryUser(() => failure(join(root, 'closed')));
  assert.equal(error.code, 'CONFIG_UNREADABLE');
  assert.match(error.message, /permission denied/i);
});

/** The superuser may read everything, so for a moment we are somebody else. */
async function asOrdinaryUser<T>(act: () => Promise<T>): Promise<T> {
  if (process.geteuid?.() !== 0) return act();
  process.seteuid?.(65534);
  try {
    return await act();
  } finally {
    process.seteuid?.(0);
  }
}

test('mistakes come as one error with the places', async (t) => {
  const root = place(t);
  write(root, 'loopyard.yaml', 'name: shop\nservices:\n  web: { rn: x, port: 0 }\n');
  const error = await failure(root);
  assert.equal(error.code, 'CONFIG_INVALID');
  assert.equal(error.message, `2 mistakes in ${join(root, 'loopyard.yaml')}`);
  assert.equal(error.context[0], 'loopyard.yaml:3:10 error: unknown key `rn`');
  assert.equal(error.context.length, 7);
  assert.match((await failure(root, write(root, 'one.yaml', 'name: shop\n'))).message, /^1 mistake in /);
});

test('very many mistakes are counted, not all shown', async (t) => {
  const root = place(t);
  write(
    root,
    'loopyard.yaml',
    `name: shop\nservices:\n${Array.from({ length: 300 }, (_, at) => `  s${at}: { rn: x }\n`).join('')}`,
  );
  const error = await failure(root);
  assert.match(error.message, /^300 mistakes/);
  assert.equal(error.context.at(-1), '… and 250 more');
});

test('a project in words has no file', () => {
  const project = projectFromText('name: run\nservices: { run: { run: x } }', '/somewhere', CATALOG);
  assert.deepEqual(
    [project.file, project.root, project.services[0]?.cwd],
    [null, '/somewhere', '/somewhere'],
  );
  assert.throws(() => projectFromText('name: run\n', '/somewhere', CATALOG), { code: 'CONFIG_INVALID' });
});
