/**
 * The rooms of the house: which folder of src/ may import which others, and which package each may use. The one list of it; the
 * lint rules in biome.json are made from it by `node scripts/rooms.mjs`. It must not know how files are checked.
 */

const EVERY_ROOM_BUT_CLI = [
  'core',
  'config',
  'platform',
  'supervisor',
  'gateway',
  'inspector',
  'audit',
  'generate',
  'recipes',
  'client',
];

/**
 * `imports`: rooms beside its own. `packages`: npm packages (chosen, not collected). `node`: false where even Node's own modules
 * are closed. `doors`: single files of other rooms, open to `import()` only; `test/house/rooms.test.ts` keeps static imports out.
 */
export const ROOMS = {
  audit: { imports: ['core'] },
  cli: {
    imports: ['core', 'client', 'config', 'generate'],
    doors: ['daemon/main.ts', 'daemon/local.ts'],
  },
  client: { imports: ['core'] },
  config: { imports: ['core'], packages: ['yaml', 'zod/mini'] },
  core: { imports: [], node: false },
  daemon: { imports: EVERY_ROOM_BUT_CLI },
  dashboard: { imports: ['core', 'config', 'client'], node: false },
  gateway: { imports: ['core', 'platform'] },
  generate: { imports: ['core'], packages: ['zod/mini'] },
  inside: { imports: [] },
  inspector: { imports: ['core', 'platform'] },
  lsp: { imports: ['core', 'config', 'client'] },
  mcp: { imports: ['core', 'config', 'client'] },
  platform: { imports: ['core'] },
  recipes: { imports: ['core'], packages: ['zod/mini'] },
  supervisor: { imports: ['core', 'platform'] },
};

/** Files with a package that the rest of their room may not use. */
export const SPECIAL_FILES = [
  {
    files: ['src/daemon/authority/**'],
    room: 'daemon',
    packages: ['@peculiar/asn1-schema', '@peculiar/asn1-x509', '@peculiar/x509', 'reflect-metadata'],
  },
  {
    files: ['src/core/schema.ts', 'src/core/schema-*.ts', 'src/core/schema/**'],
    room: 'core',
    packages: ['zod/mini'],
  },
];
