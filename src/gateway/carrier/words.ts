/** What the gateway and a carrier say to each other. It must not know who says it when. */

/** Of one connection, chosen by the gateway. */
export type LoanId = number;

export type ToCarrier =
  /** With a handle each, the caller's first; then it carries. */
  | { readonly kind: 'caller' | 'service'; readonly id: LoanId }
  /** Each is answered by a `Back`, unless that is on its way already. */
  | { readonly kind: 'recall'; readonly ids: readonly LoanId[] };

export type FromCarrier =
  | { readonly kind: 'ready' }
  | Counts
  | { readonly kind: 'back'; readonly backs: readonly Back[] };

export interface Counts {
  readonly kind: 'counts';
  /** Of each connection that carried something since it was last told of: its id, bytes in, bytes out. */
  readonly counts: readonly number[];
  /** What it had to do since it last told, for each ms, as `loadOf` counts it; and the share of time in which it did not wait. */
  readonly load: number;
  readonly busy: number;
  /** Connections that had at least `LEAST_EACH` of it. */
  readonly active: number;
}

/** It has let go of both handles: whoever holds them too goes on from there. */
export interface Back {
  readonly id: LoanId;
  /** Since it was last told of. */
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** What was read and could not be written yet, for the service and for the caller. */
  readonly up: Uint8Array | null;
  readonly down: Uint8Array | null;
  /** A socket failed. It says so once, to whoever reads it first. */
  readonly failure: Failure | null;
}

export interface Failure {
  readonly of: 'caller' | 'service';
  readonly code: string;
}

/** In each ms: a connection with less is not in use, as far as its place is concerned. */
export const LEAST_EACH = 0.02;

/** What one read of so many bytes costs: large ones as many times as a small one. */
export function loadOf(bytes: number): number {
  return 1 + bytes / 20_000;
}
