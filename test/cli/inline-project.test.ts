/** `lo run`: the words of a command line become a project that runs just them. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inlineProject } from '../../src/cli/inline-project.ts';
import { parseProject } from '../../src/config/parse-project.ts';
import type { Project } from '../../src/core/model.ts';
import { RECIPES } from '../../src/recipes/all.ts';

const EMPTY = { recipe: null, argv: [], options: [], port: null, name: null, pid: 7 };

function read(yaml: string): Project {
  const { project, diagnostics } = parseProject(yaml, { file: null, root: '/work', recipes: RECIPES });
  assert.ok(project, JSON.stringify(diagnostics));
  return project;
}

const WORDS: readonly (readonly string[])[] = [
  ['node', 'server.js'],
  ['sh', '-c', 'echo "it\'s $HOME" | cat; exit 5'],
  ['printf', '%s', '${db.host}', '$$', '$PORT', 'a\\b', '*', '~', '#x', ''],
  ['./my program', '--flag=a b', 'VAR=1', 'ünï', '&&', 'new\nline', "''"],
  ['A=1', 'b'],
];

for (const argv of WORDS) {
  test(`the words stay as they are: ${JSON.stringify(argv)}`, async () => {
    const { yaml } = await inlineProject({ ...EMPTY, argv });
    const command = read(yaml).services[0]?.command;
    assert.equal(command?.kind, 'exec');
    const texts =
      command?.kind === 'exec'
        ? command.argv.map((word) => word.map((part) => (part.kind === 'text' ? part.text : '?')).join(''))
        : [];
    assert.deepEqual(texts, argv);
  });
}

test('names come from the command or the recipe, and are names', async () => {
  const named = async (argv: readonly string[], name: string | null = null): Promise<string> =>
    read((await inlineProject({ ...EMPTY, argv, name })).yaml).services[0]?.name ?? '';
  assert.equal(await named(['/usr/bin/python3.11', '-m', 'http.server']), 'python3');
  assert.equal(await named(['./Start Me.sh']), 'start-me');
  assert.equal(await named(['env']), 'app');
  assert.equal(await named(['42']), 'app');
  assert.equal(await named(['node'], 'web'), 'web');
});

test('two commands are two environments; a recipe is one by its name', async () => {
  const command = await inlineProject({ ...EMPTY, argv: ['node'] });
  assert.equal(command.name, 'node-7');
  const recipe = await inlineProject({ ...EMPTY, recipe: 'postgres' });
  assert.equal(recipe.name, 'postgres');
});

test('options of a recipe come in the types that it wants', async () => {
  const options = [
    'user=true',
    'init=a.sql',
    'init=b.sql',
    'settings.max_connections=50',
    'settings.fsync=off',
  ];
  const { yaml } = await inlineProject({ ...EMPTY, recipe: 'postgres', options, port: 5433 });
  const project = read(yaml);
  const command = project.services[0]?.command;
  assert.ok(command?.kind === 'recipe');
  assert.equal(command.options.user, 'true');
  assert.deepEqual(command.options.init, ['a.sql', 'b.sql']);
  assert.deepEqual(command.options.settings, { max_connections: 50, fsync: 'off' });
  assert.equal(project.services[0]?.endpoints[0]?.port, 5433);
  assert.equal(project.services[0]?.restart.policy, 'never');
});
