/**
 * Leases blocks and ports for environments and holds the claims that keep other daemons (other users, other homes) off them.
 * The decisions are in `core/leases.ts`; this file must not know services' definitions or how state is stored.
 */

import { LoopyardError } from '../core/errors.ts';
import {
  assignSlots,
  blockCandidates,
  blockOf,
  blocksNeeded,
  type EnvironmentLease,
  portCandidates,
} from '../core/leases.ts';
import type { Claim, ListenerFacts, Platform } from '../platform/platform.ts';

export interface LeaseIdentity {
  /** Spreads blocks: differs by user, home and checkout. */
  readonly text: string;
  readonly environment: string;
}

export class LeaseKeeper {
  readonly #platform: Platform;
  /** Claim name -> holder; one entry for each block and port in use by this daemon. */
  readonly #claims = new Map<string, { readonly claim: Claim; readonly environment: string }>();
  /** Work on leases is done one after another: two environments must not choose the same block between look and claim. */
  #queue: Promise<unknown> = Promise.resolve();

  constructor(platform: Platform) {
    this.#platform = platform;
  }

  /**
   * Makes sure that the lease covers `keys` and that its blocks are claimed. `pinned`: services run on these addresses now, so
   * they stay even when another daemon claimed the block meanwhile. Errors: NO_ADDRESSES_LEFT.
   */
  cover(
    identity: LeaseIdentity,
    lease: EnvironmentLease,
    keys: readonly string[],
    pinned: boolean,
  ): Promise<EnvironmentLease> {
    return this.#exclusive(async () => {
      const kept: number[] = [];
      for (const block of lease.blocks) {
        if ((await this.#claim(`block-${block}`, identity.environment)) || pinned) kept.push(block);
      }
      // A block lost to another daemon takes its addresses along: slots count through the blocks in order.
      const base = kept.length === lease.blocks.length ? lease : { ...lease, blocks: kept };
      const blocks = [...base.blocks];
      while (blocks.length < blocksNeeded(keys.length)) blocks.push(await this.#newBlock(identity));
      return assignSlots({ ...base, blocks }, keys);
    });
  }

  /** A port of 20000-32767 that nobody listens on and no other daemon holds; the one it had before when that is still free. */
  leasePort(identity: LeaseIdentity, lease: EnvironmentLease, key: string): Promise<EnvironmentLease> {
    return this.#exclusive(async () => {
      const before = lease.ports[key];
      const candidates = portCandidates(`${identity.text}\n${key}`);
      for (const port of before === undefined ? candidates : [before, ...candidates]) {
        if (!(await this.#claim(`port-${port}`, identity.environment))) continue;
        if (await this.#free(port)) return { ...lease, ports: { ...lease.ports, [key]: port } };
        this.#release(`port-${port}`);
      }
      throw new LoopyardError('NO_ADDRESSES_LEFT');
    });
  }

  /** Gives back all that the environment holds. */
  release(environment: string): void {
    for (const [name, held] of this.#claims) if (held.environment === environment) this.#release(name);
  }

  async #newBlock(identity: LeaseIdentity): Promise<number> {
    for (const block of blockCandidates(identity.text)) {
      const name = `block-${block}`;
      if (this.#claims.has(name)) continue;
      if (!(await this.#claim(name, identity.environment))) continue;
      if (this.#unused(block)) return block;
      this.#release(name);
    }
    throw new LoopyardError('NO_ADDRESSES_LEFT');
  }

  /** A daemon that was killed holds no claim, but its services still listen in their block. */
  #unused(block: number): boolean {
    // Java listens on IPv4 through an IPv6 socket: `::ffff:127.64.0.1`.
    const inBlock = ({ address }: ListenerFacts): boolean =>
      blockOf(address.replace(/^::ffff:/, '')) === block;
    return !this.#platform.listeners().some(inBlock);
  }

  async #free(port: number): Promise<boolean> {
    // The wildcard needs the port on every address: whoever could listen there meets nobody.
    const answer = await this.#platform.tryBind('0.0.0.0', port);
    return answer.bindable;
  }

  async #claim(name: string, environment: string): Promise<boolean> {
    const held = this.#claims.get(name);
    if (held !== undefined) return held.environment === environment;
    const claim = await this.#platform.claim(name);
    if (claim === null) return false;
    this.#claims.set(name, { claim, environment });
    return true;
  }

  #release(name: string): void {
    this.#claims.get(name)?.claim.release();
    this.#claims.delete(name);
  }

  #exclusive<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#queue.then(work);
    // The next one starts whether this one succeeded or not; its own caller sees the error.
    this.#queue = result.catch(() => undefined);
    return result;
  }
}
