/**
 * One environment in the daemon: holds its state, steps the pure machine, carries the effects out, tells its watchers. It must not
 * know requests, config files or other environments.
 */

import {
  type EnvironmentEffect,
  type EnvironmentEvent,
  type EnvironmentState,
  newEnvironment,
  stepEnvironment,
} from '../core/environment.ts';
import type { EnvironmentLease } from '../core/leases.ts';
import { currentRun, type LifeEvent, newLife, type ServiceLife } from '../core/lifecycle.ts';
import type { Project, Service } from '../core/model.ts';
import { type EnvironmentPaths, environmentPaths } from '../core/paths.ts';
import type { EnvironmentRef, EnvironmentStatus, ServiceStatus, Warning } from '../core/status.ts';
import type { RunNews, RunRef } from '../supervisor/supervisor.ts';
import { Alarms } from './alarms.ts';
import { type Described, describeEnvironment, describeService } from './describe.ts';
import { documentOf } from './environment-document.ts';
import type { EnvironmentTools, Finding, Watcher } from './environment-tools.ts';
import type { LaunchRequest } from './launch.ts';
import { launchFacts } from './launch-facts.ts';
import { LeaseHolder } from './lease-holder.ts';
import { EnvironmentLinks } from './links/environment-links.ts';
import { NO_LINK_RECORD } from './links/record.ts';
import { Persister } from './persister.ts';
import { RunKeeper } from './run-keeper.ts';
import { type EnvironmentDocument, NEW_RUNTIME, type Owner, type ServiceRuntime } from './runtime.ts';
import { startupAfter } from './startup.ts';
import type { StateFile } from './store.ts';
import { Watchers } from './watchers.ts';

export class Environment {
  readonly tools: EnvironmentTools;
  readonly paths: EnvironmentPaths;
  ref: EnvironmentRef;
  project: Project;
  state: EnvironmentState;
  caller: Readonly<Record<string, string>>;
  owner: Owner | null;
  readonly leases: LeaseHolder;
  readonly links: EnvironmentLinks;
  readonly runtimes = new Map<string, ServiceRuntime>();
  readonly #persister: Persister;
  readonly #runs: RunKeeper;
  readonly #watchers: Watchers;
  readonly #alarms: Alarms;
  #watch: Disposable | null = null;
  #closed = false;

  constructor(
    tools: EnvironmentTools,
    file: StateFile<EnvironmentDocument>,
    from: Pick<EnvironmentDocument, 'ref' | 'project' | 'caller' | 'owner' | 'lease' | 'services' | 'links'>,
  ) {
    this.tools = tools;
    this.#persister = new Persister(() => file.write(documentOf(this)), tools.report);
    this.ref = from.ref;
    this.project = from.project;
    this.caller = from.caller;
    this.owner = from.owner;
    const text = `${tools.uid}\n${tools.home.home}\n${from.ref.id}`;
    this.leases = new LeaseHolder(tools.keeper, { text, environment: from.ref.id }, from.lease);
    this.paths = environmentPaths(tools.home, from.ref.id);
    const lives = new Map(Object.entries(from.services).map(([name, known]) => [name, known.life]));
    this.links = new EnvironmentLinks(this, from.links ?? NO_LINK_RECORD);
    this.links.define(from.project.services, from.project.externals);
    this.state = newEnvironment(from.project.services, tools.now(), lives, this.links.reach);
    for (const service of from.project.services) {
      this.runtimes.set(service.name, from.services[service.name]?.runtime ?? NEW_RUNTIME);
    }
    this.#watchers = new Watchers((name) => this.#describe(name));
    this.#runs = new RunKeeper(this);
    this.#alarms = new Alarms(tools.now, (service, at) => this.#wake(service, at));
  }

  get described(): Described {
    const { ref, project, state, runtimes, paths, tools } = this;
    const namesOf = (service: string) => tools.namesOf(ref.id, service);
    const { links } = this;
    const { recipes } = tools;
    return { ref, project, state, runtimes, paths, recipes, namesOf, links };
  }

  get lease(): EnvironmentLease {
    return this.leases.lease;
  }

  status(): EnvironmentStatus {
    return describeEnvironment(this.described);
  }

  service(name: string): Service | undefined {
    return this.state.services.get(name);
  }

