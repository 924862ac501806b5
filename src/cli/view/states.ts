/** How a state is shown: a symbol, its word, a colour; the word alone says it all. */

import type { StateName } from '../../core/lifecycle.ts';
import type { Printer } from '../printer/printer.ts';
import type { Paint } from '../printer/style.ts';

interface StateLook {
  readonly symbol: string;
  readonly ascii: string;
  readonly paint: Paint;
}

const LOOKS: Readonly<Record<StateName, StateLook>> = {
  idle: { symbol: '○', ascii: '-', paint: 'dim' },
  pending: { symbol: '○', ascii: '-', paint: 'dim' },
  starting: { symbol: '◐', ascii: '~', paint: 'yellow' },
  running: { symbol: '●', ascii: '*', paint: 'green' },
  ready: { symbol: '●', ascii: '*', paint: 'green' },
  unready: { symbol: '!', ascii: '!', paint: 'red' },
  backoff: { symbol: '↻', ascii: '%', paint: 'yellow' },
  stopping: { symbol: '◐', ascii: '~', paint: 'yellow' },
  stopped: { symbol: '○', ascii: '-', paint: 'dim' },
  completed: { symbol: '✓', ascii: '+', paint: 'green' },
  failed: { symbol: '✗', ascii: 'x', paint: 'red' },
  skipped: { symbol: '○', ascii: '-', paint: 'yellow' },
  lost: { symbol: '✗', ascii: 'x', paint: 'red' },
};

export function statePaint(state: StateName): Paint {
  return lookFor(state).paint;
}

/** `● ready`, without colour; the word alone in plain output. */
export function stateText(printer: Printer, state: StateName): string {
  const look = lookFor(state);
  return `${printer.look.unicode ? look.symbol : look.ascii} ${state}`;
}

/** A newer daemon may know states that we do not: they are shown by their word. */
function lookFor(state: StateName): StateLook {
  return (LOOKS as Partial<Record<string, StateLook>>)[state] ?? LOOKS.pending;
}
