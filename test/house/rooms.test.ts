/**
 * A broken room rule fails the build: small trees that break one each, under the real lint rules. And what lint cannot see: static
 * imports through a door, `typeof import(…)`, a folder of src/ that no rule is about.
 */

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { root } from '../support/paths.ts';
import { lintTree } from './lint-tree.ts';
import { loadScript, type RoomRulesScript, type RoomsScript } from './scripts.ts';

const { ROOMS } = await loadScript<RoomsScript>('rooms.mjs');
const { roomOverrides, isRoomOverride } = await loadScript<RoomRulesScript>('room-rules.mjs');

const MODEL = '/** A model. */\nexport const model = 1;\n';

describe('rooms: what lint refuses', () => {
  const broken = {
    "core uses Node's modules": {
      'src/core/a.ts': "import { readFileSync } from 'node:fs';\nexport const a = readFileSync;\n",
    },
    'core uses a package': { 'src/core/a.ts': "import * as z from 'zod/mini';\nexport const a = z;\n" },
    'core uses another room': {
      'src/core/a.ts': "import { b } from '../config/b.ts';\nexport const a = b;\n",
      'src/config/b.ts': 'export const b = 1;\n',
    },
    'supervisor uses the daemon': {
      'src/supervisor/a.ts': "import { b } from '../daemon/b.ts';\nexport const a = b;\n",
      'src/daemon/b.ts': 'export const b = 1;\n',
    },
    'a sibling is used from a folder inside a room': {
      'src/supervisor/logs/a.ts': "import { b } from '../../recipes/b.ts';\nexport const a = b;\n",
      'src/recipes/b.ts': 'export const b = 1;\n',
    },
    'only a type comes from a sibling': {
      'src/gateway/a.ts': "import type { B } from '../supervisor/b.ts';\nexport const a: B = 1;\n",
      'src/supervisor/b.ts': 'export type B = number;\n',
    },
    'a sibling is re-exported': {
      'src/recipes/a.ts': "export { b } from '../generate/b.ts';\n",
      'src/generate/b.ts': 'export const b = 1;\n',
    },
    'a sibling is imported late': {
      'src/client/a.ts': "export const a = () => import('../daemon/b.ts');\n",
      'src/daemon/b.ts': 'export const b = 1;\n',
    },
    'the command line uses the inside of the daemon': {
      'src/cli/commands/a.ts': "export const a = () => import('../../daemon/engine.ts');\n",
      'src/daemon/engine.ts': 'export const b = 1;\n',
    },
    'the daemon uses the command line': {
      'src/daemon/a.ts': "import { b } from '../cli/b.ts';\nexport const a = b;\n",
      'src/cli/b.ts': 'export const b = 1;\n',
    },
    'the client uses the schema library': {
      'src/client/a.ts': "import * as z from 'zod/mini';\nexport const a = z;\n",
    },
    'the whole of zod is used': { 'src/core/schema.ts': "import * as z from 'zod';\nexport const a = z;\n" },
    'code inside services uses the model': {
      'src/inside/a.ts': "import { model } from '../core/model.ts';\nexport const a = model;\n",
      'src/core/model.ts': MODEL,
    },
  };
  for (const [name, files] of Object.entries(broken)) {
    it(name, (t) => {
      assert.deepEqual(lintTree(t, files), [{ rule: 'noRestrictedImports', file: Object.keys(files)[0] }]);
    });
  }

  it('two files import types from each other', (t) => {
    const found = lintTree(t, {
      'src/core/a.ts': "import type { B } from './b.ts';\nexport interface A {\n  readonly b: B;\n}\n",
      'src/core/b.ts': "import type { A } from './a.ts';\nexport interface B {\n  readonly a: A;\n}\n",
    });
    assert.deepEqual(new Set(found.map(({ rule }) => rule)), new Set(['noImportCycles']));
  });
});

describe('rooms: what lint lets pass', () => {
  it('a tree that keeps every rule', (t) => {
    const found = lintTree(t, {
      'src/core/model.ts': MODEL,
      'src/core/schema.ts': "import * as z from 'zod/mini';\nexport const schema = z.string();\n",
      'src/core/schema/parts.ts': "import * as z from 'zod/mini';\nexport const part = z.string();\n",
      'src/platform/files.ts':
        "import { readFile } from 'node:fs/promises';\nexport const files = readFile;\n",
      'src/config/parse.ts':
        "import { parseDocument } from 'yaml';\nimport { model } from '../core/model.ts';\nexport const parse = { parseDocument, model };\n",
      'src/supervisor/logs/book.ts':
        "import { model } from '../../core/model.ts';\nimport { files } from '../../platform/files.ts';\nimport { other } from '../other.ts';\nexport const book = { model, files, other };\n",
      'src/supervisor/other.ts': 'export const other = 1;\n',
      'src/daemon/main.ts': "import { book } from '../supervisor/logs/book.ts';\nexport const main = book;\n",
      'src/cli/commands/up.ts': "export const up = () => import('../../daemon/main.ts');\n",
    });
    assert.deepEqual(found, []);
  });
});

describe('rooms: the house itself', () => {
  it("biome.json has the list's rules (else: npm run fix)", () => {
    const { overrides } = JSON.parse(readFileSync(join(root, 'biome.json'), 'utf8')) as {
      readonly overrides: readonly unknown[];
    };
    assert.deepEqual(overrides.filter(isRoomOverride), roomOverrides());
  });

  it('every folder of src/ is a room, and no file stands outside of one', () => {
    for (const entry of readdirSync(join(root, 'src'), { withFileTypes: true })) {
      assert.ok(
        entry.isDirectory() && entry.name in ROOMS,
        `src/${entry.name} is not in scripts/lib/rooms.mjs`,
      );
    }
  });

  it('doors are opened by import() only', () => {
    for (const [path, text] of sources()) {
      const { doors = [] } = ROOMS[roomOf(path)] ?? {};
      for (const door of doors) {
        assert.doesNotMatch(
          text,
          new RegExp(`from '[./]*/${door}'`),
          `src/${path} imports ${door} statically`,
        );
      }
    }
  });

  it('types that are imported in place keep to the rooms too', () => {
    for (const [path, text] of sources()) {
      for (const [, target = ''] of text.matchAll(/import\('(\.[^']*)'\)/g)) {
        const room = roomOf(join(path, '..', target));
        const { imports = [], doors = [] } = ROOMS[roomOf(path)] ?? {};
        const open = [roomOf(path), ...imports].includes(room) || doors.includes(join(path, '..', target));
        assert.ok(open, `src/${path} names ${target}`);
      }
    }
  });
});

function* sources(): Iterable<readonly [path: string, text: string]> {
  for (const path of readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })) {
    if (path.endsWith('.ts')) yield [path, readFileSync(join(root, 'src', path), 'utf8')];
  }
}

function roomOf(path: string): string {
  return path.split('/')[0] ?? '';
}
