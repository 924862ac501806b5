/**
 * All environments of this daemon: those on disk, adopted at the start, and those that requests define. It must not know what is
 * done with them.
 */

import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { SwitchRequest, Target, UpRequest } from '../core/api.ts';
import { LoopyardError } from '../core/errors.ts';
import { NO_LEASE } from '../core/leases.ts';
import type { Project, Service } from '../core/model.ts';
import type { SwitchReport } from '../core/naming.ts';
import { environmentPaths } from '../core/paths.ts';
import type { RecipeCatalog } from '../core/recipe.ts';
import type { EnvironmentRef, WatchEvent } from '../core/status.ts';
import { makePrivateDirectory } from '../platform/files.ts';
import { adopt } from './adopt.ts';
import type { Channel } from './channel.ts';
import { Environment } from './environment.ts';
import type { EnvironmentTools } from './environment-tools.ts';
import { identify, realPath } from './identify.ts';
import { holdForOwner, watchOwner } from './owner.ts';
import { isGone, removeDirectory, removeRest } from './removal.ts';
import type { EnvironmentDocument } from './runtime.ts';
import { towardsDown } from './settle.ts';
import { type StateFile, stateFile } from './store.ts';
import { chooseByWord, type Named, ownName, renamings } from './switch.ts';

export class Registry {
  readonly tools: EnvironmentTools;
  readonly #environments = new Map<string, Environment>();

  constructor(tools: EnvironmentTools) {
    this.tools = tools;
  }

  get recipes(): RecipeCatalog {
    return this.tools.recipes;
  }

  all(): readonly Environment[] {
    return [...this.#environments.values()];
  }

  /** Adopts every environment that is on disk. One that cannot be read is reported and left alone. */
  async load(): Promise<void> {
    const { environments } = this.tools.home;
    // Nobody waits for it: it is out of sight.
    void removeRest(environments).catch((error: unknown) => this.tools.report(error));
    for (const id of directories(environments)) {
      try {
        await this.#load(id);
      } catch (error) {
        this.tools.report(error);
      }
    }
  }

  /** The environment that a target means: by id, or by the nearest known checkout upwards. Errors: ENVIRONMENT_NOT_FOUND. */
  find(target: Target): Environment {
    const found =
      target.environment === undefined
        ? this.#findUpwards(target)
        : this.#environments.get(target.environment);
    if (found !== undefined) return found;
    throw new LoopyardError('ENVIRONMENT_NOT_FOUND', {
      path: target.environment ?? target.file ?? target.directory,
    });
  }

  /** The environment of a project, made when it is new. A changed definition of a running service restarts that service. */
  async define(request: Pick<UpRequest, 'directory' | 'inline'>, project: Project): Promise<Environment> {
    const { home, uid } = this.tools;
    const ref = identify({
      root: project.root,
      project: project.name,
      key: keyOf(request, project),
      holder: `${uid}\n${realPath(home.home)}`,
    });
    const known = this.#environments.get(ref.id);
    if (known === undefined) return await this.#create(this.#distinct(ref, project), project);
    await redefine(known, project);
    return known;
  }

  exists(environment: Environment): boolean {
    return existsSync(environment.project.file ?? environment.ref.path);
  }

  /** Errors: ENVIRONMENT_NOT_FOUND, STATE_UNWRITABLE. */
  async switchTo({ to, ...target }: SwitchRequest): Promise<SwitchReport> {
    const all = this.all().map(({ ref, project }) => ({ ref, project: project.name }));
    const chosen = to === undefined ? namedOf(this.find(target)) : chooseByWord(to, all);
    if (chosen === undefined) throw new LoopyardError('ENVIRONMENT_NOT_FOUND', { path: to ?? '' });
    const moved = renamings(chosen, all)
      // Whoever has the plain name gives it up first: it never has two holders, also when this process ends in between.
      .toReversed()
      .map(({ id, name }) => this.#rename(id, name))
      .toReversed();
    this.tools.changed();
    await this.tools.namesSettled();
    const { project, ref } = chosen;
    return { schema: 1, project, environment: this.find({ ...target, environment: ref.id }).ref, moved };
  }

  #rename(id: string, name: string): SwitchReport['moved'][number] {
    const environment = this.find({ directory: '', environment: id });
    const before = environment.ref.name;
    environment.ref = { ...environment.ref, name };
    environment.persist();
    return { environment: environment.ref, before };
  }

  /** Frees addresses, removes data, logs and state. The environment must be down. Nothing happens when that was done before. */
  async forget(environment: Environment): Promise<void> {
    if (this.#environments.get(environment.ref.id) !== environment) return;
    environment.close(true);
    for (const service of environment.project.services)
      this.tools.logs.close(environment.logName(service.name));
    this.tools.keeper.release(environment.ref.id);
    this.#environments.delete(environment.ref.id);
    await removeDirectory(environment.paths.directory);
  }

  /** The owner is gone: what had no file of its own leaves no trace. */
  async #endOwned(environment: Environment): Promise<void> {
    await environment.settled((state) =>
      [...state.lives.keys()].every((name) => towardsDown(state, name) !== 'not-yet'),
    );
    await this.forget(environment);
  }

  holdFor(environment: Environment, request: UpRequest, channel: Channel<WatchEvent>): void {
    holdForOwner(environment, request, channel, () => this.#endOwned(environment));
  }

  closeAll(): void {
    for (const environment of this.all()) environment.close(false);
  }

  async #load(id: string): Promise<void> {
    const file = this.#file(id);
    const document = file.read();
    if (document === null) return;
    const environment = new Environment(this.tools, file, document);
    this.#environments.set(id, environment);
    makeDirectories(environment);
    openLogs(environment);
    await environment.claimAddresses(environment.isRunning());
    await adopt(environment, document);
    watchOwner(environment, () => this.#endOwned(environment));
  }

  async #create(ref: EnvironmentRef, project: Project): Promise<Environment> {
    const environment = new Environment(this.tools, this.#file(ref.id), {
      ref,
      project,
      caller: {},
      owner: null,
      lease: NO_LEASE,
      services: {},
    });
    makeDirectories(environment);
    openLogs(environment);
    this.#environments.set(ref.id, environment);
    environment.listen();
    return environment;
  }

