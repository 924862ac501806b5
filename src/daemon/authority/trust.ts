/**
 * `lo trust` in the process of the caller, whose rights, home and terminal count: plans what each store needs, carries it out, and
 * remembers which databases it made, so that removing leaves none. It must not know how a store works.
 */

import { existsSync, readFileSync, rmSync } from 'node:fs';
import { shortHash } from '../../core/hash.ts';
import type { GatewayPaths } from '../../core/paths.ts';
import type { TriedStep, TrustStep } from '../../core/trust.ts';
import { writeAtomic } from '../../platform/files.ts';
import type { Platform } from '../../platform/platform.ts';
import { carryOut, type TrustWish } from '../../platform/trust.ts';

export interface TrustTools {
  readonly platform: Pick<Platform, 'trust'>;
  readonly paths: GatewayPaths;
  readonly home: string | null;
  readonly variables: TrustWish['variables'];
}

export interface Truster {
  plan(remove: boolean): Promise<readonly TrustStep[]>;
  /** One after the other; a step that fails does not keep the others from being done. */
  carryOut(remove: boolean, steps: readonly TrustStep[]): Promise<readonly TriedStep[]>;
}

export function createTruster(tools: TrustTools): Truster {
  const note = `${tools.paths.directory}/trust.json`;
  const wish = (remove: boolean): TrustWish => ({
    certificate: tools.paths.authority,
    label: `loopyard-${shortHash(tools.paths.authority)}`,
    remove,
    home: tools.home,
    variables: tools.variables,
    made: readMade(note),
  });
  return {
    plan: async (remove) => (await tools.platform.trust()).plan(wish(remove)),
    carryOut: async (remove, steps) => {
      const anchors = await tools.platform.trust();
      const made = new Set([...readMade(note), ...(remove ? [] : anchors.makes(wish(remove)))]);
      // Before they exist: a command that is killed in between must not leave databases that nobody knows of.
      if (!remove && made.size > 0) writeAtomic(note, JSON.stringify([...made]));
      const tried: TriedStep[] = [];
      for (const step of steps)
        tried.push({ ...step, error: step.state === 'todo' ? await carryOut(step.acts) : null });
      if (remove && [...made].every((path) => !existsSync(path))) rmSync(note, { force: true });
      return tried;
    },
  };
}

function readMade(note: string): readonly string[] {
  try {
    return JSON.parse(readFileSync(note, 'utf8')) as readonly string[];
  } catch {
    // None was made.
    return [];
  }
}
