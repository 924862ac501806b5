/** What checks may know of the machine and the project without sending anything. Types only; the daemon's side fills them. */

import type { ConfigPlace } from '../core/audit.ts';

export interface MachineFacts {
  /** Interfaces that are up, with the addresses they have. */
  interfaces(): readonly NetworkInterface[];
  /** Unix ms: what dates are compared with. */
  time(): number;
  /** Null: no config of ours is looked at. */
  readonly project: ProjectFacts | null;
}

export interface NetworkInterface {
  readonly name: string;
  readonly kind: 'loopback' | 'lan' | 'wireless' | 'bridge' | 'vpn' | 'virtual' | 'unknown';
  readonly addresses: readonly string[];
}

export interface ProjectFacts {
  readonly name: string;
  /** The config file, absolute; null: it stands in none. */
  readonly file: string | null;
  /** Where its paths start from; null with `file`. */
  readonly directory: string | null;
  readonly services: readonly DeclaredService[];
}

export interface DeclaredService {
  readonly name: string;
  readonly place: ConfigPlace | null;
  readonly running: boolean;
  readonly endpoints: readonly { readonly name: string; readonly address: string; readonly port: number }[];
}
