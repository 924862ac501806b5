/**
 * Which sockets of one port can stand side by side: Linux' rules for listeners with SO_REUSEADDR, as Node and most servers set it.
 * Computed from addresses alone, so it can be said without trying. It must not look at the machine.
 */

/** A server that asks for a port. */
export interface Ask {
  readonly address: string;
  /** Of `::` only: without IPv4 behind it. */
  readonly ipv6Only: boolean;
}

/** False: a listener is in the way. Null: one on `::` may be, and the kernel's tables do not tell whether it takes IPv4 too. */
export function canBind(newcomer: Ask, listeners: readonly { readonly address: string }[]): boolean | null {
  const wanted = reachOf(newcomer.address, newcomer.ipv6Only);
  let answer: boolean | null = true;
  for (const { address } of listeners) {
    if (meets(wanted, reachOf(address, true))) return false;
    // With IPv4 behind it, it would be in the way.
    if (meets(wanted, reachOf(address, false))) answer = null;
  }
  return answer;
}

/** Whether a listener there takes connections to `address`. Null: one on `::`, asked about IPv4. */
export function covers(listener: string, address: string): boolean | null {
  const wanted = reachOf(address, true);
  if (meets(wanted, reachOf(listener, true))) return true;
  return meets(wanted, reachOf(listener, false)) ? null : false;
}

/** `::ffff:127.0.0.1` is 127.0.0.1 in the clothes of the other family. */
export function plainAddress(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/, '');
}

/** For each family: `*` all addresses, one address, or null for none. */
interface Reach {
  readonly v4: string | null;
  readonly v6: string | null;
}

function reachOf(address: string, ipv6Only: boolean): Reach {
  const plain = plainAddress(address);
  if (plain === '0.0.0.0') return { v4: '*', v6: null };
  if (plain === '::') return { v4: ipv6Only ? null : '*', v6: '*' };
  return plain.includes(':') ? { v4: null, v6: plain } : { v4: plain, v6: null };
}

function meets(one: Reach, other: Reach): boolean {
  return overlaps(one.v4, other.v4) || overlaps(one.v6, other.v6);
}

function overlaps(one: string | null, other: string | null): boolean {
  if (one === null || other === null) return false;
  return one === '*' || other === '*' || one === other;
}
