/**
 * Writes a message, or a part of one: what it is given may be gone when it returns, so few bytes become one text, which costs a single
 * write, and many are copied. It must not know requests from replies.
 */

/** Below this a text costs less than a buffer. */
const ONE_TEXT = 16_384;

/** A text is latin1. False: it does not keep up. */
interface TakesBytes {
  write(data: string | Buffer): boolean;
}

export interface Outgoing {
  /** Latin1; '' when it was written before. */
  readonly head: string;
  readonly pieces: readonly Buffer[];
  /** The pieces are one chunk. */
  readonly chunked: boolean;
  /** Nothing follows. */
  readonly last: boolean;
}

/** False: the socket does not keep up. */
export function writeMessage(outflow: TakesBytes, { head, pieces, chunked, last }: Outgoing): boolean {
  if (pieces.length === 0 && !chunked) return outflow.write(head);
  let size = 0;
  for (const piece of pieces) size += piece.length;
  const before = chunked && size > 0 ? `${head}${size.toString(16)}\r\n` : head;
  const after = chunked ? `${size > 0 ? '\r\n' : ''}${last ? '0\r\n\r\n' : ''}` : '';
  if (before.length + size + after.length > ONE_TEXT)
    return outflow.write(asBuffer(before, pieces, size, after));
  let text = before;
  for (const piece of pieces) text += piece.toString('latin1');
  return outflow.write(text + after);
}

function asBuffer(before: string, pieces: readonly Buffer[], size: number, after: string): Buffer {
  const whole = Buffer.allocUnsafeSlow(before.length + size + after.length);
  let at = whole.write(before, 0, 'latin1');
  for (const piece of pieces) at += piece.copy(whole, at);
  whole.write(after, at, 'latin1');
  return whole;
}
