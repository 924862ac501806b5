/** Faults for people, in the words that `lo fault add` takes. Pure; it must not know links. */

import type { FaultStatus } from '../../core/fault.ts';
import { formatDuration } from '../../core/units.ts';

/** `latency=300ms down`, `slow: bandwidth=1MB/s both ways, 50% of connections, 20s left`. */
export function faultText(fault: FaultStatus, now: number): string {
  const { name, kind, direction, text, probability, until } = fault;
  const words = [
    `${name === kind ? '' : `${name}: `}${text} ${WAYS[direction]}`,
    probability === 1 ? '' : `${Math.round(probability * 1000) / 10}% of connections`,
    until === null ? '' : `${formatDuration(until - now)} left`,
  ];
  return words.filter((word) => word !== '').join(', ');
}

const WAYS = { up: 'up', down: 'down', both: 'both ways' } as const;
