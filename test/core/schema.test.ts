/** The schema as JSON Schema and as reference page: every key is in both, described, and its example is right. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from 'yaml';
import { parseProject } from '../../src/config/parse-project.ts';
import { type JsonSchema, jsonSchema } from '../../src/core/schema/json-schema.ts';
import { keysAt, listFields } from '../../src/core/schema/walk.ts';
import { projectShape, RESERVED_KEYS, serviceShape } from '../../src/core/schema.ts';
import { FAULTS } from '../../src/gateway/faults/all.ts';
import { configReference } from '../../src/generate/config-reference.ts';
import { RECIPES } from '../../src/recipes/all.ts';
import { CATALOG } from '../config/catalog.ts';

const fields = listFields(projectShape);
const schema = jsonSchema(CATALOG);
const service = at(schema, 'properties', 'services', 'additionalProperties');

function at(from: JsonSchema, ...steps: readonly string[]): JsonSchema {
  let value: unknown = from;
  for (const step of steps) value = (value as Record<string, unknown>)[step];
  assert.ok(typeof value === 'object' && value !== null, steps.join('.'));
  return value as JsonSchema;
}

test('every key is listed, parents before their children', () => {
  const paths = fields.map(({ path }) => path.join('.'));
  for (const key of Object.keys(serviceShape)) assert.ok(paths.includes(`services.*.${key}`), key);
  for (const path of [
    'services.*.ready.timeout',
    'services.*.needs.*.until',
    'services.*.restart.max',
    'services.*.stop.grace',
  ]) {
    assert.ok(paths.includes(path), path);
    assert.ok(paths.indexOf(path.split('.').slice(0, 3).join('.')) < paths.indexOf(path));
  }
  assert.equal(new Set(paths).size, paths.length);
});

test('the keys of a map are known by its path', () => {
  assert.deepEqual(keysAt(serviceShape.stop, []), ['signal', 'grace']);
  assert.deepEqual(keysAt(serviceShape.needs, ['db']), ['until', 'direct', 'faults']);
  assert.equal(keysAt(serviceShape.env, ['A']), null);
  assert.equal(keysAt(serviceShape.port, []), null);
});

for (const { path, example, value, summary } of fields) {
  const name = path.join('.');
  test(`${name}: its example is right, its notes are sentences`, () => {
    assert.match(summary, /^[A-Z`].*\.$/s);
    assert.equal(configWith(path, example), null, example);
    assert.equal(configWith(path, JSON.stringify(value)), null, JSON.stringify(value));
  });
}

/** A config in which the key has this YAML; null when it is right, else what is wrong. */
function configWith(path: readonly string[], yaml: string): string | null {
  const [top, , key, ...below] = path;
  const inner = below.reduceRight((text, step) => `{ ${step === '*' ? 'db' : step}: ${text} }`, yaml);
  const shown = key === 'with' || key === 'use' || key === 'data' ? `use: postgres` : 'run: x';
  // What goes together with the key, so that it alone is judged.
  const more: Record<string, string> = {
    port: '',
    ready: 'port: { http: 1, metrics: 2 }',
    env: 'needs: [db]',
    names: 'port: 3000',
    access: 'port: 3000',
  };
  const beside = inner.includes('endpoint') ? inner.replace('{ ', '{ http: /, ') : inner;
  const others = 'db: { use: postgres }, migrate: { run: x, task: true }, front: { run: x, port: 3000 }';
  const own =
    key === undefined
      ? 'run: x'
      : [key === 'run' || key === 'use' ? '' : shown, more[key] ?? '', `${key}: ${beside}`]
          .filter((part) => part !== '')
          .join(', ');
  const text =
    top === 'services'
      ? key === undefined
        ? `name: a\nservices: ${yaml}`
        : `name: a\nservices: { ${others}, web: { ${own} } }`
      : `${top === 'name' ? '' : 'name: a\n'}${top}: ${yaml}\nservices: { web: { run: x } }`;
  const { diagnostics } = parseProject(text, { file: null, root: '/p', recipes: CATALOG, faults: FAULTS });
  return diagnostics.length === 0 ? null : `${text}\n${diagnostics.map(({ message }) => message).join('\n')}`;
}

