/**
 * What a fault is: a kind with settings that a link does to traffic in one direction or both. Kinds are one file each in
 * `gateway/faults/`, handed as a catalog to rooms that must not import them. Types and plain decisions only; it must not know sockets.
 */

/** `up`: from the caller to the service, `down`: from the service to the caller. */
export type FaultDirection = 'up' | 'down' | 'both';

/** One fault on one link, everything resolved and checked: the gateway never refuses it. */
export interface Fault {
  /** Unique on its link; the kind unless a name was given. */
  readonly name: string;
  readonly kind: string;
  readonly direction: FaultDirection;
  /** Every setting of the kind, defaults filled in: durations in ms, sizes in bytes, rates in bytes per second, ratios 0 to 1. */
  readonly settings: Readonly<Record<string, number | string>>;
  /** Share of the connections that are affected, 0 to 1; drawn once for each connection. */
  readonly probability: number;
  /** The same seed gives the same draws. */
  readonly seed: number;
  /** Epoch ms after which the gateway takes it away by itself, with or without a daemon; null: never. */
  readonly until: number | null;
}

/** A fault that is in force, for people and programs. */
export interface FaultStatus extends Fault {
  /** The link that it is on. */
  readonly link: string;
  /** As it is typed: `latency=200ms jitter=50ms`. */
  readonly text: string;
}

/** One setting of a kind: enough for checking, the JSON Schema, help and the reference page. */
export interface FaultSetting {
  readonly name: string;
  readonly unit: 'duration' | 'size' | 'rate' | 'ratio' | 'choice';
  readonly choices?: readonly string[];
  /** Missing: it must be given. */
  readonly fallback?: number | string;
  /** In the unit's base (ms, bytes, bytes per second). */
  readonly least?: number;
  readonly summary: string;
}

export interface FaultKind {
  readonly name: string;
  readonly summary: string;
  /** The setting that `latency=200ms` sets; null: the kind takes no value. */
  readonly main: string | null;
  /** What is meant when no direction is given. */
  readonly direction: FaultDirection;
  readonly settings: readonly FaultSetting[];
  /** As typed after `lo fault add api:db`. */
  readonly example: string;
  /** Mistakes that need two settings; one sentence each. */
  check?(settings: Fault['settings']): readonly string[];
}
