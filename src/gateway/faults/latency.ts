/** Fault: bytes arrive later than they were sent, in their order, and no fewer of them. It must not know sockets. */

import type { FaultKind } from '../../core/fault.ts';
import { withinDay } from './bounds.ts';

export const latency: FaultKind = {
  name: 'latency',
  summary: 'Everything arrives later, as over a long line; as much of it as before.',
  main: 'delay',
  direction: 'down',
  settings: [
    { name: 'delay', unit: 'duration', least: 0, summary: 'How much later, each way that the fault is on.' },
    {
      name: 'jitter',
      unit: 'duration',
      fallback: 0,
      least: 0,
      summary:
        'How far it varies: the most, either way, of `uniform`; the standard deviation of the other two. Never below 0 in all.',
    },
    {
      name: 'distribution',
      unit: 'choice',
      choices: ['uniform', 'normal', 'pareto'],
      fallback: 'uniform',
      summary: 'How the jitter is spread. `pareto`: mostly a little early, seldom very late.',
    },
  ],
  example: 'latency=200ms jitter=50ms distribution=normal',
  check(settings) {
    const idle =
      settings.delay === 0 && settings.jitter === 0
        ? ['delay and jitter are both 0: nothing would change']
        : [];
    return [...idle, ...withinDay(settings, 'delay', 'jitter')];
  },
};
