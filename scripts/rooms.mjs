/** `node scripts/rooms.mjs`: writes the rules of scripts/lib/rooms.mjs into biome.json. A test fails while they differ. */

import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { isRoomOverride, roomOverrides } from './lib/room-rules.mjs';
import { at, root } from './lib/root.mjs';

const path = at('biome.json');
const config = JSON.parse(readFileSync(path, 'utf8'));
config.overrides = [...(config.overrides ?? []).filter((each) => !isRoomOverride(each)), ...roomOverrides()];
writeFileSync(path, JSON.stringify(config, null, 2));
const { status } = spawnSync(at('node_modules/.bin/biome'), ['format', '--write', path], {
  cwd: root,
  stdio: 'inherit',
});
process.exitCode = status ?? 1;
