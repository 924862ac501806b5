/**
 * Who looks at the machine for a command: a daemon of this build in the same namespaces, whose memory of the last look makes it
 * quick; else this process itself, which still asks a daemon what is its own. It must not know single commands.
 */

import type { Inspection, Workbench } from '../core/api.ts';
import { LoopyardError } from '../core/errors.ts';
import type { Holding } from '../core/inspection.ts';
import type { DaemonInfo } from '../core/status.ts';
import type { Context } from './command.ts';

type Ours = Parameters<typeof import('../daemon/local.ts')['inspector']>[0];

export type Inspector = Omit<Inspection, 'doctor'>;

export async function inspectorFor(context: Context): Promise<Inspector> {
  const daemon = await daemonOf(context);
  if (daemon !== null && context.world.seesTheSame(daemon.info)) return daemon.workbench;
  const local = await import('../daemon/local.ts');
  return local.inspector(oursFrom(daemon?.workbench ?? null));
}

/** What a daemon knows to be its own, for those who look or act in this process. */
export function holdingsFrom(workbench: Workbench | null): () => Promise<readonly Holding[]> {
  return async () => (workbench === null ? [] : (await workbench.holdings()).holdings);
}

/** The same with the gateway, whose listeners are no program's. */
export function oursFrom(workbench: Workbench | null): Ours {
  return {
    holdings: holdingsFrom(workbench),
    gateway: async () => (workbench === null ? null : (await workbench.holdings()).gateway),
  };
}

interface Daemon {
  readonly workbench: Workbench;
  readonly info: DaemonInfo;
}

/** Null: none runs, it is of another build, or it is not this user's (`sudo lo ports` with the caller's HOME). */
export async function daemonOf(context: Context): Promise<Daemon | null> {
  try {
    const workbench = await context.connectIfRunning();
    if (workbench === null) return null;
    const info = await workbench.info();
    return info.build === __LOOPYARD_BUILD__ ? { workbench, info } : null;
  } catch (error) {
    // Looking at the machine needs no daemon, so a broken one must not stand in the way; `lo daemon status` tells of it.
    if (error instanceof LoopyardError) return null;
    throw error;
  }
}
