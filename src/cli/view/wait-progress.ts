/** What is waited for and for how long by now, on standard error of a terminal; elsewhere nothing until the end. */

import type { WaitReport } from '../../core/inspection.ts';
import { formatDuration } from '../../core/units.ts';
import type { Context } from '../command.ts';
import { fit, safe } from '../printer/text.ts';

/** Of several targets at once. */
export interface WaitProgress {
  /** After a look that was in vain. */
  take(target: string, why: string): void;
  /** This one is settled. */
  settle(target: string): void;
  end(): void;
}

/** The elapsed time is redrawn so often, in ms. */
const REDRAW_EVERY_MS = 100;

export function showWait(
  context: Context,
  targets: readonly string[],
  wanted: WaitReport['wanted'],
): WaitProgress {
  const { aside, json, world } = context;
  if (json || !aside.look.live) return SILENT;
  const started = world.now();
  const reasons = new Map(targets.map((target) => [target, '']));
  const draw = (): void => {
    const elapsed = formatDuration(world.now() - started);
    const lines = [...reasons].map(([target, why]) => {
      const line = `waiting for ${safe(target)} to be ${wanted}, ${elapsed}${why === '' ? '' : `: ${safe(why)}`}`;
      return aside.paint(fit(line, aside.look.width() - 1, aside.ellipsis), 'dim');
    });
    aside.draw(lines);
  };
  const timer = setInterval(draw, REDRAW_EVERY_MS);
  return {
    take: (target, why) => {
      if (reasons.get(target) === why) return;
      reasons.set(target, why);
      draw();
    },
    settle: (target) => {
      reasons.delete(target);
    },
    end: () => {
      clearInterval(timer);
      aside.endDrawing(false);
    },
  };
}

const SILENT: WaitProgress = { take: () => undefined, settle: () => undefined, end: () => undefined };

/** The last line: `localhost:3000 is open on ::1 after 1.2s`. */
export function waitResult(report: WaitReport): string {
  const { target, wanted, met, ms, address, lastError } = report;
  const time = formatDuration(ms);
  const isNews = wanted === 'open' && address !== null && !target.includes(address);
  if (met) return `${safe(target)} is ${wanted}${isNews ? ` on ${address}` : ''} after ${time}`;
  return `${safe(target)} is not ${wanted} after ${time}: ${safe(lastError ?? 'unknown why')}`;
}
