/** What the daemon tells of names: the authority that vouches for them, aliases, and who has a plain name. Types only. */

import type { EnvironmentRef, SCHEMA_VERSION } from './status.ts';

/** The home's own authority. */
export interface AuthorityReport {
  readonly schema: typeof SCHEMA_VERSION;
  /** Absolute path of its certificate, PEM; it need not exist. */
  readonly certificate: string;
  /** SHA-256; null: there is none yet. */
  readonly fingerprint: string | null;
  /** ISO 8601. */
  readonly until: string | null;
}

export interface AliasStatus {
  /** `grafana.localhost` */
  readonly name: string;
  readonly address: string;
  readonly port: number;
  /** A service that had the name first, in words: it is what the name leads to. Null: none. */
  readonly heldBy: string | null;
  /** Empty while no gateway serves it. */
  readonly urls: readonly string[];
}

export interface AliasList {
  readonly schema: typeof SCHEMA_VERSION;
  readonly aliases: readonly AliasStatus[];
}

export interface SwitchReport {
  readonly schema: typeof SCHEMA_VERSION;
  readonly project: string;
  /** Who has the plain name now. */
  readonly environment: EnvironmentRef;
  /** Names that changed, the plain one first. */
  readonly moved: readonly { readonly environment: EnvironmentRef; readonly before: string }[];
}
