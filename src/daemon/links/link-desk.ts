/**
 * Answers what is asked about links and faults, of environments and of those without a project. It must not know transports, nor how
 * a link comes to its address.
 */

import { setTimeout as pause } from 'node:timers/promises';
import { LoopyardError } from '../../core/errors.ts';
import type { Fault, FaultKind, FaultStatus } from '../../core/fault.ts';
import { checkFault, showFault } from '../../core/fault-words.ts';
import type { GatewayStatus } from '../../core/gateway.ts';
import type { GatewayHolding } from '../../core/gateway-holding.ts';
import type { LinkDocument, LinkList, UndeclaredCaller } from '../../core/link-list.ts';
import type { LinkSpec } from '../../core/links.ts';
import type {
  AddFaultRequest,
  AddLinkRequest,
  RemoveFaultsRequest,
  RemoveLinkRequest,
  Target,
} from '../../core/requests.ts';
import type { EnvironmentStatus } from '../../core/status.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Environment } from '../environment.ts';
import type { GatewayKeeper } from '../gateway-keeper.ts';
import { withCallers, withRefused } from './caller-warnings.ts';
import { undeclaredCallers } from './callers.ts';
import { documentOf, looseDocument } from './link-document.ts';
import { type LooseLink, type LooseLinks, placeText } from './loose-links.ts';
import { unknownFault, unknownLink } from './mistakes.ts';

export interface DeskTools {
  readonly platform: Platform;
  readonly loose: LooseLinks;
  readonly kinds: readonly FaultKind[];
  readonly gateway: GatewayKeeper | null;
  all(): readonly Environment[];
  /** Errors: ENVIRONMENT_NOT_FOUND. */
  find(target: Target): Environment;
  now(): number;
  /** A whole number below 2^32. */
  seed(): number;
  report(error: unknown): void;
}

/** In ms. */
const LOOK_AGAIN_MS = 1000;

type Chosen =
  | { readonly kind: 'own'; readonly environment: Environment; readonly spec: LinkSpec }
  | { readonly kind: 'loose'; readonly link: LooseLink };

export class LinkDesk {
  readonly #tools: DeskTools;

  constructor(tools: DeskTools) {
    this.#tools = tools;
  }

