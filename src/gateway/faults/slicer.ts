/** Fault: bytes arrive in small pieces, as from a program that reads and writes badly. It must not know sockets. */

import type { FaultKind } from '../../core/fault.ts';
import { withinDay } from './bounds.ts';

export const slicer: FaultKind = {
  name: 'slicer',
  summary: 'What was sent at once arrives in pieces: finds programs that take one read for one message.',
  main: 'size',
  direction: 'down',
  settings: [
    { name: 'size', unit: 'size', least: 1, summary: 'Of a piece, on average.' },
    {
      name: 'variation',
      unit: 'size',
      fallback: 0,
      least: 0,
      summary: 'How much larger or smaller a piece may be.',
    },
    {
      name: 'delay',
      unit: 'duration',
      fallback: 0,
      least: 0,
      summary: 'Between two pieces. 0: they are written apart, but may be read together.',
    },
  ],
  example: 'slicer=100B variation=50B delay=2ms',
  check(settings) {
    const wide = Number(settings.variation) >= Number(settings.size);
    return [
      ...(wide ? ['variation must be less than size: a piece has at least one byte'] : []),
      ...withinDay(settings, 'delay'),
    ];
  },
};
