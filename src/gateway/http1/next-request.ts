/** Cuts the next request's head out of what a client has sent so far, or tells what is said to it instead. Pure; it must not know sockets. */

import { CR, LF } from './characters.ts';
import type { Answer } from './compose.ts';
import { isNoRequest } from './noise.ts';
import { REFUSALS, TOO_LARGE } from './refusals.ts';
import type { Repeats } from './repeats.ts';
import { isRefusal, parseRequestHead, type RequestFields, type RequestHead } from './request-head.ts';

/** nginx and Node have 8 and 16 KB; development cookies grow beyond both. */
const MOST_HEAD = 32_768;

export type Next =
  /** `end`: index behind the head. */
  | { readonly kind: 'request'; readonly head: RequestHead; readonly end: number }
  /** The connection ends with it: nobody knows where the next request would begin. */
  | { readonly kind: 'refused'; readonly answer: Answer }
  | { readonly kind: 'more' };

const MORE: Next = { kind: 'more' };

/** `repeats`: of the client. */
export function nextRequest(bytes: Buffer, repeats: Repeats<RequestFields> | null = null): Next {
  return wholeRequest(bytes, repeats) ?? cutRequest(bytes, repeats);
}

/** Most reads are one request without a body. Null: this one is not, or is none; the long way finds out. */
function wholeRequest(bytes: Buffer, repeats: Repeats<RequestFields> | null): Next | null {
  const end = bytes.length;
  const whole =
    end > 4 &&
    end <= MOST_HEAD &&
    bytes[end - 1] === LF &&
    bytes[end - 2] === CR &&
    bytes[end - 3] === LF &&
    bytes[end - 4] === CR;
  if (!whole) return null;
  const head = parseRequestHead(bytes, repeats);
  return isRefusal(head) ? null : { kind: 'request', head, end };
}

function cutRequest(bytes: Buffer, repeats: Repeats<RequestFields> | null): Next {
  // One empty line before a request is to be passed over (RFC 9112 2.2); more are noise.
  const from = bytes[0] === CR && bytes[1] === LF ? 2 : 0;
  const end = bytes.indexOf('\r\n\r\n', from, 'latin1');
  if (end < 0 || end > MOST_HEAD) {
    if (bytes.length > MOST_HEAD) return { kind: 'refused', answer: TOO_LARGE };
    return isNoRequest(bytes, from) ? { kind: 'refused', answer: REFUSALS[400] } : MORE;
  }
  const head = parseRequestHead(bytes.subarray(from, end + 4), repeats);
  if (isRefusal(head)) return { kind: 'refused', answer: REFUSALS[head.status] };
  return { kind: 'request', head, end: end + 4 };
}
