/**
 * What the daemon tells the gateway, and what the gateway tells of itself. The snapshot is the gateway's whole knowledge: it can be
 * read from disk, so that the gateway serves on when the daemon is gone. Types only; it must not know how bytes are carried.
 */

import type { GatewayLink, LinkStatistics } from './link.ts';
import type { SCHEMA_VERSION } from './status.ts';
import type { RouteStatistics } from './traffic.ts';

export interface GatewaySnapshot {
  readonly schema: typeof SCHEMA_VERSION;
  /** Grows with every change; an older one never replaces a newer one. */
  readonly revision: number;
  readonly routes: readonly GatewayRoute[];
  readonly certificates: readonly GatewayCertificate[];
  readonly links: readonly GatewayLink[];
}

/** What differs from the snapshot, or change, of revision `after`: a start changes links one by one. */
export interface GatewayChange {
  readonly schema: typeof SCHEMA_VERSION;
  readonly revision: number;
  readonly after: number;
  /** New ones, and those that are others than before. */
  readonly links: readonly GatewayLink[];
  /** Ids of those that are no more. */
  readonly gone: readonly string[];
}

export interface GatewayChangeAnswer {
  /** False: it serves another revision than `after`, and nothing was changed. */
  readonly taken: boolean;
  /** Of the links that the change speaks of. */
  readonly links: readonly LinkStatistics[];
}

export interface GatewayRoute {
  /** `shop-1a2b3c/web`, or `alias/NAME`: stable, for statistics. */
  readonly id: string;
  /** Host names, exact, lower case, without port. */
  readonly names: readonly string[];
  /** Names one label below these too, as certificates have it, unless another route has them exactly. */
  readonly wildcard: boolean;
  /** `/`, or a prefix such as `/api`, which matches itself and what lies below it. The longest that matches wins. */
  readonly path: string;
  /** Null: nothing can be reached now. */
  readonly target: { readonly address: string; readonly port: number } | null;
  readonly state: GatewayRouteState;
  /** For the page that stands in: `web is starting`, `web ended with code 1`. */
  readonly words: string;
  /** Absolute path of the log whose last lines that page shows; null: none. */
  readonly log: string | null;
}

/** `starting`: requests are held until it is `ready`, for a while. `down`: they are answered at once. */
export type GatewayRouteState = 'ready' | 'starting' | 'down';

export interface GatewayCertificate {
  readonly names: readonly string[];
  /** PEM files; the key's is private to the user. */
  readonly certificate: string;
  readonly key: string;
}

/** One address and port that the gateway serves, or would. */
export interface Door {
  readonly address: string;
  readonly port: number;
  readonly secure: boolean;
  /** The system's error when it could not be had; null: it is served. */
  readonly error: string | null;
}

export interface GatewayStatus {
  readonly schema: typeof SCHEMA_VERSION;
  readonly version: string;
  readonly build: string;
  readonly pid: number;
  readonly started: string;
  readonly revision: number;
  readonly doors: readonly Door[];
  readonly connections: number;
  /** Longest that the event loop was late since the last question, in ms. */
  readonly lagMs: number;
  readonly routes: readonly RouteStatistics[];
  readonly links: readonly LinkStatistics[];
  /** Its helpers that carry connections of links, while one core is not enough. */
  readonly carriers: readonly CarrierStatus[];
}

export interface CarrierStatus {
  /** Null: it could not be started. */
  readonly pid: number | null;
  readonly connections: number;
}

/** What the gateway carries now, and has carried since it began. */
export interface TrafficReport {
  readonly schema: typeof SCHEMA_VERSION;
  /** Null: none runs, or it did not answer. */
  readonly gateway: GatewayStatus | null;
}
