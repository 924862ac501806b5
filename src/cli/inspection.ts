/**
 * Who looks at the machine for a command: a daemon of this build in the same namespaces, whose memory of the last look makes it
 * quick; else this process itself, which still asks a daemon what is its own. It must not know single commands.
 */

import type { Inspection, Workbench } from '../core/api.ts';
import { LoopyardError } from '../core/errors.ts';
import type { Holding } from '../core/inspection.ts';
import type { Context } from './command.ts';

export type Inspector = Omit<Inspection, 'doctor'>;

export async function inspectorFor(context: Context): Promise<Inspector> {
  const workbench = await daemonOf(context);
  if (workbench !== null && (await context.world.seesTheSame(workbench))) return workbench;
  const local = await import('../daemon/local.ts');
  return local.inspector(holdingsFrom(workbench));
}

/** What `lo` itself needs when it looks or acts in its own process. */
export function holdingsFrom(workbench: Workbench | null): () => Promise<readonly Holding[]> {
  return async () => (workbench === null ? [] : (await workbench.holdings()).holdings);
}

/** Null: none runs, it is of another build, or it is not this user's (`sudo lo ports` with the caller's HOME). */
export async function daemonOf(context: Context): Promise<Workbench | null> {
  try {
    const workbench = await context.connectIfRunning();
    return workbench !== null && (await workbench.info()).build === __LOOPYARD_BUILD__ ? workbench : null;
  } catch (error) {
    // Looking at the machine needs no daemon, so a broken one must not stand in the way; `lo daemon status` and `lo doctor` tell of it.
    if (error instanceof LoopyardError) return null;
    throw error;
  }
}
