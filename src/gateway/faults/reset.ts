/** Fault: the connection breaks off by RST on both sides, also one that is open already. It must not know sockets. */

import type { FaultKind } from '../../core/fault.ts';
import { withinDay } from './bounds.ts';

export const reset: FaultKind = {
  name: 'reset',
  summary: 'The connection is reset: both sides see ECONNRESET.',
  main: 'after',
  direction: 'both',
  settings: [
    {
      name: 'after',
      unit: 'duration',
      fallback: 0,
      least: 0,
      summary: 'How long it works before. An open connection counts from when the fault comes.',
    },
    {
      name: 'from',
      unit: 'choice',
      choices: ['connect', 'data'],
      fallback: 'connect',
      summary: 'What that time counts from. `data`: the first bytes in a direction of the fault.',
    },
  ],
  example: 'reset=2s from=data',
  check: (settings) => withinDay(settings, 'after'),
};
