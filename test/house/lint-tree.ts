/** Runs the real lint rules on a small tree made for one test. It must not touch the repository. */

import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import type { TestContext } from 'node:test';
import { root } from '../support/paths.ts';

export interface Finding {
  readonly rule: string;
  readonly file: string;
}

/** What Biome finds in `files` (path -> text) under this repository's biome.json. */
export function lintTree(t: TestContext, files: Readonly<Record<string, string>>): readonly Finding[] {
  const tree = realpathSync(mkdtempSync(join(tmpdir(), 'lint-')));
  t.after(() => rmSync(tree, { recursive: true }));
  for (const name of ['biome.json', '.gitignore', 'package.json'])
    copyFileSync(join(root, name), join(tree, name));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(tree, path)), { recursive: true });
    writeFileSync(join(tree, path), text);
  }
  return findings(tree);
}

function findings(tree: string): readonly Finding[] {
  const biome = join(root, 'node_modules', '.bin', 'biome');
  const { status, stdout, stderr, error } = spawnSync(
    biome,
    ['lint', '--reporter=github', '--max-diagnostics=none', '--error-on-warnings', '.'],
    { cwd: tree, encoding: 'utf8' },
  );
  if (error !== undefined) throw error;
  const found = [...stdout.matchAll(/^::(?:error|warning) title=([^,]+),file=([^,]+)/gm)];
  if (found.length === 0 && status !== 0) {
    throw new Error(`Biome did not look at the tree:\n${stdout}${stderr}`);
  }
  return found.map(([, title = '', file = '']) => ({
    rule: title.replace(/^.*\//, ''),
    file: relative(tree, file),
  }));
}
