/** What `lo share` tells of an address that other machines can reach. Types only. */

import type { SCHEMA_VERSION } from './status.ts';

export interface ShareReport {
  readonly schema: typeof SCHEMA_VERSION;
  readonly service: string;
  /** Of this machine, IPv4 or IPv6. */
  readonly address: string;
  readonly port: number;
  /** With the token: whoever has it is let in. */
  readonly url: string;
  /** SHA-256 of the certificate, as browsers show it: `AB:CD:…`. */
  readonly fingerprint: string;
  /** ISO 8601. */
  readonly until: string;
}
