/** The rules about files and functions are on, and the files of src/ keep those that lint has no rule for. */

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { root } from '../support/paths.ts';
import { lintTree } from './lint-tree.ts';

const lines = (count: number, text: string): string => `${text}\n`.repeat(count);
/** Biome does not count the lines after the last statement. */
const fileOf = (count: number): string => `${lines(count - 1, '// line')}export const a = 1;\n`;
/** The limit in biome.json counts the body alone: 58 lines, with head and foot 60. */
const functionOf = (count: number): string =>
  `export function long(a: number[]): void {\n${lines(count - 2, '  a.push(1);')}}\n`;

describe('rules: what lint refuses', () => {
  const broken: Readonly<Record<string, readonly [rule: string, file: string, text: string]>> = {
    'a file of 351 lines': ['noExcessiveLinesPerFile', 'src/core/a.ts', fileOf(351)],
    'a test file of 351 lines': ['noExcessiveLinesPerFile', 'test/core/a.test.ts', fileOf(351)],
    'a function of 61 lines': ['noExcessiveLinesPerFunction', 'src/core/a.ts', functionOf(61)],
    'console in the daemon': ['noConsole', 'src/daemon/a.ts', "console.error('x');\n"],
    'console in a command': ['noConsole', 'src/cli/commands/a.ts', "console.log('x');\n"],
    'process.exit in a command': ['noProcessExit', 'src/cli/commands/a.ts', 'process.exit(1);\n'],
    'fetch in the client': ['noRestrictedGlobals', 'src/client/a.ts', "export const a = () => fetch('/');\n"],
    'a default export': ['noDefaultExport', 'src/core/a.ts', 'export default 1;\n'],
    any: ['noExplicitAny', 'src/core/a.ts', 'export const a: any = 1;\n'],
    'an empty catch': [
      'noEmptyBlockStatements',
      'src/core/a.ts',
      'export function a(b: () => void): void {\n  try {\n    b();\n  } catch {}\n}\n',
    ],
    'a promise that nobody waits for': [
      'noFloatingPromises',
      'src/daemon/a.ts',
      'async function a(): Promise<void> {\n  await null;\n}\nexport function b(): void {\n  a();\n}\n',
    ],
    "Node's module without node:": [
      'useNodejsImportProtocol',
      'src/daemon/a.ts',
      "import fs from 'fs';\nexport const a = fs;\n",
    ],
    'a file name in camel case': ['useFilenamingConvention', 'src/core/logBook.ts', 'export const a = 1;\n'],
  };
  for (const [name, [rule, file, text]] of Object.entries(broken)) {
    it(name, (t) => {
      const found = lintTree(t, { [file]: text });
      assert.ok(
        found.some((finding) => finding.rule === rule && finding.file === file),
        `${rule} is silent; found: ${JSON.stringify(found)}`,
      );
    });
  }

  it('nothing where the limits are met', (t) => {
    const found = lintTree(t, {
      'src/core/a.ts': functionOf(60),
      'src/core/b.ts': fileOf(350),
      'src/cli/printer/print.ts': "console.log('x');\n",
      'src/cli/main.ts': 'process.exit(1);\n',
      'src/daemon/main.ts': 'process.exit(1);\n',
    });
    assert.deepEqual(found, []);
  });
});

describe('rules: the sources themselves', () => {
  const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }).filter((path) =>
    path.endsWith('.ts'),
  );

  it('every file opens with what it is for', () => {
    for (const path of sources) {
      const [first = ''] = readFileSync(join(root, 'src', path), 'utf8')
        .replace(/^#!.*\n/, '')
        .split('\n');
      assert.match(first, /^\/(\*\*|\/) ?/, `src/${path} opens with: ${first}`);
    }
  });

  it('no rule is switched off in place', () => {
    for (const path of sources) {
      const text = readFileSync(join(root, 'src', path), 'utf8');
      assert.doesNotMatch(
        text,
        /biome-ignore(-all)? lint\/(style\/noRestricted|suspicious\/noImportCycles|.*LinesPer)/,
        path,
      );
      assert.doesNotMatch(text, /@ts-(ignore|nocheck)/, path);
    }
  });

  it('only platform/ asks which system this is', () => {
    for (const path of sources.filter((each) => !each.startsWith('platform/'))) {
      assert.doesNotMatch(
        readFileSync(join(root, 'src', path), 'utf8'),
        /process\.platform\b/,
        `src/${path}`,
      );
    }
  });
});
