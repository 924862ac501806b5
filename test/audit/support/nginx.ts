/** The real nginx, one process, with a checkout as its root. It must not know checks. */

import { chmodSync, cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { ensureProgram } from '../../support/debian.ts';
import type { Place } from './examine.ts';
import { startProgram } from './program.ts';
import { checkout } from './site.ts';

/** `setting`: of the server; `ROOT` stands for its directory, and `index` keeps the first page. Null: it cannot be had here. */
export async function nginx(t: TestContext, setting: string, index = false): Promise<Place | null> {
  const program = await ensureProgram(t, { program: 'nginx', package: 'nginx-light' });
  if (program === null) return null;
  const directory = mkdtempSync(join(tmpdir(), 'nginx-'));
  cpSync(checkout(t), join(directory, 'site'), { recursive: true });
  if (!index) rmSync(join(directory, 'site/index.html'));
  chmodSync(directory, 0o755);
  return await startProgram(t, {
    argv: (port) => {
      writeFileSync(
        join(directory, 'nginx.conf'),
        `daemon off; master_process off; pid nginx.pid; error_log stderr; events {}
http { access_log off; types { text/html html; text/javascript js; }
${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${directory}/${name};`).join('\n')}
server { listen 127.0.0.1:${port}; root ${directory}/site; ${setting.replace('ROOT', `${directory}/site`)} } }\n`,
      );
      return [program, '-p', directory, '-c', join(directory, 'nginx.conf'), '-e', 'stderr'];
    },
    directory,
  });
}