test('the JSON Schema has every key of the file and of a service, described, and no other', () => {
  assert.equal(schema.$schema, 'http://json-schema.org/draft-07/schema#');
  assert.equal(schema.additionalProperties, false);
  assert.equal(service.additionalProperties, false);
  assert.deepEqual(Object.keys(at(schema, 'properties')).sort(), Object.keys(projectShape).sort());
  assert.deepEqual(Object.keys(at(service, 'properties')).sort(), Object.keys(serviceShape).sort());
  for (const key of Object.keys(serviceShape)) {
    const own = at(service, 'properties', key);
    assert.match(String(own.description), /\w/, key);
    assert.ok(Array.isArray(own.examples), key);
  }
  for (const key of RESERVED_KEYS) assert.ok(!Object.hasOwn(at(service, 'properties'), key));
});

test('descriptions belong to their own key', () => {
  assert.match(String(at(service, 'properties', 'cwd').description), /directory to run in/);
  assert.match(String(at(service, 'properties', 'data').description), /keeps its data/);
  assert.match(String(at(schema, 'properties', 'name').description), /project’s name/);
});

test('free keys, exactly one of run and use, and a task runs a command', () => {
  assert.ok(Object.hasOwn(at(schema, 'patternProperties'), '^x-'));
  assert.ok(Object.hasOwn(at(service, 'patternProperties'), '^x-'));
  assert.deepEqual(service.oneOf, [{ required: ['run'] }, { required: ['use'] }]);
  assert.deepEqual(at(service, 'dependencies'), { with: ['use'], task: ['run'] });
});

test('`with` is typed by the recipe', () => {
  assert.deepEqual(at(service, 'properties', 'use').enum, ['node', 'postgres', 'static']);
  const rules = service.allOf as readonly JsonSchema[];
  const postgres = rules.find((rule) => at(rule, 'if', 'properties', 'use').const === 'postgres');
  assert.ok(postgres);
  const options = at(postgres, 'then', 'properties', 'with', 'properties');
  assert.deepEqual(options.user, { description: 'The user.', type: 'string', default: 'postgres' });
  assert.deepEqual(options.database, { description: 'The database.', type: 'string', pattern: '^[a-z]+$' });
  assert.deepEqual(at(options, 'version').type, 'integer');
  const fixed = rules.find((rule) => at(rule, 'if', 'properties', 'use').const === 'static');
  assert.deepEqual(at(fixed ?? {}, 'then').required, ['with']);
  assert.deepEqual(at(fixed ?? {}, 'then', 'properties', 'with').required, ['root']);
});

test('the JSON Schema holds nothing but JSON', () => {
  const whole = jsonSchema(RECIPES);
  assert.deepEqual(JSON.parse(JSON.stringify(whole)), whole);
});

test('the reference page has every key and every option of every recipe', () => {
  const page = configReference(RECIPES);
  assert.ok(page.endsWith('|\n') || page.endsWith('```\n'));
  for (const key of Object.keys(serviceShape)) assert.match(page, new RegExp(`^### ${key}$`, 'm'));
  for (const { path, example, summary } of fields) {
    if (path.length !== 2) assert.ok(page.includes(summary.replaceAll('|', '\\|')), path.join('.'));
    assert.ok(page.includes(example.replaceAll('|', '\\|')), example);
  }
  for (const recipe of RECIPES) {
    assert.match(page, new RegExp(`^### use: ${recipe.name}$`, 'm'));
    for (const option of recipe.options) assert.ok(page.includes(`| \`${option.name}\` |`), option.name);
  }
  for (const key of RESERVED_KEYS) assert.ok(page.includes(`\`${key}\``));
});

test('every table of the reference page has rows of one width', () => {
  for (const table of configReference(RECIPES).matchAll(/(?:^\|.*\n)+/gm)) {
    const widths = table[0]
      .trim()
      .split('\n')
      .map((line) => line.replaceAll('\\|', '').split('|').length);
    assert.equal(new Set(widths).size, 1, table[0]);
  }
});

test('the examples of recipes on the page are YAML of one service', () => {
  for (const recipe of RECIPES)
    assert.equal(Object.keys(parse(recipe.example) as object).length, 1, recipe.name);
});
