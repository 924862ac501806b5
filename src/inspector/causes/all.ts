/** The one list of causes, in the order in which they are told. */

import type { Cause } from './cause.ts';
import { held } from './held.ts';

export const CAUSES: readonly Cause[] = [held];
