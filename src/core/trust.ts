/** Making a certificate known to the machine, as steps that can be shown, carried out and taken back. Types only. */

import type { SCHEMA_VERSION } from './status.ts';

export type TrustStoreKind = 'system' | 'nss' | 'keychain' | 'windows';

/** One thing that is changed outside the home. */
export interface MachineStep {
  /** `Chromium`, `Firefox`, `system store`. */
  readonly name: string;
  readonly path: string;
  /** `done`: it is as wished already. `impossible`: `why` and `fix` say more. */
  readonly state: 'done' | 'todo' | 'impossible';
  readonly why: string | null;
  readonly fix: string | null;
  /** Commands in their order, `sudo` included where it is needed; empty unless `todo`. */
  readonly acts: readonly (readonly string[])[];
}

export interface TrustStep extends MachineStep {
  readonly kind: TrustStoreKind;
}

/** A step after it was tried. `error`: what the failing command said. */
export interface TriedStep extends TrustStep {
  readonly error: string | null;
}

export interface TrustReport {
  readonly schema: typeof SCHEMA_VERSION;
  readonly certificate: string;
  readonly fingerprint: string | null;
  readonly remove: boolean;
  /** False: the steps are what would be done. */
  readonly carriedOut: boolean;
  readonly steps: readonly TriedStep[];
}
