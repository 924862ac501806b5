/** Fault: the end of a direction arrives later than its last byte. It must not know sockets. */

import type { FaultKind } from '../../core/fault.ts';
import { withinDay } from './bounds.ts';

export const slowClose: FaultKind = {
  name: 'slow-close',
  summary: 'Data passes at once; that a side has ended (FIN) arrives later.',
  main: 'delay',
  direction: 'down',
  settings: [{ name: 'delay', unit: 'duration', least: 1, summary: 'How much later.' }],
  example: 'slow-close=1s',
  check: (settings) => withinDay(settings, 'delay'),
};
