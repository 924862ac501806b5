/**
 * Every mistake as people see it: each `NAME.yaml` of fixtures/broken/config gives exactly `NAME.txt`. After a wanted change of words,
 * `UPDATE_GOLDEN=1 npm test -- config/mistakes` writes the texts again; read the difference.
 */

import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { formatDiagnostic } from '../../src/config/diagnostic.ts';
import { parseProject } from '../../src/config/parse-project.ts';
import { fixture, root } from '../support/paths.ts';
import { CATALOG } from './catalog.ts';

const folder = fixture('broken', 'config');
const names = readdirSync(folder).filter((name) => name.endsWith('.yaml'));

test('there are cases', () => assert.ok(names.length > 30));

for (const name of names) {
  test(name.replace('.yaml', ''), () => {
    const text = readFileSync(join(folder, name), 'utf8');
    const { project, diagnostics } = parseProject(text, {
      file: '/home/ada/shop/loopyard.yaml',
      root: '/home/ada/shop',
      recipes: CATALOG,
    });
    const shown = `${diagnostics.flatMap((diagnostic) => formatDiagnostic(diagnostic, text)).join('\n')}\n`;
    const golden = join(folder, name.replace('.yaml', '.txt'));
    // What tests read is a copy of what is kept.
    if (process.env.UPDATE_GOLDEN === '1')
      for (const file of [golden, join(root, 'test/fixtures/broken/config', basename(golden))])
        writeFileSync(file, shown);
    assert.equal(shown, readFileSync(golden, 'utf8'));
    assert.equal(project, null);
  });
}
