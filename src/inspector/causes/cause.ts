/**
 * What a cause is: one answer to "why can I not have this port, or why does somebody else answer there?". Each is a pure function of
 * one situation, gathered before (`situation.ts`). It must not look at the machine.
 */

import type {
  CauseDocument,
  Holding,
  ListenerDocument,
  OwnerDocument,
  Unseen,
} from '../../core/inspection.ts';
import type { PortRanges, ProcessDescription, SocketFacts } from '../../platform/facts.ts';
import type { BindAnswer, Platform } from '../../platform/platform.ts';

export interface Cause {
  /** Stable; stands in documents and on the reference page. */
  readonly code: string;
  /** For the reference page: what is the case, in a sentence. */
  readonly summary: string;
  /** One for each time that it is the case; usually none or one. Their `code` is that of the cause. */
  find(situation: Situation): readonly CauseDocument[];
}

/** One of the ways in which a server may ask for the port, and what came of it. */
export interface Trial {
  readonly address: '0.0.0.0' | '127.0.0.1' | '127.0.0.2' | '::' | '::1' | '::ffff:127.0.0.1';
  /** Of `::` only: without IPv4 behind it. */
  readonly ipv6Only: boolean;
  /** What the listeners that are seen say; null: they do not decide (`::` does not show whether it takes IPv4). */
  readonly predicted: boolean | null;
  readonly answer: BindAnswer;
}

/** A socket of this port that is no listener: a connection, or what is left of one. */
export interface Connection {
  readonly socket: SocketFacts;
  /** `out`: this side called. Null: neither the tables nor the port numbers tell. */
  readonly direction: 'in' | 'out' | null;
  readonly owners: readonly OwnerDocument[];
}

/** Everything that is known of one port at one moment. */
export interface Situation {
  readonly port: number;
  readonly listeners: readonly ListenerDocument[];
  readonly udp: readonly ListenerDocument[];
  /** Sockets whose local port is this one, listeners apart. */
  readonly connections: readonly Connection[];
  readonly trials: readonly Trial[];
  /** Addresses of `localhost` in the order of this machine's resolver; empty when it gives none. */
  readonly localhost: readonly string[];
  readonly ranges: PortRanges;
  /** Listeners on this port in other network namespaces. */
  readonly elsewhere: readonly {
    readonly namespace: string;
    readonly owner: OwnerDocument;
    readonly listener: ListenerDocument;
  }[];
  /** Who holds a socket that stands in no table; looked for only when a refusal has no other reason that is seen. */
  readonly unlisted: readonly OwnerDocument[];
  readonly holdings: readonly Holding[];
  /** Null: it is gone. */
  processOf(pid: number): ProcessDescription | null;
  /** Which system this is. */
  readonly system: Platform['name'];
  /** Uid of the caller. */
  readonly uid: number;
  readonly unseen: readonly Unseen[];
  /** The socket tables could not be read in whole: what is not in them may be there all the same. */
  readonly isBlind: boolean;
}
