import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LoopyardError } from '../../src/core/errors.ts';
import { NAME_PATTERN } from '../../src/core/model.ts';
import { asOtherUser, findOtherUser, otherUserProbe } from '../../src/core/other-user.ts';
import { findRecipe } from '../../src/core/recipe.ts';
import { recipeReference } from '../../src/generate/recipe-reference.ts';
import { RECIPES } from '../../src/recipes/all.ts';
import { postgres } from '../../src/recipes/postgres.ts';

test('every recipe has a name, words, an example that uses it, defaults that its own check accepts', () => {
  assert.deepEqual(
    RECIPES.map((recipe) => recipe.name),
    ['node', 'vite', 'static', 'postgres', 'redis', 'nginx'],
  );
  for (const recipe of RECIPES) {
    assert.match(recipe.name, NAME_PATTERN);
    assert.match(recipe.summary, /\.$/);
    assert.match(recipe.example, new RegExp(`use: ${recipe.name}\n`));
    for (const option of recipe.options) {
      assert.match(option.summary, /\.$/, `${recipe.name}.${option.name}`);
      if (option.pattern !== undefined && option.default !== undefined)
        assert.match(String(option.default), new RegExp(option.pattern.regex));
    }
    for (const program of recipe.programs) assert.match(program.install, /apt-get install|npm install/);
    assert.deepEqual(recipe.check({}), []);
    assert.equal(findRecipe(RECIPES, recipe.name), recipe);
  }
});

test('the reference page names every option and program', () => {
  const page = recipeReference(RECIPES);
  for (const recipe of RECIPES) {
    assert.match(page, new RegExp(`\n## ${recipe.name}\n`));
    for (const option of recipe.options) assert.ok(page.includes(`| \`${option.name}\` |`));
    for (const { program, install } of recipe.programs)
      assert.ok(page.includes(`Needs \`${program}\`: ${install}`));
  }
  assert.match(page, /URL: `postgres:\/\/postgres@127\.64\.0\.1:5432\/postgres`/);
  assert.doesNotMatch(page, /undefined|\[object/);
});

test('mistakes in the options of postgres, in words', () => {
  const words = (options: Record<string, unknown>): string[] =>
    postgres.check(options).map(({ message }) => message);
  assert.deepEqual(words({ user: 'pg_app' }), ['`user`: PostgreSQL keeps names with `pg_` for itself']);
  assert.deepEqual(words({ init: ['db/**/*.sql'] }), [
    '`init`: `db/**/*.sql`: `**` is not understood; name each directory',
  ]);
  assert.deepEqual(words({ settings: { port: 1, hba_file: 'x', 'a b': 1, list: [1] } }), [
    '`settings.port` is set by Loopyard; use the service’s `port:`',
    '`settings.hba_file` is set by Loopyard; leave it out',
    '`settings.a b` is not a name of a PostgreSQL setting',
    '`settings.list` must be a text, number or boolean',
  ]);
  assert.deepEqual(words({ settings: { max_connections: 50, 'pg_stat_statements.track': 'all' } }), []);
});

test('another user: whom, how, and the error when no way works', () => {
  const passwd = 'root:x:0:0::/:/bin/sh\nnobody:x:65534:65534::/:\npostgres:x:101:104::/:/bin/sh\n';
  const user = findOtherUser(passwd, ['postgres']);
  assert.deepEqual(user, { uid: 101, gid: 104 });
  assert.deepEqual(findOtherUser(passwd, ['root']), { uid: 65534, gid: 65534 });
  assert.deepEqual(otherUserProbe('unshare', user), [
    ...['unshare', '--user', '--map-user=101', '--map-group=104', '--', 'true'],
  ]);
  const facts = { service: 'db', program: 'postgres', user, dataDir: '/data' };
  assert.deepEqual(asOtherUser(['postgres', '-D', 'x'], { ...facts, way: 'setpriv' }).slice(3), [
    ...['sh', '/data', '101', '104', 'setpriv', '--reuid=101', '--regid=104', '--clear-groups'],
    ...['--inh-caps=+dac_override', '--ambient-caps=+dac_override', '--', 'postgres', '-D', 'x'],
  ]);
  assert.throws(
    () => asOtherUser(['postgres'], { ...facts, way: null }),
    (error) =>
      error instanceof LoopyardError &&
      error.code === 'USER_SWITCH_UNAVAILABLE' &&
      /ordinary user/.test(error.hint),
  );
});
