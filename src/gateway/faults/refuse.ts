/** Fault: nobody seems to listen. Connections that are open stay. It must not know sockets. */

import type { FaultPart } from './pipe.ts';

export const refuse: FaultPart = {
  name: 'refuse',
  summary:
    'New connections are refused (ECONNREFUSED); with a probability below 1 those that are drawn are reset at once instead.',
  main: null,
  direction: 'both',
  settings: [],
  example: 'refuse',
  greeting: () => ({ kind: 'refuse' }),
};
