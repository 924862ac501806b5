/** A fast, well-mixed, non-cryptographic hash, for spreading and short ids. It must not be used where an attacker gains by a clash. */

/** 53 bits of `text` as a safe integer; `seed` gives independent hashes of the same text. */
export function hash53(text: string, seed = 0): number {
  let high = 0xdeadbeef ^ seed;
  let low = 0x41c6ce57 ^ seed;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    high = Math.imul(high ^ code, 2654435761);
    low = Math.imul(low ^ code, 1597334677);
  }
  high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909);
  low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909);
  return 4294967296 * (2097151 & low) + (high >>> 0);
}

/** Ten characters of [0-9a-z]. */
export function shortHash(text: string): string {
  return hash53(text).toString(36).padStart(10, '0').slice(-10);
}
