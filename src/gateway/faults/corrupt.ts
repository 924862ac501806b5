/** Fault: bytes arrive changed. Their number stays. It must not know sockets. */

import type { FaultKind } from '../../core/fault.ts';

export const corrupt: FaultKind = {
  name: 'corrupt',
  summary: 'Some bytes arrive with one bit flipped, which TCP itself would never let pass.',
  main: 'share',
  direction: 'down',
  settings: [
    {
      name: 'share',
      unit: 'ratio',
      least: 0,
      summary: 'Of the bytes, from 0 to 1; each is drawn by itself.',
    },
  ],
  example: 'corrupt=0.001',
  check(settings) {
    if (settings.share === 0) return ['share is 0: nothing would change'];
    return Number(settings.share) > 1 ? ['share is more than 1'] : [];
  },
};