  /** Errors: ENVIRONMENT_NOT_FOUND when one was named. */
  async links(target: Target): Promise<LinkList> {
    const environment = this.#environmentOf(target);
    const status = (await this.#tools.gateway?.look()) ?? null;
    const own = environment === null ? [] : [environment];
    return {
      ...this.#list(own.flatMap(allLinks), this.#tools.loose.all(), status),
      undeclared: environment === null ? [] : this.#callers(environment).filter(isTelling(environment)),
    };
  }

  /**
   * With warnings of those who call a service without a link, where they are services or it is guarded (that a person's own tool does
   * is none elsewhere), and of those who were refused.
   */
  status(environment: Environment, gateway: GatewayStatus | null): EnvironmentStatus {
    const status = environment.status();
    try {
      const links = this.#list(allLinks(environment), [], gateway).links;
      return withRefused(withCallers(status, this.#callers(environment)), links, this.#tools.now());
    } catch (error) {
      // What the services are doing is to be told all the same.
      this.#tools.report(error);
      return status;
    }
  }

  #callers(environment: Environment): readonly UndeclaredCaller[] {
    const { platform, gateway, all } = this.#tools;
    if (gateway === null) return [];
    const ours = new Set([process.pid, gateway.pid ?? process.pid]);
    return undeclaredCallers(platform, all(), [environment], ours);
  }

  /** The gateway's listeners, for those who look at the machine; null: none runs. */
  holding(): GatewayHolding | null {
    // Also of one that listens already and has not told of itself yet.
    const pid = this.#tools.gateway?.pid ?? null;
    if (pid === null) return null;
    const own = this.#tools.all().flatMap(({ ref: environment, links }) =>
      links.specs.flatMap(({ name: link, from: caller, to: service, endpoint }) => {
        const place = links.placeOf(caller, service, endpoint);
        return place === null ? [] : [{ link, environment, service, caller, ...place }];
      }),
    );
    const loose = this.#tools.loose
      .all()
      .map(({ name: link, listen }) => ({ link, environment: null, service: null, caller: null, ...listen }));
    return { pid, links: [...own, ...loose] };
  }

  async *watch(target: Target): AsyncGenerator<LinkList, void> {
    for (;;) {
      yield await this.links(target);
      // Whoever looks wants rates, which change all the time; nobody looks: nothing is asked.
      await pause(LOOK_AGAIN_MS);
    }
  }

  /** Errors: USAGE, LINK_EXISTS, LINK_REFUSED, LINKS_OFF, NO_ADDRESSES_LEFT, STATE_UNWRITABLE. */
  async addLink(request: AddLinkRequest): Promise<LinkList> {
    const { gateway, loose } = this.#tools;
    if (gateway === null) throw new LoopyardError('LINKS_OFF');
    const link = await loose.add(request);
    const status = await this.#served();
    const found = status?.links.find(({ id }) => id === `link/${link.name}`);
    if (found?.listening !== true) {
      loose.remove(link.name);
      await this.#served();
      const reason = found?.error ?? 'the gateway does not answer';
      throw new LoopyardError('LINK_REFUSED', {
        name: link.name,
        listen: placeText(link.listen),
        reason,
        fix: `\`lo why ${link.listen.port}\` says who is there; without --listen it gets an address of its own`,
      });
    }
    return this.#list([], [link], status);
  }

  /** Errors: LINK_UNKNOWN, STATE_UNWRITABLE. */
  async removeLink({ name }: RemoveLinkRequest): Promise<LinkList> {
    this.#tools.loose.remove(name);
    return this.#list([], this.#tools.loose.all(), await this.#served());
  }

  /** Errors: FAULT_INVALID, LINK_UNKNOWN, ENVIRONMENT_NOT_FOUND, STATE_UNWRITABLE. */
  async addFault(request: AddFaultRequest): Promise<LinkList> {
    const { kinds, now, seed } = this.#tools;
    const chosen = this.#choose(request, request.link);
    const checked = checkFault(request.fault, kinds, { now: now(), seed: seed() });
    if (!checked.ok) {
      const [first, ...more] = checked.problems;
      const details = { reason: first?.message ?? '', fix: first?.hint ?? '' };
      throw new LoopyardError(
        'FAULT_INVALID',
        details,
        more.map(({ message }) => message),
      );
    }
    this.#put(chosen, checked.fault);
    return this.#chosenList([chosen], await this.#served());
  }

  /** Errors: LINK_UNKNOWN, FAULT_UNKNOWN, ENVIRONMENT_NOT_FOUND, STATE_UNWRITABLE. */
  async removeFaults(request: RemoveFaultsRequest): Promise<LinkList> {
    const { link, name } = request;
    const chosen = link === undefined ? this.#everything(request) : [this.#choose(request, link)];
    for (const one of chosen) {
      const names = this.#faultsOf(one).map((fault) => fault.name);
      if (name !== undefined && !names.includes(name)) throw unknownFault(name, link ?? '', names);
      if (names.length > 0) this.#take(one, name === undefined ? names : [name]);
    }
    return this.#chosenList(chosen, await this.#served());
  }

  /** Null: no environment is meant, and links without a project are all there is. */
  #environmentOf(target: Target): Environment | null {
    try {
      return this.#tools.find(target);
    } catch (error) {
      const named = target.environment !== undefined || target.file !== undefined;
      if (named || !(error instanceof LoopyardError)) throw error;
      return null;
    }
  }

  #choose(target: Target, name: string): Chosen {
    const link = this.#tools.loose.find(name);
    if (link !== undefined) return { kind: 'loose', link };
    const loose = this.#tools.loose.all();
    // Of an environment by its form, so that is what is missing when there is nothing else.
    const meansOwn = name.includes(':') && loose.length === 0;
    const environment = meansOwn ? this.#tools.find(target) : this.#environmentOf(target);
    const spec = environment?.links.specs.find((one) => one.name === name || fullName(one) === name);
    if (environment !== null && spec !== undefined) return { kind: 'own', environment, spec };
    throw unknownLink(name, environment, loose, this.#tools.gateway !== null);
  }

