/**
 * Implements `Workbench`: finds the environment that a request means and hands the work to it. Wires the rooms; decides nothing
 * that `core/` can decide. It must not know transports.
 */

import { homedir } from 'node:os';
import { personOf } from '../client/home.ts';
import type {
  AddFaultRequest,
  AddLinkRequest,
  AliasRequest,
  AuthorityRequest,
  ConnectRequest,
  DoorsRequest,
  DownRequest,
  EnvRequest,
  ExplainRequest,
  LogsRequest,
  PortsRequest,
  RemoveFaultsRequest,
  RemoveLinkRequest,
  ServiceRequest,
  ServicesRequest,
  ShutdownRequest,
  StartRequest,
  SwitchRequest,
  Target,
  UpRequest,
  WhyRequest,
  Workbench,
} from '../core/api.ts';
import type { TrafficReport } from '../core/gateway.ts';
import { closure } from '../core/graph.ts';
import type { ExplainReport, HoldingList, PortsEvent, PortsReport, WhyReport } from '../core/inspection.ts';
import type { LinkList } from '../core/link-list.ts';
import type { AliasList, AuthorityReport, SwitchReport } from '../core/naming.ts';
import { gatewayPaths } from '../core/paths.ts';
import type { DoorList } from '../core/setup.ts';
import type {
  CleanReport,
  ClientCommand,
  DaemonInfo,
  DoctorReport,
  EnvironmentList,
  EnvironmentStatus,
  LogLine,
  ServiceEnvironment,
  WatchEvent,
} from '../core/status.ts';
import { doctor } from '../inspector/doctor/doctor.ts';
import { createInspector } from '../inspector/inspector.ts';
import type { Aliases } from './aliases.ts';
import { certificateTools } from './authority/tools.ts';
import type { Channel } from './channel.ts';
import { cleanUp } from './clean.ts';
import { commandVariables, connectCommand, variablesOf } from './commands.ts';
import { summarize } from './describe.ts';
import { ownFacts } from './doctor.ts';
import type { Environment } from './environment.ts';
import type { GatewayKeeper } from './gateway-keeper.ts';
import { holdingsOf } from './holdings.ts';
import { declareCommand } from './links/declared-commands.ts';
import type { LinkDesk } from './links/link-desk.ts';
import { readLogs } from './log-stream.ts';
import { projectOf } from './project.ts';
import type { Registry } from './registry.ts';
import { checkServices } from './select.ts';
import { towardsDown, towardsUp } from './settle.ts';
import { allOf, forgetsAll, stopWhole, untilDown } from './stopping.ts';
import { channelOf, follow } from './streams.ts';
import { trafficOf } from './traffic.ts';
import { wipeChosen, wipeOwn } from './wipe.ts';

export interface EngineFacts {
  readonly registry: Registry;
  readonly gateway: GatewayKeeper | null;
  readonly aliases: Aliases;
  readonly links: LinkDesk;
  info(): Omit<DaemonInfo, 'environments' | 'running'>;
}

export class Engine implements Workbench {
  readonly #registry: Registry;
  readonly #facts: EngineFacts;
  readonly #inspector: ReturnType<typeof createInspector>;

