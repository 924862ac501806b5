/**
 * The daemon's process: takes the home's lock, adopts what runs, then serves until it is told to end. One of the two places that
 * may end a process. It must not know requests.
 */

import { randomInt } from 'node:crypto';
import { writeSync } from 'node:fs';
import { userInfo } from 'node:os';
import { currentHome } from '../client/home.ts';
import type { RouteName } from '../core/api.ts';
import { distDirectory } from '../core/dist.ts';
import { LoopyardError } from '../core/errors.ts';
import type { Service } from '../core/model.ts';
import { gatewayPaths, type HomePaths } from '../core/paths.ts';
import { type DaemonInfo, SCHEMA_VERSION } from '../core/status.ts';
import { FAULTS } from '../gateway/faults/all.ts';
import { currentPlatform } from '../platform/current.ts';
import { makePrivateDirectory } from '../platform/files.ts';
import type { Platform } from '../platform/platform.ts';
import { RECIPES } from '../recipes/all.ts';
import { createSupervisor } from '../supervisor/create.ts';
import { createLogBook } from '../supervisor/logs/log-book.ts';
import { Aliases } from './aliases.ts';
import { certificateTools, NO_AUTHORITY, serviceAuthority } from './authority/tools.ts';
import { Engine, type EngineFacts } from './engine.ts';
import type { ServiceNames } from './environment-tools.ts';
import { GatewayKeeper } from './gateway-keeper.ts';
import { holderOf, type NameWishes } from './gateway-routes.ts';
import { LeaseKeeper } from './lease-keeper.ts';
import { placeElsewhere } from './links/elsewhere.ts';
import { LinkDesk } from './links/link-desk.ts';
import { LooseLinks } from './links/loose-links.ts';
import { areWanted, servedLinks, tellLinks } from './links/served.ts';
import { lockHome } from './lock.ts';
import { NameBook } from './name-book.ts';
import { capOwnLog } from './own-log.ts';
import { Registry } from './registry.ts';
import { createApiServer } from './server.ts';
import { type ServedSocket, serveSocket } from './socket.ts';

/** Ends with code 0 when another daemon of this home lives: whoever started this one finds that one. */
async function main(): Promise<void> {
  const home = currentHome();
  const platform = currentPlatform();
  const { uid } = userInfo();
  makePrivateDirectory(home.home);
  makePrivateDirectory(home.environments);
  const lock = await lockHome(platform, home);
  if (lock === null) return;
  capOwnLog(home.daemonLog, report);
  let gateway: GatewayKeeper | null = null;
  const environments = () => registry.all().map((environment) => environment.status());
  const names: NameBook = new NameBook({
    snapshot: gatewayPaths(home).snapshot,
    wishes: () => wishes(),
  });
  const declared = declaredNames(() => registry);
  const wishes = () => ({ environments: environments(), aliases: aliases.all(), ...declared });
  const namesOf = (id: string): ServiceNames => ({
    urls: gateway?.urlsOf(id) ?? [],
    warnings: gateway === null ? [] : names.warningsOf(id),
  });
  const registry: Registry = openRegistry(home, {
    platform,
    uid,
    gateway: () => gateway,
    gatewayPid: () => keeper?.pid ?? null,
    namesOf,
  });
  const loose = looseLinks(home, uid, platform, registry);
  const keeper: GatewayKeeper | null = openGateway(home, registry, loose, names);
  // Before anything is ended: what the gateway listens on is no run's.
  await keeper?.meet();
  await loose.claim();
  await registry.load();
  // Only now: what was adopted is told in one piece.
  const aliases: Aliases = new Aliases({
    file: `${home.home}/aliases.json`,
    holderOf: (name) => holderOf(name, wishes()),
    urlsOf: (id) => gateway?.urlsOf(id) ?? [],
    doors: () => gateway?.status?.doors ?? [],
    holderFor: (id) => names.holderFor(id),
    changed: async () => {
      gateway?.changed();
      await gateway?.settled();
    },
    report,
  });
  gateway = keeper;
  gateway?.changed();
  const links = new LinkDesk({
    platform,
    loose,
    kinds: FAULTS,
    gateway,
    all: () => registry.all(),
    find: (target) => registry.find(target),
    now: Date.now,
    seed: () => randomInt(2 ** 32),
    report,
  });
  await serve(home, registry, { gateway, aliases, links });
}

/** What configs say of names. */
function declaredNames(registry: () => Registry): Pick<NameWishes, 'rulesOf' | 'speaksHttp'> {
  const serviceOf = (id: string, name: string): Service | undefined =>
    registry()
      .all()
      .find(({ ref }) => ref.id === id)
      ?.service(name);
  return {
    rulesOf: (id, name) => serviceOf(id, name)?.names ?? [],
    speaksHttp: (id, name) => {
      const service = serviceOf(id, name);
      // Whoever opens a name is nobody declared.
      return service?.endpoints[0]?.protocol === 'http' && service.access === undefined;
    },
  };
}

