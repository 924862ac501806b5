/** Links that belong to no project, kept in the home: `lo link add`. It must not know who carries their bytes. */

import { type LoopbackPlace, loopbackPlace } from '../../core/alias.ts';
import { LoopyardError } from '../../core/errors.ts';
import type { Fault } from '../../core/fault.ts';
import { type EnvironmentLease, NO_LEASE } from '../../core/leases.ts';
import type { GatewayLink } from '../../core/link.ts';
import { NAME_PATTERN } from '../../core/model.ts';
import type { AddLinkRequest } from '../../core/requests.ts';
import { suggest } from '../../core/suggest.ts';
import type { Platform } from '../../platform/platform.ts';
import { LeaseHolder } from '../lease-holder.ts';
import type { LeaseKeeper } from '../lease-keeper.ts';
import { stateFile } from '../store.ts';

export interface LooseLink {
  readonly name: string;
  readonly listen: LoopbackPlace;
  readonly target: LoopbackPlace;
  readonly faults: readonly Fault[];
}

interface LooseDocument {
  readonly schema: 1;
  readonly lease: EnvironmentLease;
  readonly links: readonly LooseLink[];
}

export interface LooseTools {
  /** `links.json` of the home. */
  readonly file: string;
  /** Differs by user and home. */
  readonly identity: string;
  readonly platform: Platform;
  readonly keeper: LeaseKeeper;
  now(): number;
  report(error: unknown): void;
}

/** What holds their addresses, where others name an environment. */
const HOLDER = 'links';

export class LooseLinks {
  readonly #tools: LooseTools;
  readonly #leases: LeaseHolder;
  #all: readonly LooseLink[];

  constructor(tools: LooseTools) {
    this.#tools = tools;
    const known = this.#file().read();
    this.#all = known?.links ?? [];
    const identity = { text: `${tools.identity}\n${HOLDER}`, environment: HOLDER };
    this.#leases = new LeaseHolder(tools.keeper, identity, known?.lease ?? NO_LEASE);
  }

  all(): readonly LooseLink[] {
    return this.#all;
  }

  /** Holds the addresses that a former daemon leased. */
  async claim(): Promise<void> {
    const keys = this.#all.map(({ name }) => name);
    if (keys.length > 0) await this.#leases.cover(keys, true);
  }

  served(): readonly GatewayLink[] {
    return this.#all.map((link) => ({
      id: `link/${link.name}`,
      listen: link.listen,
      upstream: link.target,
      enabled: true,
      faults: this.faultsOf(link),
    }));
  }

  faultsOf({ faults }: LooseLink): readonly Fault[] {
    const now = this.#tools.now();
    return faults.filter(({ until }) => until === null || until > now);
  }

  find(name: string): LooseLink | undefined {
    return this.#all.find((link) => link.name === name);
  }

  /** Errors: USAGE, LINK_EXISTS, NO_ADDRESSES_LEFT, STATE_UNWRITABLE. */
  async add(request: AddLinkRequest): Promise<LooseLink> {
    const target = loopbackPlace(request.target, 'a link leads to this machine only');
    const name = this.#nameFor(request.name, target);
    const known = this.find(name);
    if (known !== undefined) {
      const details = { name, listen: placeText(known.listen), target: placeText(known.target) };
      throw new LoopyardError('LINK_EXISTS', details);
    }
    const listen =
      request.listen === undefined
        ? await this.#ownPlace(name, target.port)
        : loopbackPlace(request.listen, 'a link listens on this machine only');
    const link: LooseLink = { name, listen, target, faults: [] };
    this.#write([...this.#all, link]);
    return link;
  }

  /** Errors: LINK_UNKNOWN, STATE_UNWRITABLE. */
  remove(name: string): void {
    const left = this.#all.filter((link) => link.name !== name);
    if (left.length === this.#all.length) throw this.#unknown(name);
    this.#write(left);
  }

  /** Errors: STATE_UNWRITABLE. */
  setFaults(name: string, faults: readonly Fault[]): void {
    this.#write(this.#all.map((link) => (link.name === name ? { ...link, faults } : link)));
  }

  /** An address of its own with the target's port; a leased port where that cannot be had. */
  async #ownPlace(name: string, port: number): Promise<LoopbackPlace> {
    await this.#leases.cover([...this.#all.map((link) => link.name), name], true);
    const address = this.#leases.addressOf(name) ?? '127.0.0.1';
    const answer = await this.#tools.platform.tryBind(address, port);
    if (answer.bindable) return { address, port };
    const other = answer.code === 'EADDRNOTAVAIL' ? '127.0.0.1' : address;
    return { address: other, port: await this.#leases.leasePort(name) };
  }

  /** Errors: USAGE. */
  #nameFor(given: string | undefined, { port }: LoopbackPlace): string {
    if (given !== undefined && !(NAME_PATTERN.test(given) && given.length <= 63)) {
      throw new LoopyardError('USAGE', {
        reason: `\`${given}\` is no name for a link`,
        fix: 'lower-case letters, digits and `-`, a letter first: `--name payments`',
      });
    }
    if (given !== undefined) return given;
    const base = `link-${port}`;
    for (let index = 1; ; index += 1) {
      const name = index === 1 ? base : `${base}-${index}`;
      if (this.find(name) === undefined) return name;
    }
  }

  #unknown(name: string): LoopyardError {
    const names = this.#all.map((link) => link.name);
    const near = suggest(name, names);
    const all =
      names.length === 0
        ? 'there is none without a project; those of a project follow its `needs`'
        : `those without a project are: ${names.join(', ')}`;
    return new LoopyardError('LINK_UNKNOWN', {
      link: name,
      fix: near === undefined ? all : `did you mean \`${near}\`?`,
    });
  }

  #write(links: readonly LooseLink[]): void {
    this.#file().write({ schema: 1, lease: this.#leases.lease, links });
    this.#all = links;
  }

  #file(): ReturnType<typeof stateFile<LooseDocument>> {
    return stateFile<LooseDocument>(this.#tools.file, 1, (error) => this.#tools.report(error));
  }
}

export function placeText({ address, port }: LoopbackPlace): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
