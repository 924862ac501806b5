/** What is kept on disk of an environment's links. Data only. */

import type { LinkPlace } from '../../core/link.ts';
import type { KeptFaults } from './fault-book.ts';

export interface LinkRecord {
  /** Links that could not have their usual place, by name. */
  readonly moved: Readonly<Record<string, LinkPlace>>;
  /** By link. */
  readonly faults: Readonly<Record<string, KeptFaults>>;
}

export const NO_LINK_RECORD: LinkRecord = { moved: {}, faults: {} };