  #file(id: string): StateFile<EnvironmentDocument> {
    const paths = environmentPaths(this.tools.home, id);
    return stateFile<EnvironmentDocument>(paths.state, 1, (error) => this.tools.report(error));
  }

  /** A second clone of a project gets its folder in front of the name while the first holds the plain one. */
  #distinct(ref: EnvironmentRef, { name: project }: Project): EnvironmentRef {
    const taken = new Set(this.all().map((environment) => environment.ref.name));
    return taken.has(ref.name) ? { ...ref, name: ownName({ ref, project }, taken) } : ref;
  }

  #findUpwards(target: Target): Environment | undefined {
    const all = this.all();
    if (target.file !== undefined) return all.find((environment) => environment.project.file === target.file);
    for (let directory = realPath(target.directory); ; directory = dirname(directory)) {
      const here = all.filter((environment) => environment.ref.path === directory);
      // Of several in one directory the one with the usual file is meant.
      const usual = here.find((environment) => isUsual(environment.project)) ?? here[0];
      if (usual !== undefined) return usual;
      if (directory === dirname(directory)) return undefined;
    }
  }
}

function namedOf({ ref, project }: Environment): Named {
  return { ref, project: project.name };
}

/** Other files than the usual one, and projects without a file, are environments of their own in the same directory. */
function keyOf(request: Pick<UpRequest, 'inline'>, project: Project): string {
  if (request.inline !== undefined) return `inline ${request.inline.name}`;
  return isUsual(project) ? '' : (project.file ?? '');
}

function isUsual(project: Project): boolean {
  return project.file !== null && /^loopyard\.ya?ml$/.test(basename(project.file));
}

async function redefine(environment: Environment, project: Project): Promise<void> {
  const before = environment.project;
  const gone = before.services.filter((service) =>
    project.services.every((other) => other.name !== service.name),
  );
  if (gone.length > 0) {
    const names = gone.map((service) => service.name);
    environment.dispatch({ type: 'stop', services: names, force: false });
    await environment.settled((state) => names.every((name) => !isUp(state.lives.get(name)?.life)));
  }
  const changed = project.services.filter((service) => isChanged(before.services, service));
  const doors = before.services.filter(isGuarded);
  environment.redefine(project);
  // A door stands where its service would be: it goes before that comes back.
  if (doors.some(({ name }) => !isGuarded(environment.service(name)))) await environment.tools.linksSettled();
  makeDirectories(environment);
  openLogs(environment);
  const running = changed
    .filter((service) => isUp(environment.life(service.name).life))
    .map((service) => service.name);
  if (running.length > 0) environment.dispatch({ type: 'restart', services: running });
}

function isUp(life: { readonly state: string } | undefined): boolean {
  return life !== undefined && 'run' in life;
}

/** Faults and names are the gateway's affair: no program has to be started again for them. */
function ownText({ names: _, ...service }: Service): string {
  return JSON.stringify(service, (key, value: unknown) => (key === 'faults' ? undefined : value));
}

function isChanged(before: readonly Service[], service: Service): boolean {
  const old = before.find((other) => other.name === service.name);
  return old !== undefined && ownText(old) !== ownText(service);
}

function isGuarded(service: Service | undefined): boolean {
  return service?.access !== undefined;
}

/** Errors: STATE_UNWRITABLE. */
function makeDirectories(environment: Environment): void {
  const { directory, runs, logs } = environment.paths;
  for (const path of [directory, runs, logs]) makePrivateDirectory(path);
}

function openLogs(environment: Environment): void {
  for (const { name } of environment.project.services) {
    environment.tools.logs.open(environment.logName(name), environment.paths.log(name));
  }
}

function directories(path: string): readonly string[] {
  try {
    return readdirSync(path).filter((name) => !isGone(name));
  } catch {
    // No environment yet.
    return [];
  }
}
