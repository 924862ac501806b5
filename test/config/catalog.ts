/** A small catalog of recipes that stays the same when the product's grows. */

import { DEFAULT_STOP } from '../../src/core/model.ts';
import type { Recipe, RecipeCatalog } from '../../src/core/recipe.ts';

const base = {
  title: 'Test',
  summary: 'For tests.',
  options: [],
  endpoints: [],
  programs: [],
  example: '',
  check: () => [],
  plan: () => ({
    argv: ['true'],
    env: {},
    files: [],
    ready: { kind: 'none' },
    stop: DEFAULT_STOP,
    refusesRoot: false,
  }),
  url: () => null,
  client: () => null,
} as const satisfies Omit<Recipe, 'name'>;

export const CATALOG: RecipeCatalog = [
  {
    ...base,
    name: 'node',
    options: [{ name: 'script', type: 'string', summary: 'The script.', default: 'server.js' }],
  },
  {
    ...base,
    name: 'postgres',
    endpoints: [
      { name: 'postgres', protocol: 'postgres', port: 5432 },
      { name: 'metrics', protocol: 'http', port: 9187 },
    ],
    options: [
      {
        name: 'database',
        type: 'string',
        summary: 'The database.',
        pattern: { regex: '^[a-z]+$', words: 'lower-case letters' },
      },
      { name: 'user', type: 'string', summary: 'The user.', default: 'postgres' },
      { name: 'init', type: 'string-list', summary: 'SQL files.' },
      { name: 'settings', type: 'map', summary: 'Settings.' },
      { name: 'version', type: 'integer', summary: 'The major version.' },
      { name: 'fsync', type: 'boolean', summary: 'Safe writes.', default: true },
    ],
    check: ({ database, user }) =>
      database !== undefined && database === user
        ? [{ option: 'user', message: '`user` and `database` must differ' }]
        : [],
  },
  {
    ...base,
    name: 'static',
    endpoints: [{ name: 'http', protocol: 'http', port: 8080 }],
    options: [{ name: 'root', type: 'string', summary: 'The directory to serve.', required: true }],
  },
];
