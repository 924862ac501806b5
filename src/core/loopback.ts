/**
 * The line that audit and attack never cross: which address literals are this machine's loopback. It must not resolve names, nor accept
 * a spelling that two programs could read differently.
 */

import { contains, formatIp, parseBlock, parseIp } from './ip.ts';

/**
 * True for 127.0.0.0/8 and ::1 in their one usual spelling. `127.1`, `0x7f000001`, `::ffff:127.0.0.1`, zones and brackets are not: what
 * is checked has to be what is dialled, to the letter.
 */
export function isLoopback(literal: string): boolean {
  const ip = parseIp(literal);
  if (ip === null || formatIp(ip) !== literal) return false;
  return BLOCKS.some((block) => block !== null && contains(block, ip));
}

const BLOCKS = [parseBlock('127.0.0.0/8'), parseBlock('::1/128')];
