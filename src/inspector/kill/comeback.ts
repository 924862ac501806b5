/** Watches a port that was just freed for somebody who takes it again. It must not end anybody. */

import { setTimeout as delay } from 'node:timers/promises';
import type { ListenerDocument, OwnerDocument, Respawner } from '../../core/inspection.ts';
import { Look } from '../look.ts';
import { familiesOf } from './families.ts';
import type { Gathered, KillTools } from './gather.ts';
import { isOfUnit } from './managers.ts';
import { socketsOf } from './port-sockets.ts';
import { respawnerOf } from './respawn.ts';

export interface Comeback {
  readonly owner: OwnerDocument;
  readonly respawner: Respawner | null;
}

/** Those who restart at once do it well within; those who wait longer are not found. */
const WATCH_MS = 2000;
const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 100;

/** Null: nobody did within the time, or nobody who can be seen. */
export async function watchForComeback(tools: KillTools, former: Gathered): Promise<Comeback | null> {
  const deadline = performance.now() + WATCH_MS;
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(LONGEST_PAUSE_MS, pause * 1.3)) {
    const isLast = performance.now() >= deadline;
    const found = comebackNow(tools, former);
    if (found !== null || isLast) return found;
    await delay(pause);
  }
}

/** Null: nobody, or nobody who can be seen. */
export function comebackNow(tools: KillTools, { situation, inodes }: Gathered): Comeback | null {
  const sockets = socketsOf(tools.platform, situation.target).filter(({ inode }) => !inodes.has(inode));
  if (sockets.length === 0) return null;
  const look = new Look(tools, []);
  const listeners = look.listeners(sockets);
  const [family] = familiesOf(listeners);
  if (family === undefined) return null;
  const { caller } = situation;
  const process = look.process(family.root.pid);
  const unit = family.listeners.find((listener) => listener.unit !== null)?.unit ?? null;
  const isReason = process !== null && unit !== null && isOfUnit(unit, process, (pid) => look.process(pid));
  return {
    owner: family.root,
    respawner: respawnerOf({
      before: holdersOf(situation.listeners),
      after: family.root,
      unit: isReason ? unit : null,
      own: new Set([caller.pid, ...caller.ancestors]),
      processOf: (pid) => look.process(pid),
    }),
  };
}

function holdersOf(listeners: readonly ListenerDocument[]): readonly OwnerDocument[] {
  return listeners.flatMap(({ owners }) => owners);
}
