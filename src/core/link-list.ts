/** What the daemon tells of links: `lo link ls`, `lo fault ls`, `lo graph --live`. Its keys are promises. Types only. */

import type { FaultStatus } from './fault.ts';
import type { RefusedCalls } from './guard.ts';
import type { LinkPlace } from './link.ts';
import type { EnvironmentRef, SCHEMA_VERSION } from './status.ts';

export interface LinkDocument {
  /** `api:db`, `api:db/metrics`, or the name of a link without a project. */
  readonly name: string;
  /** Null: it belongs to no project (`lo link add`). */
  readonly environment: EnvironmentRef | null;
  /** The caller, and the service that is called; null for links without a project, and the caller of a guarded service's door. */
  readonly from: string | null;
  readonly to: string | null;
  readonly endpoint: string | null;
  readonly listen: LinkPlace;
  /** Null: there is nobody to lead to now, and the link does not listen. */
  readonly upstream: LinkPlace | null;
  readonly enabled: boolean;
  readonly listening: boolean;
  /** Why it does not listen; null: it does, or is not meant to. */
  readonly error: string | null;
  /** Open now, and ever since the gateway began. */
  readonly connections: number;
  readonly accepted: number;
  /** From the caller, and back to it; bytes, and bytes per second. */
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly rateIn: number;
  readonly rateOut: number;
  /** Of the last connection, ms. */
  readonly connectMs: number | null;
  readonly firstByteMs: number | null;
  readonly lastError: { readonly text: string; readonly at: string } | null;
  readonly faults: readonly FaultStatus[];
  /** `declared`: whoever is not is refused. */
  readonly access: 'declared' | 'open';
  /** Null: nobody is asked, or no gateway runs. */
  readonly refused: RefusedCalls | null;
}

/** A process that is connected to a service's own address, without a link. */
export interface UndeclaredCaller {
  readonly environment: EnvironmentRef;
  readonly to: string;
  readonly endpoint: string;
  /** Null: it cannot be seen from here. */
  readonly pid: number | null;
  /** The program's name, or whose it is when that is all that is known. */
  readonly program: string;
  /** The service that it belongs to; null: none of ours. */
  readonly service: string | null;
  readonly connections: number;
}

/** `lo link ls --json` */
export interface LinkList {
  readonly schema: typeof SCHEMA_VERSION;
  readonly links: readonly LinkDocument[];
  readonly undeclared: readonly UndeclaredCaller[];
  /** How late the gateway's event loop was at most since it was last asked, ms; null: no gateway runs. */
  readonly lagMs: number | null;
}
