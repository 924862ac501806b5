/** Fault: what is sent vanishes, as behind a firewall that drops. It must not know sockets. */

import type { FaultKind } from '../../core/fault.ts';
import { withinDay } from './bounds.ts';

export const timeout: FaultKind = {
  name: 'timeout',
  summary: 'Everything that is sent vanishes; after a while the connection is closed.',
  main: 'after',
  direction: 'down',
  settings: [
    {
      name: 'after',
      unit: 'duration',
      fallback: 0,
      least: 0,
      summary: 'When the connection is closed. 0: it is not.',
    },
    {
      name: 'clock',
      unit: 'choice',
      choices: ['idle', 'total'],
      fallback: 'idle',
      summary: '`idle`: begins anew whenever something is sent. `total`: runs from the start.',
    },
  ],
  example: 'timeout=5s',
  check: (settings) => withinDay(settings, 'after'),
};
