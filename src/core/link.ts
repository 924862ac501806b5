/**
 * What the daemon tells the gateway of links, and what the gateway tells of them. A link is the directed path from one service to an
 * endpoint of another; it has a loopback address of its own. Types only; it must not know how bytes are carried.
 */

import type { Fault } from './fault.ts';
import type { LinkGuard, RefusedCalls } from './guard.ts';

/** An IPv4 or IPv6 address and a TCP port. */
export interface LinkPlace {
  readonly address: string;
  readonly port: number;
}

/** One link in the gateway's snapshot (`GatewaySnapshot.links`). */
export interface GatewayLink {
  /** `shop-1a2b3c/api:db`, `shop-1a2b3c/api:db/metrics`, or `link/NAME` for those without a file: stable, for statistics. */
  readonly id: string;
  readonly listen: LinkPlace;
  /** Null: the service is not up; the gateway does not listen then, since a listener would keep its port from wildcards. */
  readonly upstream: LinkPlace | null;
  /** False: cut. The listener is closed and every connection is reset. */
  readonly enabled: boolean;
  /** In the order in which traffic passes them, seen from the caller. */
  readonly faults: readonly Fault[];
  /** Absent: nobody is asked who they are. */
  readonly guard?: LinkGuard;
}

/** What the gateway tells of one link (`GatewayStatus.links`). */
export interface LinkStatistics {
  readonly id: string;
  readonly listen: LinkPlace;
  /** The system's error when the address could not be had; null: it listens, or is not meant to. */
  readonly error: string | null;
  readonly listening: boolean;
  /** Connections now, and since the gateway began. */
  readonly connections: number;
  readonly accepted: number;
  /** In: from the caller to the service; out: back. Since the gateway began. */
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** Bytes per second over about the last second. */
  readonly rateIn: number;
  readonly rateOut: number;
  /** Of the last connection, in ms; null: none yet. */
  readonly connectMs: number | null;
  readonly firstByteMs: number | null;
  /** The last connection that failed: its error in words, and when (ISO 8601); null: none. */
  readonly lastError: { readonly text: string; readonly at: string } | null;
  /** Names of the faults in force: those that are over have left by themselves. */
  readonly faults: readonly string[];
  /** Open connections' callers, `address:port` of the socket that dialled; at most 1000. */
  readonly callers: readonly string[];
  /** Of a guarded link. */
  readonly refused?: RefusedCalls;
}