  life(name: string): ServiceLife {
    return this.state.lives.get(name) ?? newLife(this.tools.now());
  }

  runtime(name: string): ServiceRuntime {
    return this.runtimes.get(name) ?? NEW_RUNTIME;
  }

  /** Of a service, or of the links of a need. */
  addressOf(key: string): string {
    return this.leases.addressOf(this.links.leaseKey(key)) ?? '127.0.0.1';
  }

  launchFacts(service: Service): Omit<LaunchRequest, 'placement'> {
    return launchFacts(this, service);
  }

  /** The name of a service's log in the log book, which serves all environments. */
  logName(service: string): string {
    return `${this.ref.id}/${service}`;
  }

  isRunning(): boolean {
    return [...this.state.lives.values()].some(({ life }) => currentRun(life) !== null);
  }

  runRef(service: string, run: number): RunRef {
    const id = `${service}-${run}`;
    const { links, leases, ref, paths } = this;
    const told = this.runtime(service).placement?.host;
    const addresses = new Set([leases.addressOf(links.leaseKey(service)), told]);
    return { id, directory: paths.runs, mark: `${ref.id}.${id}`, addresses: ownOnly(addresses) };
  }

  /** Starts to hear of pids and exits. To be called once the directories exist, and before anything is launched. */
  listen(): void {
    this.#watch ??= this.tools.supervisor.watch(this.paths.runs, (news) => this.#onNews(news));
  }

  /**
   * Before a start: addresses for every service, claimed; the caller's variables. Errors: NO_ADDRESSES_LEFT, STATE_UNWRITABLE.
   */
  async prepare(caller: Readonly<Record<string, string>>): Promise<void> {
    this.caller = caller;
    await this.tools.authority.ready();
    await this.claimAddresses(this.isRunning());
    // What the run records need to be told from must be on disk before the first process is.
    this.persist();
  }

  /** `pinned`: services run, so their addresses stay whatever others claim. */
  async claimAddresses(pinned: boolean): Promise<void> {
    // Services first: their addresses are the ones that people meet.
    const keys = [...this.project.services.map((service) => service.name), ...this.links.keys];
    await this.leases.cover(keys, pinned);
    this.links.refreshExternal();
  }

  async leasePort(key: string): Promise<number> {
    this.persistSoon();
    return await this.leases.leasePort(key);
  }

