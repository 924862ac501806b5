/** How long a start took, told from two states of a life. Pure. */

import type { ServiceLife } from '../core/lifecycle.ts';

/** From launch to ready, or to a task's end, in ms; null when a start began; undefined when nothing changed. */
export function startupAfter(before: ServiceLife | undefined, after: ServiceLife): number | null | undefined {
  const was = before?.life.state;
  const is = after.life.state;
  if (was === is) return undefined;
  if (is === 'starting') return null;
  const arrived = was === 'starting' && (is === 'ready' || is === 'running');
  const ended = was === 'stopping' && is === 'completed';
  if (!arrived && !ended) return undefined;
  return Math.max(0, (ended ? (after.exit?.at ?? after.since) : after.since) - after.launchedAt);
}