  #everything(target: Target): readonly Chosen[] {
    const environment = this.#environmentOf(target);
    const own = environment === null ? [] : allLinks(environment);
    return [...own, ...this.#tools.loose.all().map((link): Chosen => ({ kind: 'loose', link }))];
  }

  #faultsOf(chosen: Chosen): readonly Fault[] {
    return chosen.kind === 'own'
      ? chosen.environment.links.faultsOf(chosen.spec)
      : this.#tools.loose.faultsOf(chosen.link);
  }

  #put(chosen: Chosen, fault: Fault): void {
    if (chosen.kind === 'own') {
      chosen.environment.links.faults.add(chosen.spec.name, fault, this.#tools.now());
      faultsChanged(chosen);
      return;
    }
    const others = this.#faultsOf(chosen).filter(({ name }) => name !== fault.name);
    this.#tools.loose.setFaults(chosen.link.name, [...others, fault]);
  }

  #take(chosen: Chosen, names: readonly string[]): void {
    if (chosen.kind === 'own') {
      chosen.environment.links.faults.remove(chosen.spec.name, names, chosen.spec.faults);
      faultsChanged(chosen);
      return;
    }
    const left = this.#faultsOf(chosen).filter(({ name }) => !names.includes(name));
    this.#tools.loose.setFaults(chosen.link.name, left);
  }

  /** Resolves with what the gateway tells once all is served, or cannot be for now. */
  async #served(): Promise<GatewayStatus | null> {
    const { gateway } = this.#tools;
    gateway?.changed('at-once');
    await gateway?.settled();
    return (await gateway?.look()) ?? null;
  }

  #chosenList(chosen: readonly Chosen[], status: GatewayStatus | null): LinkList {
    const own = chosen.filter((one) => one.kind === 'own');
    const names = chosen.flatMap((one) => (one.kind === 'loose' ? [one.link.name] : []));
    const loose = this.#tools.loose.all().filter(({ name }) => names.includes(name));
    return this.#list(own, loose, status);
  }

  #statuses(link: LooseLink): readonly FaultStatus[] {
    const { kinds, loose } = this.#tools;
    const { name } = link;
    return loose.faultsOf(link).map((fault) => ({ ...fault, link: name, text: showFault(fault, kinds) }));
  }

  #list(
    own: readonly (Chosen & { readonly kind: 'own' })[],
    loose: readonly LooseLink[],
    status: GatewayStatus | null,
  ): LinkList {
    const byId = new Map((status?.links ?? []).map((one) => [one.id, one]));
    const links: readonly LinkDocument[] = [
      ...own.map(({ environment, spec }) => documentOf(environment, spec, byId)),
      ...loose.map((link) => looseDocument(link, this.#statuses(link), byId)),
    ];
    return { schema: 1, links, undeclared: [], lagMs: status?.lagMs ?? null };
  }
}

function allLinks(environment: Environment): readonly (Chosen & { readonly kind: 'own' })[] {
  return environment.links.specs.map((spec) => ({ kind: 'own', environment, spec }));
}

/** Browsers and the like go to services that nothing links to; where others have a link, whoever has none is worth a line. */
function isTelling({ links }: Environment): (caller: UndeclaredCaller) => boolean {
  const linked = new Set(links.specs.map(({ to }) => to));
  return ({ service, to }) => service !== null || linked.has(to);
}

function faultsChanged({ environment }: Chosen & { readonly kind: 'own' }): void {
  // On disk before it is in force: what slows a program down must not be forgotten.
  environment.persist();
  environment.renamed();
}

/** The first endpoint may be named too. */
function fullName({ name, endpoint }: LinkSpec): string {
  return name.includes('/') ? name : `${name}/${endpoint}`;
}