function looseLinks(home: HomePaths, uid: number, platform: Platform, registry: Registry): LooseLinks {
  return new LooseLinks({
    file: `${home.home}/links.json`,
    identity: `${uid}\n${home.home}`,
    platform,
    keeper: registry.tools.keeper,
    now: Date.now,
    report,
  });
}

/** Null: `LOOPYARD_GATEWAY=off`, for machines where no name is to be served. */
function openGateway(
  home: HomePaths,
  registry: Registry,
  loose: LooseLinks,
  names: NameBook,
): GatewayKeeper | null {
  if (process.env.LOOPYARD_GATEWAY === 'off') return null;
  const paths = gatewayPaths(home);
  return new GatewayKeeper({
    paths,
    program: `${registry.tools.distDir}/gateway.js`,
    build: __LOOPYARD_BUILD__,
    routes: () => names.look().routes,
    shown: () => names.lost,
    links: (revision) => {
      const all = registry.all();
      const links = [...servedLinks(all, revision), ...loose.served()];
      return { links, wanted: loose.all().length > 0 || areWanted(all) };
    },
    told: (links, asOf) => tellLinks(registry.all(), links, asOf),
    failed: (reason) => {
      for (const environment of registry.all()) environment.links.failed(reason);
    },
    certificateFor: async (names) => {
      const { certificateFor } = await import('./authority/certificates.ts');
      return await certificateFor(certificateTools(home, report), names);
    },
    renamed: () => {
      for (const environment of registry.all()) environment.renamed();
    },
    report,
  });
}

interface RegistryFacts {
  readonly platform: Platform;
  readonly uid: number;
  gateway(): GatewayKeeper | null;
  gatewayPid(): number | null;
  namesOf(id: string): ServiceNames;
}

function openRegistry(
  home: HomePaths,
  { platform, uid, gateway, gatewayPid, namesOf }: RegistryFacts,
): Registry {
  const now = Date.now;
  // Warnings of a log reach the environment that it belongs to; the log's name starts with the environment's id.
  const logs = createLogBook({
    platform,
    now,
    warn: (name, warning) => {
      const slash = name.indexOf('/');
      const environment = registry.all().find((one) => one.ref.id === name.slice(0, slash));
      environment?.warn(name.slice(slash + 1), warning);
    },
  });
  const registry: Registry = new Registry({
    platform,
    logs,
    now,
    supervisor: createSupervisor({
      platform,
      lines: (file, from, signal) => logs.lines(file, from, signal),
      noMember: (pid) => pid === gatewayPid(),
    }),
    keeper: new LeaseKeeper(platform),
    recipes: RECIPES,
    faultKinds: FAULTS,
    home,
    distDir: distDirectory(import.meta.url, process.env.LOOPYARD_DIST),
    uid,
    changed: (soon) => gateway()?.changed(soon),
    linksServed: process.env.LOOPYARD_GATEWAY !== 'off',
    authority: process.env.LOOPYARD_GATEWAY === 'off' ? NO_AUTHORITY : serviceAuthority(home, report),
    placeElsewhere: (target) => placeElsewhere(registry.all(), target),
    links: () => gateway()?.status?.links ?? [],
    namesSettled: async () => await gateway()?.settled(),
    linksSettled: async () => {
      gateway()?.changed('at-once');
      await gateway()?.settled();
    },
    namesOf: (environment, service) => namesOf(`${environment}/${service}`),
    report,
  });
  return registry;
}

async function serve(
  home: HomePaths,
  registry: Registry,
  parts: Pick<EngineFacts, 'gateway' | 'aliases' | 'links'>,
): Promise<void> {
  const started = new Date().toISOString();
  const info = (): Omit<DaemonInfo, 'environments' | 'running'> => ({
    schema: SCHEMA_VERSION,
    version: __LOOPYARD_VERSION__,
    build: __LOOPYARD_BUILD__,
    pid: process.pid,
    started,
    namespaces: registry.tools.platform.namespaces(),
    home: home.home,
    socket: home.socket,
    log: home.daemonLog,
  });
  let served: ServedSocket | null = null;
  let ending = false;
  const end = (): void => {
    if (ending) return;
    ending = true;
    registry.closeAll();
    parts.gateway?.close();
    void served?.close().finally(() => process.exit(0));
  };
  const workbench = new Engine({ registry, info, ...parts });
  const replied = (route: RouteName): void => {
    if (route === 'shutdown') end();
  };
  served = await serveSocket(home, () => createApiServer({ workbench, replied, report }), report);
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, end);
}

/** The daemon's standard error is its log file, which may lie on a full disk: then what it would say is lost, and nothing else. */
function report(error: unknown): void {
  const words =
    error instanceof LoopyardError
      ? `${error.code}: ${error.message}`
      : error instanceof Error
        ? error.stack
        : String(error);
  try {
    writeSync(process.stderr.fd, `${new Date().toISOString()} ${words}\n`);
  } catch {
    // Nowhere else to say it.
  }
}

main().catch((error: unknown) => {
  report(error);
  process.exit(1);
});
