/**
 * A reply that came whole in one read, as most do: head and body are taken from one text, which costs half of the long way that every
 * other reply goes. Pure; it must not know sockets.
 */

import type { Repeats } from './repeats.ts';
import { parseResponseHead, type ResponseHead } from './response-head.ts';

/** Longer ones cost what they carry; the way they are read matters little. */
const MOST = 4096;

export interface WholeReply {
  readonly head: ResponseHead;
  /** Latin1. */
  readonly body: string;
}

/** Null: not whole, more than one, of another kind, or wrong: the long way tells which. */
export function wholeReply(
  bytes: Buffer,
  method: string,
  repeats: Repeats<ResponseHead> | null = null,
): WholeReply | null {
  if (bytes.length > MOST) return null;
  const text = bytes.toString('latin1');
  const head = parseResponseHead({ bytes, text }, method, repeats);
  if (typeof head === 'string' || head.status < 200) return null;
  const length = head.framing.kind === 'none' ? 0 : head.framing.kind === 'length' ? head.framing.length : -1;
  return head.size + length === text.length && length >= 0 ? { head, body: text.slice(head.size) } : null;
}
