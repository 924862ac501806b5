/** What makes a listener the gateway's: which process it is, and where its links listen. Types only. */

import type { EnvironmentRef } from './status.ts';

/** What the gateway listens there for; `link` null: for names. */
export interface GatewayRef {
  readonly link: string | null;
  /** Of the link; null: it belongs to no project. */
  readonly environment: EnvironmentRef | null;
  /** The service that the link leads to. */
  readonly service: string | null;
  /** The service that the link is for; `DOOR`: whoever is declared; null: nobody in particular. */
  readonly caller: string | null;
}

/** The gateway of this home, and where its links listen. */
export interface GatewayHolding {
  readonly pid: number;
  readonly links: readonly (GatewayRef & { readonly address: string; readonly port: number })[];
}
