/**
 * One connection to a listener as checks see it: bytes out, bytes in, within limits. The target guard stands behind `Dial`, on the
 * daemon's side. This file must not know protocols.
 */

import type { PeerCertificate } from 'node:tls';

/** Opens a connection to the listener that is looked at. Throws `ProbeFailure`. */
export type Connect = (options?: ConnectOptions) => Promise<Wire>;

export type Dial = (
  place: { readonly address: string; readonly port: number },
  options: ConnectOptions,
) => Promise<Wire>;

export interface ConnectOptions {
  /** Certificates are never verified: what they are worth is the check's to say. */
  readonly tls?: TlsOptions;
  /** What `receive` waits for when it is not told. */
  readonly answerWithinMs?: number;
  /** What comes may be a secret as a whole: evidence keeps the head of it alone. */
  readonly confidential?: boolean;
}

export interface TlsOptions {
  readonly servername?: string;
  readonly minVersion?: 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3';
  readonly maxVersion?: 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3';
  /** As OpenSSL writes them. */
  readonly ciphers?: string;
  readonly alpn?: readonly string[];
}

/** Also takes what is long out of use: who speaks only that has to be heard too. */
export const LENIENT_TLS: TlsOptions = { minVersion: 'TLSv1', ciphers: 'ALL:+aNULL:eNULL@SECLEVEL=0' };

export interface Wire {
  /** Text goes out byte by byte (Latin-1). */
  send(bytes: Uint8Array | string): void;
  /**
   * What comes from here on, until `enough` says so of all of it, the server ends, nothing comes within the time, or the limit of bytes
   * is reached. What is left over stays for the next call.
   */
  receive(enough: (bytes: Buffer) => boolean, withinMs?: number): Promise<Received>;
  /** Null: plain. */
  readonly tls: TlsFacts | null;
  close(): void;
}

export interface Received {
  readonly bytes: Buffer;
  readonly end: ReceivedEnd;
}

export type ReceivedEnd = 'complete' | 'closed' | 'reset' | 'silent' | 'too much';

export interface TlsFacts {
  readonly protocol: string;
  readonly cipher: string;
  readonly certificate: PeerCertificate;
  /** Node's own word, such as `CERT_HAS_EXPIRED`; null: this machine trusts it. */
  readonly authorizationError: string | null;
}

/** No answer that could be judged: refused, cut off, too late, no TLS. */
export class ProbeFailure extends Error {
  override readonly name = 'ProbeFailure';
  /** The system's code or OpenSSL's; null: none. */
  readonly code: string | null;

  constructor(message: string, code: string | null = null) {
    super(message);
    this.code = code;
  }
}

export const CONNECT_WITHIN_MS = 2500;
export const ANSWER_WITHIN_MS = 2500;
/** Of one connection. Whatever sends more is cut off. */
export const MOST_BYTES = 2_000_000;
