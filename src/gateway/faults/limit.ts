/** Fault: the connection closes after so many bytes, in the middle of whatever they were. It must not know sockets. */

import type { FaultKind } from '../../core/fault.ts';

export const limit: FaultKind = {
  name: 'limit',
  summary: 'So many bytes pass, then the connection is closed (FIN).',
  main: 'bytes',
  direction: 'down',
  settings: [
    {
      name: 'bytes',
      unit: 'size',
      least: 0,
      summary: 'Counted for each connection, from when the fault comes. 0: closed at the first byte.',
    },
  ],
  example: 'limit=64KB',
};
