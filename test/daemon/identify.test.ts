/** Which environment a directory belongs to, with real git checkouts, worktrees and submodules, and with hostile ones. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { identify, slug, worktreeName } from '../../src/daemon/identify.ts';

const base = realpathSync(mkdtempSync(join(tmpdir(), 'loopyard-identify-')));
after(() => rmSync(base, { recursive: true, force: true }));

function git(directory: string, ...words: readonly string[]): void {
  const own = ['-c', 'user.name=t', '-c', 'user.email=t@localhost', '-c', 'protocol.file.allow=always'];
  execFileSync('git', [...own, ...words], {
    cwd: directory,
    stdio: 'ignore',
    env: { PATH: process.env.PATH ?? '', HOME: base, GIT_CONFIG_NOSYSTEM: '1' },
  });
}

function repository(name: string): string {
  const path = join(base, name);
  mkdirSync(path, { recursive: true });
  git(path, 'init', '-q');
  writeFileSync(join(path, 'file'), name);
  git(path, 'add', 'file');
  git(path, 'commit', '-qm', 'first');
  return path;
}

function refOf(root: string, over: Partial<Parameters<typeof identify>[0]> = {}) {
  return identify({ root, project: 'shop', key: '', holder: '1000\n/home/me', ...over });
}

test('a main checkout has the project as its name, a linked worktree its folder in front', () => {
  const main = repository('main');
  const linked = join(base, 'Feature X');
  git(main, 'worktree', 'add', '-q', '--detach', linked);
  mkdirSync(join(linked, 'api', 'deep'), { recursive: true });
  assert.equal(refOf(main).name, 'shop');
  assert.equal(refOf(linked).name, 'feature-x.shop');
  assert.equal(refOf(join(linked, 'api', 'deep')).name, 'feature-x.shop');
  assert.notEqual(refOf(main).id, refOf(linked).id);
});

test('a submodule is a copy as the checkout around it is', () => {
  const library = repository('library');
  const outer = repository('outer');
  git(outer, 'submodule', 'add', '-q', library, 'vendor/library');
  git(outer, 'commit', '-qm', 'submodule');
  assert.equal(worktreeName(join(outer, 'vendor', 'library')), null);
  const linked = join(base, 'outer-2');
  git(outer, 'worktree', 'add', '-q', linked);
  git(linked, 'submodule', 'update', '-q', '--init');
  assert.equal(worktreeName(join(linked, 'vendor', 'library')), 'outer-2');
});

test('a folder called worktrees somewhere above makes no worktree', () => {
  const library = repository('worktrees/library');
  const outer = repository('worktrees/outer');
  git(outer, 'submodule', 'add', '-q', library, 'library');
  assert.equal(worktreeName(outer), null);
  assert.equal(worktreeName(join(outer, 'library')), null);
});

test('two users, two homes and two config files never share an id; two ways to one directory do', () => {
  const root = join(base, 'plain');
  mkdirSync(root);
  symlinkSync(root, join(base, 'link'));
  const ids = new Set([
    refOf(root).id,
    refOf(root, { holder: '1001\n/home/me' }).id,
    refOf(root, { holder: '1000\n/home/other' }).id,
    refOf(root, { key: join(root, 'other.yaml') }).id,
  ]);
  assert.equal(ids.size, 4);
  assert.deepEqual(refOf(join(base, 'link')), refOf(root));
});

test('whatever lies at .git, nothing waits for it', { timeout: 10_000 }, () => {
  const root = join(base, 'hostile');
  mkdirSync(root);
  const git = join(root, '.git');
  const make: Readonly<Record<string, () => void>> = {
    fifo: () => void execFileSync('mkfifo', [git]),
    device: () => symlinkSync('/dev/zero', git),
    loop: () => symlinkSync('.git', git),
    garbage: () => writeFileSync(git, Buffer.from([0, 1, 2, 255])),
    huge: () => writeFileSync(git, `gitdir: /a/worktrees/b\n${'x'.repeat(100_000)}`),
  };
  for (const [what, lay] of Object.entries(make)) {
    lay();
    assert.equal(worktreeName(root), null, what);
    rmSync(git);
  }
});

test('a slug can stand in file names and host names', () => {
  assert.equal(slug('_Shop (2)_'), 'shop-2');
  assert.equal(slug('Größe'), 'gro-e');
  assert.equal(slug('日本'), 'x');
  assert.equal(slug(`${'a'.repeat(39)}-b`), 'a'.repeat(39));
  assert.match(slug('ÀÉÎ 100%'), /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/);
});
