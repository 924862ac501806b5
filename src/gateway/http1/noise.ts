/**
 * What can be told of a head that has not come whole: that it will never be one. So whoever speaks another protocol, or waits for an
 * answer to lines that end with LF alone, is told at once and not after a timeout. Pure.
 */

import { CR, LF, TOKEN } from './characters.ts';

/** `from`: where the request begins. TLS on the plain port begins with what is no method. */
export function isNoRequest(bytes: Buffer, from: number): boolean {
  const first = bytes[from];
  if (first === undefined || (first === CR && bytes.length === from + 1)) return false;
  return TOKEN[first] !== 1 || hasBareLineFeed(bytes, from);
}

/** Null: a reply can still become of it. */
export function whyNoReply(bytes: Buffer): string | null {
  const start = bytes.toString('latin1', 0, VERSION.length);
  if (!VERSION.startsWith(start)) return 'it does not speak HTTP/1.1';
  return hasBareLineFeed(bytes, 0) ? 'its reply has lines that end without CR' : null;
}

const VERSION = 'HTTP/1.';

/** Of the first line: later ones are read when all have come. */
function hasBareLineFeed(bytes: Buffer, from: number): boolean {
  const line = bytes.indexOf(LF, from);
  return line >= 0 && bytes[line - 1] !== CR;
}