  constructor(facts: EngineFacts) {
    this.#registry = facts.registry;
    this.#facts = facts;
    this.#inspector = createInspector({
      platform: facts.registry.tools.platform,
      holdings: () => holdingsOf(this.#registry.all()),
      gateway: () => facts.links.holding(),
      now: Date.now,
      homeDirectory: homedir(),
    });
  }

  async info(): Promise<DaemonInfo> {
    const all = this.#registry.all();
    const running = all.reduce(
      (sum, environment) =>
        sum + [...environment.state.lives.values()].filter(({ life }) => 'run' in life).length,
      0,
    );
    return { ...this.#facts.info(), environments: all.length, running };
  }

  up(request: UpRequest): AsyncIterable<WatchEvent> {
    return channelOf(async (channel) => {
      const project = await projectOf(request, this.#registry.tools);
      const environment = await this.#registry.define(request, project);
      const asked = checkServices(environment, request.services);
      const services = [...closure(environment.state.graph, asked)];
      await environment.prepare(request.variables);
      this.#registry.holdFor(environment, request, channel);
      environment.dispatch({ type: 'start', services: asked });
      environment.persist();
      follow(environment, channel, { services, towards: towardsUp }, request.untilSettled);
    });
  }

  down(request: DownRequest): AsyncIterable<WatchEvent> {
    return channelOf(async (channel) => {
      const environment = this.#registry.find(request);
      const services =
        request.services.length === 0 ? allOf(environment) : checkServices(environment, request.services);
      if (request.forget && services.length < allOf(environment).length) throw forgetsAll();
      if (request.services.length === 0) {
        environment.owner = null;
        // The next `up` begins with what the config says.
        environment.links.faults.forget();
      }
      this.#stop(environment, services, request.force, channel, !request.forget);
      if (!request.forget) return;
      await untilDown(environment, services);
      await this.#registry.forget(environment);
    });
  }

  start(request: StartRequest): AsyncIterable<WatchEvent> {
    return channelOf(async (channel) => {
      const environment = await this.#refreshed(request);
      const asked = checkServices(environment, request.services);
      const services = [...closure(environment.state.graph, asked)];
      await environment.prepare(request.variables);
      environment.dispatch({ type: 'start', services: asked });
      environment.persist();
      follow(environment, channel, { services, towards: towardsUp }, true);
    });
  }

  stop(request: ServicesRequest): AsyncIterable<WatchEvent> {
    return channelOf(async (channel) => {
      const environment = this.#registry.find(request);
      this.#stop(environment, checkServices(environment, request.services), false, channel, true);
    });
  }

  restart(request: StartRequest): AsyncIterable<WatchEvent> {
    return channelOf(async (channel) => {
      const environment = await this.#refreshed(request);
      const services = checkServices(environment, request.services);
      await environment.prepare(request.variables);
      environment.dispatch({ type: 'restart', services });
      environment.persist();
      follow(environment, channel, { services, towards: towardsUp }, true);
    });
  }

  async ps(request: Target): Promise<EnvironmentStatus> {
    const environment = this.#registry.find(request);
    const { gateway } = await this.traffic();
    const status = this.#facts.links.status(environment, gateway);
    return { ...status, traffic: trafficOf(gateway, status.environment.id) };
  }

  async ls(): Promise<EnvironmentList> {
    const environments = this.#registry
      .all()
      .map((environment) =>
        summarize(environment.described, environment.lease, this.#registry.exists(environment)),
      );
    return { schema: 1, environments };
  }

  watch(request: Target): AsyncIterable<WatchEvent> {
    return channelOf(async (channel) => follow(this.#registry.find(request), channel, null, false));
  }

  logs(request: LogsRequest): AsyncIterable<readonly LogLine[]> {
    const environment = this.#registry.find(request);
    return readLogs(environment, checkServices(environment, request.services), request);
  }

  async env(request: EnvRequest): Promise<ServiceEnvironment> {
    const environment = this.#registry.find(request);
    declareCommand(environment, request.pid);
    if (request.service === null) return commandVariables(environment, request.variables);
    const [service = ''] = checkServices(environment, [request.service]);
    return variablesOf(environment, service, request.variables);
  }

  async connect(request: ConnectRequest): Promise<ClientCommand> {
    const environment = this.#registry.find(request);
    declareCommand(environment, request.pid);
    const [service = ''] = checkServices(environment, [request.service]);
    return connectCommand(environment, service, request.variables);
  }

  async reset(request: ServiceRequest): Promise<EnvironmentStatus> {
    const environment = this.#registry.find(request);
    const [service = ''] = checkServices(environment, [request.service]);
    environment.dispatch({ type: 'stop', services: [service], force: false });
    await untilDown(environment, [service]);
    const chosen = environment.service(service)?.data ?? null;
    if (chosen === null) await wipeOwn(environment.paths.data(service));
    else {
      const { home } = this.#registry.tools.home;
      const cwds = environment.project.services.map(({ cwd }) => cwd);
      const precious = [environment.project.root, ...cwds, home, homedir()];
      await wipeChosen({ service, path: chosen, precious });
    }
    return environment.status();
  }

  clean(): Promise<CleanReport> {
    return cleanUp(this.#registry);
  }

  /** As this process sees it; `lo doctor` looks by itself, since limits and variables are those of who asks. */
  async doctor(): Promise<DoctorReport> {
    const { platform, home } = this.#registry.tools;
    const person = personOf(process.env);
    const own = ownFacts({ platform, home, person, variables: process.env, connect: async () => this });
    return (await doctor(platform, own)).report;
  }

  ports(request: PortsRequest): Promise<PortsReport> {
    return this.#inspector.ports(request);
  }

  watchPorts(request: PortsRequest): AsyncIterable<PortsEvent> {
    return this.#inspector.watchPorts(request);
  }

  why(request: WhyRequest): Promise<WhyReport> {
    return this.#inspector.why(request);
  }

  explain(request: ExplainRequest): Promise<ExplainReport> {
    return this.#inspector.explain(request);
  }

  async holdings(): Promise<HoldingList> {
    return { schema: 1, holdings: holdingsOf(this.#registry.all()), gateway: this.#facts.links.holding() };
  }

  async aliases(): Promise<AliasList> {
    return this.#facts.aliases.list();
  }

  alias({ name, target }: AliasRequest): Promise<AliasList> {
    return this.#facts.aliases.set(name, target);
  }

  unalias({ name }: Pick<AliasRequest, 'name'>): Promise<AliasList> {
    return this.#facts.aliases.remove(name);
  }

  links(request: Target): Promise<LinkList> {
    return this.#facts.links.links(request);
  }

  watchLinks(request: Target): AsyncIterable<LinkList> {
    return this.#facts.links.watch(request);
  }

  addLink(request: AddLinkRequest): Promise<LinkList> {
    return this.#facts.links.addLink(request);
  }

  removeLink(request: RemoveLinkRequest): Promise<LinkList> {
    return this.#facts.links.removeLink(request);
  }

  addFault(request: AddFaultRequest): Promise<LinkList> {
    return this.#facts.links.addFault(request);
  }

  removeFaults(request: RemoveFaultsRequest): Promise<LinkList> {
    return this.#facts.links.removeFaults(request);
  }

  switchTo(request: SwitchRequest): Promise<SwitchReport> {
    return this.#registry.switchTo(request);
  }

  async doors({ reopen }: DoorsRequest): Promise<DoorList> {
    const { gateway } = this.#facts;
    if (reopen) await gateway?.reopen();
    return { schema: 1, doors: gateway?.status?.doors ?? [] };
  }

  async traffic(): Promise<TrafficReport> {
    return { schema: 1, gateway: (await this.#facts.gateway?.look()) ?? null };
  }

  async authority({ make }: AuthorityRequest): Promise<AuthorityReport> {
    const { home, report } = this.#registry.tools;
    const { authorityOf } = await import('./authority/certificates.ts');
    const { reportAuthority } = await import('./authority/report.ts');
    if (make) await authorityOf(certificateTools(home, report));
    return reportAuthority(gatewayPaths(home));
  }

  async shutdown(request: ShutdownRequest): Promise<DaemonInfo> {
    const info = await this.info();
    if (request.all) {
      await Promise.all(this.#registry.all().map(stopWhole));
      await this.#facts.gateway?.end();
    }
    return info;
  }

  #stop(
    environment: Environment,
    services: readonly string[],
    force: boolean,
    channel: Channel<WatchEvent>,
    once: boolean,
  ): void {
    environment.dispatch({ type: 'stop', services, force });
    environment.persistQuietly();
    follow(environment, channel, { services, towards: towardsDown }, once);
  }

  /** The environment with its config read again, so that a change of the file reaches a restart. */
  async #refreshed(request: StartRequest): Promise<Environment> {
    const known = this.#registry.find(request);
    if (known.project.file === null) return known;
    const project = await projectOf(
      { directory: known.project.root, file: known.project.file },
      this.#registry.tools,
    );
    return await this.#registry.define(request, project);
  }
}
