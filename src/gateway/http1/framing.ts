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
const MOST_DIGITS = 15;

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
  const length = plainNumber(contentLength);
  return length < 0 ? 'a Content-Length that is no plain number' : { kind: 'length', length };
}

/** Decimal digits and nothing else; -1: it is none. */
function plainNumber(text: string): number {
  if (text === '' || text.length > MOST_DIGITS) return -1;
  let number = 0;
  for (let at = 0; at < text.length; at += 1) {
    const digit = text.charCodeAt(at) - 0x30;
    if (digit < 0 || digit > 9) return -1;
    number = number * 10 + digit;
  }
  return number;
}

/** Not malformed, but nothing that we could follow. */
export const UNKNOWN_CODING = 'a transfer coding other than chunked';
