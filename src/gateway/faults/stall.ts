/** Fault: connections are taken, and then nothing happens, as with a server that is too busy. It must not know sockets. */

import { withinDay } from './bounds.ts';
import type { FaultPart } from './pipe.ts';

export const stall: FaultPart = {
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
  greeting: (settings) => ({ kind: 'stall', ms: Number(settings.delay) }),
};
