/** The lease of one environment: its addresses and leased ports by key. It must not know what the keys stand for. */

import { addressOf, type EnvironmentLease } from '../core/leases.ts';
import type { LeaseIdentity, LeaseKeeper } from './lease-keeper.ts';

export class LeaseHolder {
  readonly #keeper: LeaseKeeper;
  readonly #identity: LeaseIdentity;
  lease: EnvironmentLease;

  constructor(keeper: LeaseKeeper, identity: LeaseIdentity, lease: EnvironmentLease) {
    this.#keeper = keeper;
    this.#identity = identity;
    this.lease = lease;
  }

  /** Undefined: no address is leased to it (yet). */
  addressOf(key: string): string | undefined {
    return addressOf(this.lease, key);
  }

  /** `pinned`: services run, so their addresses stay whatever others claim. Errors: NO_ADDRESSES_LEFT. */
  async cover(keys: readonly string[], pinned: boolean): Promise<void> {
    this.lease = await this.#keeper.cover(this.#identity, this.lease, keys, pinned);
  }

  /** Errors: NO_ADDRESSES_LEFT. */
  async leasePort(key: string): Promise<number> {
    this.lease = await this.#keeper.leasePort(this.#identity, this.lease, key);
    return this.lease.ports[key] ?? 0;
  }
}
