/** What the data plane asks about one caller, and is answered. Types only. */

import type { Caller, LinkGuard } from '../../core/guard.ts';
import type { LinkPlace } from '../../core/link.ts';

/** One connection, as it was accepted. */
export interface CallQuestion {
  readonly listen: LinkPlace;
  readonly caller: LinkPlace;
  readonly guard: LinkGuard;
}

/** Null: it may call. */
export type Refusal = Caller | null;
