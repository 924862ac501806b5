/** The parts of scripts/ that tests look at, with types. They are loaded from where they stand, as the scripts themselves do it. */

import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from '../support/paths.ts';

export interface Room {
  readonly imports: readonly string[];
  readonly doors?: readonly string[];
}

export interface RoomsScript {
  readonly ROOMS: Readonly<Record<string, Room>>;
}

export interface RoomRulesScript {
  roomOverrides(): readonly unknown[];
  isRoomOverride(override: unknown): boolean;
}

export async function loadScript<T>(name: string): Promise<T> {
  return (await import(pathToFileURL(join(root, 'scripts/lib', name)).href)) as T;
}
