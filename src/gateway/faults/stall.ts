/** Fault: connections are taken, and then nothing happens, as with a server that is too busy. It must not know sockets. */

import type { FaultKind } from '../../core/fault.ts';
import { withinDay } from './bounds.ts';

export const stall: FaultKind = {
  name: 'stall',
  summary:
    'New connections are taken, but the service hears of them later, or never. Nothing of theirs is lost.',
  main: 'delay',
  direction: 'both',
  settings: [
    {
      name: 'delay',
      unit: 'duration',
      fallback: 0,
      least: 0,
      summary: 'When the service hears of it. 0: not before the fault is gone.',
    },
  ],
  example: 'stall=3s',
  check: (settings) => withinDay(settings, 'delay'),
};
