/** What `lo setup` does to the machine, as a step that can be shown, carried out and taken back. Types only. */

import type { Door } from './gateway.ts';
import type { SCHEMA_VERSION } from './status.ts';
import type { MachineStep } from './trust.ts';

export interface SetupReport {
  readonly schema: typeof SCHEMA_VERSION;
  readonly undo: boolean;
  /** False: the step is what would be done. */
  readonly carriedOut: boolean;
  readonly step: MachineStep & { readonly error: string | null };
  /** Of the gateway afterwards; empty while none runs. */
  readonly doors: readonly Door[];
}

export interface DoorList {
  readonly schema: typeof SCHEMA_VERSION;
  readonly doors: readonly Door[];
}
