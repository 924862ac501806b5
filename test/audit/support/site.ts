/** A site as a checkout with everything in it that must not be served. It must not know who serves it. */

import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';

export const PAGE =
  '<!doctype html><title>Shop</title><h1>Orders of today</h1><script src="/js/app.js"></script>';
/** Made up. */
export const KEY = '-----BEGIN PRIVATE KEY-----\nbm90IGEga2V5IGF0IGFsbA==\n-----END PRIVATE KEY-----\n';

/** Removed when the test ends. */
export function checkout(t: TestContext): string {
  const root = mkdtempSync(join(tmpdir(), 'site-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  const files: Readonly<Record<string, string>> = {
    'index.html': PAGE,
    'js/app.js': 'console.log(1);\n',
    'js/more.js': 'console.log(2);\n',
    '.env': '# of the shop\nSHOP_SECRET=correct-horse-battery\nPORT=3000\n',
    'server.key': KEY,
    '.git/HEAD': 'ref: refs/heads/main\n',
    '.git/config': '[core]\n\trepositoryformatversion = 0\n',
  };
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  chmodSync(root, 0o755);
  return root;
}
