/**
 * Which loopback addresses and ports an environment holds: the decisions. Blocks of 254 addresses out of 127.64.0.0/10, one
 * address for each key (a service), stable while services come and go. Pure; it must not know how a block is claimed against
 * other daemons (that is asked through `daemon/lease-keeper.ts`).
 */

import { hash53 } from './hash.ts';

/** /24 blocks in 127.64.0.0/10. */
export const BLOCK_COUNT = 64 * 256;
/** Usable addresses of a block: .1 to .254 (.0 and .255 confuse people and some programs). */
const BLOCK_SIZE = 254;

/** Below every usual ephemeral range (Linux 32768-60999, macOS and Windows 49152-65535). */
export const FIRST_LEASED_PORT = 20_000;
export const LAST_LEASED_PORT = 32_767;

export interface EnvironmentLease {
  /** Block numbers, in the order they were leased; slot N is in `blocks[floor(N / 254)]`. */
  readonly blocks: readonly number[];
  /** Key -> slot. A key that is gone keeps its slot until the slots run out. */
  readonly slots: Readonly<Record<string, number>>;
  /** Key (`service/endpoint`) -> leased port. */
  readonly ports: Readonly<Record<string, number>>;
}

export const NO_LEASE: EnvironmentLease = { blocks: [], slots: {}, ports: {} };

/** Block numbers in the order in which `identity` (uid, home and checkout) tries them: all of them, each once. */
export function* blockCandidates(identity: string): Generator<number> {
  const start = hash53(identity) % BLOCK_COUNT;
  // An odd stride visits every number of a power of two once.
  const stride = (hash53(identity, 1) % BLOCK_COUNT) | 1;
  for (let index = 0; index < BLOCK_COUNT; index += 1) yield (start + index * stride) % BLOCK_COUNT;
}

/** Ports in the order in which `identity` tries them. */
export function* portCandidates(identity: string): Generator<number> {
  const count = LAST_LEASED_PORT - FIRST_LEASED_PORT + 1;
  const start = hash53(identity) % count;
  for (let index = 0; index < count; index += 1) yield FIRST_LEASED_PORT + ((start + index) % count);
}

/** `127.64.12` of a block number, in the form people read: the block's addresses without the last part. */
export function blockPrefix(block: number): string {
  return `127.${64 + (block >> 8)}.${block & 255}`;
}

/** The block that an address lies in, or null when it is not one of 127.64.0.0/10. */
export function blockOf(address: string): number | null {
  const match = /^127\.(\d+)\.(\d+)\.\d+$/.exec(address);
  const second = Number(match?.[1]);
  return match === null || second < 64 || second > 127 ? null : (second - 64) * 256 + Number(match[2]);
}

/** How many blocks `keys` services need in all. */
export function blocksNeeded(keys: number): number {
  return Math.max(1, Math.ceil(keys / BLOCK_SIZE));
}

/**
 * Gives every key a slot; those that have one keep it. Slots of keys that are not in `keys` any more are reused only when no
 * fresh one is left. The lease must have `blocksNeeded(keys.length)` blocks.
 */
export function assignSlots(lease: EnvironmentLease, keys: readonly string[]): EnvironmentLease {
  const wanted = new Set(keys);
  const slots: Record<string, number> = { ...lease.slots };
  const capacity = lease.blocks.length * BLOCK_SIZE;
  const taken = new Set(Object.values(slots));
  const spare = Object.keys(slots).filter((key) => !wanted.has(key));
  let next = 0;
  for (const key of keys) {
    if (Object.hasOwn(slots, key)) continue;
    while (taken.has(next)) next += 1;
    const slot = next < capacity ? next : takeFrom(slots, spare);
    if (slot === undefined)
      throw new RangeError(`${keys.length} keys need more than ${lease.blocks.length} blocks`);
    slots[key] = slot;
    taken.add(slot);
  }
  return { ...lease, slots };
}

/** The address leased to `key`, or undefined. */
export function addressOf(lease: EnvironmentLease, key: string): string | undefined {
  // `constructor` is a name like any other.
  const slot = Object.hasOwn(lease.slots, key) ? lease.slots[key] : undefined;
  if (slot === undefined) return undefined;
  const block = lease.blocks[Math.floor(slot / BLOCK_SIZE)];
  return block === undefined ? undefined : `${blockPrefix(block)}.${1 + (slot % BLOCK_SIZE)}`;
}

function takeFrom(slots: Record<string, number>, spare: string[]): number | undefined {
  const key = spare.shift();
  if (key === undefined) return undefined;
  const slot = slots[key];
  delete slots[key];
  return slot;
}
