/** Fault: no more than so many bytes a second. It must not know sockets. */

import type { FaultKind } from '../../core/fault.ts';

export const bandwidth: FaultKind = {
  name: 'bandwidth',
  summary: 'No more than so much in a second, for each connection.',
  main: 'rate',
  direction: 'both',
  settings: [{ name: 'rate', unit: 'rate', least: 1, summary: 'Each way that the fault is on.' }],
  example: 'bandwidth=1MB/s',
};
