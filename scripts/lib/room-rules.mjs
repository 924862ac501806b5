/** Turns the list of rooms into Biome's overrides. Biome sees `import`, `import type`, `export … from` and `import()` alike. */

import { ROOMS, SPECIAL_FILES } from './rooms.mjs';

/** Later overrides replace the rule's options as a whole, so a special file's override repeats its room's. */
export function roomOverrides() {
  const rooms = Object.keys(ROOMS).map((name) =>
    override([`src/${name}/**`], name, ROOMS[name].packages ?? []),
  );
  const special = SPECIAL_FILES.map(({ files, room, packages }) => override(files, room, packages));
  return [...rooms, ...special];
}

export function isRoomOverride({ linter }) {
  return linter?.rules?.style?.noRestrictedImports !== undefined;
}

function override(includes, room, packages) {
  const patterns = [closedRooms(room), closedPackages(room, packages)];
  return {
    includes,
    linter: { rules: { style: { noRestrictedImports: { level: 'error', options: { patterns } } } } },
  };
}

function closedRooms(name) {
  const { imports, doors = [] } = ROOMS[name];
  const closed = Object.keys(ROOMS).filter((other) => other !== name && !imports.includes(other));
  const open = imports.length === 0 ? 'no other room' : imports.join(', ');
  return {
    group: [...closed.map((other) => `**/${other}/**`), ...doors.map((door) => `!**/${door}`)],
    message: `${name}/ may import ${open}: see docs/architecture.md`,
  };
}

function closedPackages(name, packages) {
  const { node = true } = ROOMS[name];
  const open = [...(node ? ['node:*'] : []), ...packages];
  return {
    group: [
      '**',
      '!./**',
      '!../**',
      ...(node ? ['!node:*', '!node:*/**'] : []),
      ...packages.map((each) => `!${each}`),
    ],
    message: `outside its own files and rooms, this file may import ${open.length === 0 ? 'nothing' : open.join(', ')}`,
  };
}
