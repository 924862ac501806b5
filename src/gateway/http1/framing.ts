/** Where the body of a message ends (RFC 9112 6). One answer or a refusal: nothing that two programs could frame differently passes. */

import type { Malformed, Specials } from './fields.ts';

export type Framing =
  | { readonly kind: 'none' }
  | { readonly kind: 'length'; readonly length: number }
  | { readonly kind: 'chunked' }
  /** Responses only: the body ends with the connection. */
  | { readonly kind: 'until-close' };

export const NO_BODY: Framing = { kind: 'none' };
const CHUNKED: Framing = { kind: 'chunked' };
export const UNTIL_CLOSE: Framing = { kind: 'until-close' };

/** 15 digits stay below 2^53, and are more than any disk holds. */
const LENGTH = /^\d{1,15}$/;

/** Null: neither field is there. */
export function declaredFraming(
  { contentLength, transferEncoding }: Specials,
  version: 0 | 1,
): Framing | null | Malformed {
  if (transferEncoding !== null) {
    if (contentLength !== null) return 'both Content-Length and Transfer-Encoding';
    if (version === 0) return 'Transfer-Encoding in HTTP/1.0';
    return transferEncoding.toLowerCase() === 'chunked' ? CHUNKED : UNKNOWN_CODING;
  }
  if (contentLength === null) return null;
  if (!LENGTH.test(contentLength)) return 'a Content-Length that is no plain number';
  return { kind: 'length', length: Number(contentLength) };
}

/** Not malformed, but nothing that we could follow. */
export const UNKNOWN_CODING = 'a transfer coding other than chunked';
