/** The one list of faults, in the order of the reference page. */

import { bandwidth } from './bandwidth.ts';
import { corrupt } from './corrupt.ts';
import { latency } from './latency.ts';
import { limit } from './limit.ts';
import type { FaultPart } from './pipe.ts';
import { refuse } from './refuse.ts';
import { reset } from './reset.ts';
import { slicer } from './slicer.ts';
import { slowClose } from './slow-close.ts';
import { stall } from './stall.ts';
import { timeout } from './timeout.ts';

export const FAULTS: readonly FaultPart[] = [
  latency,
  bandwidth,
  timeout,
  reset,
  refuse,
  stall,
  slowClose,
  slicer,
  limit,
  corrupt,
];
