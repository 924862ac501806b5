/**
 * Other faults for a direction that is carrying bytes: what is held is neither lost nor repeated, and never overtakes. It must not
 * know what faults do.
 */

import type { Alarms } from './alarms.ts';
import { type Force, type Lot, pipeRandom } from './force.ts';
import type { Lane } from './lane.ts';
import { Stage } from './stage.ts';

/** `forces`: seen from the caller, so the way down meets them the other way round. */
export function refit(
  lane: Lane,
  direction: 'up' | 'down',
  forces: readonly Force[],
  lots: ReadonlyMap<Force, Lot>,
  alarms: Alarms,
): void {
  const wanted = forces.filter((force) => concerns(force, direction, lots));
  if (wanted.length === 0 && lane.stages.length === 0) return;
  if (direction === 'down') wanted.reverse();
  takeOut(lane, wanted);
  if (!lane.isCut && !sameOrder(lane.stages, wanted)) empty(lane);
  if (!lane.isCut) {
    const known = new Map(lane.stages.map((stage) => [stage.force, stage]));
    lane.set(wanted.map((force) => known.get(force) ?? enter(force)));
  }
  for (const stage of lane.stages) stage.renew();
  lane.moved();

  function enter(force: Force): Stage {
    const lot = lots.get(force) ?? { number: 0, hit: true };
    return new Stage(force, lane, alarms, (outlet) => {
      const pipe = force.part.pipe?.(outlet, force.fault.settings, pipeRandom(force, lot, direction));
      if (pipe === undefined) throw new Error(`${force.part.name} has no pipe`);
      return pipe;
    });
  }
}

function concerns(force: Force, direction: 'up' | 'down', lots: ReadonlyMap<Force, Lot>): boolean {
  if (force.part.pipe === undefined || lots.get(force)?.hit !== true) return false;
  return force.fault.direction === 'both' || force.fault.direction === direction;
}

/** From the end: what the last one holds was sent before what the one before it holds. */
function takeOut(lane: Lane, wanted: readonly Force[]): void {
  for (const stage of [...lane.stages].reverse()) {
    if (wanted.includes(stage.force)) continue;
    stage.leave();
    lane.set(lane.stages.filter((other) => other !== stage));
  }
}

function sameOrder(stages: readonly Stage[], wanted: readonly Force[]): boolean {
  const staying = wanted.filter((force) => stages.some((stage) => stage.force === force));
  return stages.every((stage, index) => stage.force === staying[index]);
}

/**
 * They change places, and begin again with nothing. What one holds goes by those behind it, in the order in which they still are: one
 * of them may have lost what was sent before.
 */
function empty({ stages }: Lane): void {
  for (let from = stages.length - 1; from >= 0; from -= 1)
    for (const stage of stages.slice(from)) stage.flush();
}