  /** Resolves once `test` holds, looked at after each change, or once the environment is removed. */
  settled(test: (state: EnvironmentState) => boolean): Promise<void> {
    if (this.#closed || test(this.state)) return Promise.resolve();
    return new Promise((resolve) => {
      const watching = this.watch((change) => {
        if (!('removed' in change) && !test(this.state)) return;
        watching[Symbol.dispose]();
        resolve();
      });
    });
  }

  /** Takes a new definition of the project; lives of services that stay go on. */
  redefine(project: Project): void {
    this.project = project;
    this.links.define(project.services, project.externals);
    this.state = newEnvironment(project.services, this.tools.now(), this.state.lives, this.links.reach);
    const names = new Set(project.services.map((service) => service.name));
    for (const name of this.runtimes.keys()) if (!names.has(name)) this.runtimes.delete(name);
    for (const name of names) if (!this.runtimes.has(name)) this.runtimes.set(name, NEW_RUNTIME);
  }

  /** Lives as a new daemon found them; nothing is carried out yet. */
  takeLives(lives: ReadonlyMap<string, ServiceLife>): void {
    this.state = newEnvironment(this.project.services, this.tools.now(), lives, this.links.reach);
    this.links.refresh(lives.keys());
  }

  /** Goes on with a service where a former daemon left it. */
  takeUp(service: string, found: Finding): void {
    const { life } = this.life(service);
    const run = currentRun(life);
    if (life.state === 'backoff') this.#alarms.set(service, life.until);
    if (run === null) return;
    const id = `${service}-${run}`;
    switch (found.kind) {
      case 'alive':
        this.#runs.resume(service, run, found.pid);
        break;
      case 'exited':
        this.#runs.onNews(service, run, { kind: 'exit', id, exit: found.exit });
        break;
      case 'lost':
        if (life.state === 'stopping') this.#runs.end(service, run, false);
        else this.#runs.onNews(service, run, { kind: 'lost', id });
        break;
      case 'ending':
        this.#runs.end(service, run, false);
        break;
      case 'nothing':
        break;
      default:
        found satisfies never;
    }
  }

  dispatch(event: EnvironmentEvent): void {
    if (this.#closed) return;
    const before = this.state.lives;
    const step = stepEnvironment(this.state, event, this.tools.now());
    this.state = step.state;
    for (const name of step.changed) this.#noteStartup(name, before.get(name));
    this.links.refresh(step.changed);
    // Needs are part of a status: those who wait for a changed service are told anew.
    for (const name of this.#withDependents(step.changed)) this.#watchers.changed(name);
    if (step.changed.length > 0) this.#changed();
    for (const effect of step.effects) this.#carryOut(effect);
  }

  tellLife(service: string, event: LifeEvent): void {
    this.dispatch({ type: 'service', service, event });
  }

  update(service: string, change: Partial<ServiceRuntime>): void {
    this.runtimes.set(service, { ...this.runtime(service), ...change });
    this.links.refresh([service]);
    this.#watchers.changed(service);
    this.#changed();
  }

  warn(service: string, warning: Warning): void {
    const { warnings } = this.runtime(service);
    if (warnings.some((known) => known.code === warning.code && known.text === warning.text)) return;
    this.update(service, { warnings: [...warnings.filter((known) => known.code !== warning.code), warning] });
  }

  /** Names of its services, or faults of its links, may have changed: for others to know, nothing to keep. */
  renamed(): void {
    for (const name of this.state.services.keys()) this.#watchers.changed(name);
  }

  watch(watcher: Watcher): Disposable {
    return this.#watchers.add(watcher);
  }

  /** Errors: STATE_UNWRITABLE. */
  persist(): void {
    this.#persister.now();
  }

  persistSoon(): void {
    this.#persister.soon();
  }

  persistQuietly(): void {
    this.#persister.quietly();
  }

  /** Lets go of everything but the services themselves. */
  close(removed: boolean): void {
    if (!removed) this.persistQuietly();
    this.#closed = true;
    this.#persister.close();
    this.#alarms.close();
    this.#watch?.[Symbol.dispose]();
    this.#runs.close();
    if (removed) this.#watchers.removed();
    this.tools.changed();
  }

  #changed(): void {
    this.persistSoon();
    this.tools.changed();
  }

  #describe(name: string): ServiceStatus | null {
    const service = this.state.services.get(name);
    return service === undefined ? null : describeService(this.described, service);
  }

  #carryOut(effect: EnvironmentEffect): void {
    switch (effect.type) {
      case 'launch':
        this.#runs.launch(effect.service, effect.run);
        break;
      case 'end':
        this.#runs.end(effect.service, effect.run, effect.force);
        break;
      case 'sweep':
        this.#runs.sweep(effect.service, effect.run);
        break;
      case 'wake-at':
        this.#alarms.set(effect.service, effect.at);
        break;
      default:
        effect satisfies never;
    }
  }

  #wake(service: string, at: number): void {
    const { life } = this.life(service);
    // An alarm of an earlier pause must not cut a later one short.
    if (life.state === 'backoff' && life.until === at) this.tellLife(service, { type: 'wake' });
  }

  #onNews(news: RunNews): void {
    const match = /^(.+)-(\d+)$/.exec(news.id);
    const service = match?.[1];
    if (service === undefined) return;
    this.#runs.onNews(service, Number(match?.[2]), news);
  }

  #noteStartup(name: string, before: ServiceLife | undefined): void {
    const startupMs = startupAfter(before, this.life(name));
    if (startupMs !== undefined) this.runtimes.set(name, { ...this.runtime(name), startupMs });
  }

  #withDependents(changed: readonly string[]): ReadonlySet<string> {
    const all = new Set(changed);
    if (!this.#watchers.any) return all;
    for (const name of changed)
      for (const dependent of this.state.graph.dependents.get(name) ?? []) all.add(dependent);
    return all;
  }
}

/** 127.0.0.1 is everybody's. */
function ownOnly(addresses: Iterable<string | undefined>): readonly string[] {
  return [...addresses].flatMap((one) => (one === undefined || one === '127.0.0.1' ? [] : [one]));
}
