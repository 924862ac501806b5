/**
 * Carries out what the machine asks for one environment's runs: launch, prove, end, sweep; and turns what happens into events.
 * It must not decide: every decision is an event's outcome in `core/`.
 */

import { LoopyardError, reasonOf } from '../core/errors.ts';
import type { Graph } from '../core/graph.ts';
import { currentRun, type Exit, type LifeEvent, type ServiceLife } from '../core/lifecycle.ts';
import type { LinkStatistics } from '../core/link.ts';
import { DEFAULT_STOP, type Service } from '../core/model.ts';
import type { EnvironmentPaths } from '../core/paths.ts';
import type { Warning } from '../core/status.ts';
import { makePrivateDirectory } from '../platform/files.ts';
import type { Platform } from '../platform/platform.ts';
import type { LogBook } from '../supervisor/logs/log-book.ts';
import type {
  Listening,
  ReadyAnswer,
  ReadyTarget,
  RunNews,
  RunRef,
  Supervisor,
} from '../supervisor/supervisor.ts';
import { type Launch, type LaunchRequest, planLaunch, specOf } from './launch.ts';
import { noteClash } from './links/port-clash.ts';
import { listeningWarnings, outlivesRun, seenIgnoringPort } from './listening.ts';
import { withNextStep } from './next-step.ts';
import { persistently } from './persistently.ts';
import { atUsualPorts, place } from './placement.ts';
import type { ServiceRuntime } from './runtime.ts';
import { Surveyor } from './surveyor.ts';

/** What the keeper needs of its environment. */
export interface RunHost {
  readonly tools: {
    readonly platform: Platform;
    readonly supervisor: Supervisor;
    readonly logs: LogBook;
    links(): readonly LinkStatistics[];
    report(error: unknown): void;
  };
  readonly paths: EnvironmentPaths;
  readonly state: { readonly graph: Pick<Graph, 'dependents'> };
  service(name: string): Service | undefined;
  life(name: string): ServiceLife;
  runtime(name: string): ServiceRuntime;
  logName(service: string): string;
  addressOf(service: string): string;
  leasePort(key: string): Promise<number>;
  launchFacts(service: Service): Omit<LaunchRequest, 'placement'>;
  update(service: string, change: Partial<ServiceRuntime>): void;
  warn(service: string, warning: Warning): void;
  runRef(service: string, run: number): RunRef;
  tellLife(service: string, event: LifeEvent): void;
  persistSoon(): void;
}

const END_AGAIN_AFTER_MS = [50, 500, 5000];

export class RunKeeper {
  readonly #environment: RunHost;
  readonly #surveyor: Surveyor;
  /** Ends the proof of a run, by run id. */
  readonly #proofs = new Map<string, AbortController>();
  /** Launches under way: a stop waits until the process exists or never will. */
  readonly #launches = new Map<string, Promise<void>>();

  constructor(environment: RunHost) {
    this.#environment = environment;
    this.#surveyor = new Surveyor(environment);
  }

  launch(service: string, run: number): void {
    const id = `${service}-${run}`;
    const work = this.#launch(service, run).catch((error: unknown) => {
      if (!(error instanceof LoopyardError)) this.#environment.tools.report(error);
      this.#environment.tellLife(service, { type: 'launch-failed', run, reason: withNextStep(error) });
    });
    this.#launches.set(id, work);
    void work.finally(() => this.#launches.delete(id));
  }

  end(service: string, run: number, force: boolean): void {
    this.#stopProof(service, run);
    this.#do(service, run, async () => {
      const { tools } = this.#environment;
      await this.#launches.get(`${service}-${run}`);
      const ref = this.#environment.runRef(service, run);
      const policy = this.#environment.runtime(service).stop ?? DEFAULT_STOP;
      await this.#surely(service, run, () => tools.supervisor.end(ref, policy, force));
    });
  }

  sweep(service: string, run: number): void {
    this.#stopProof(service, run);
    this.#do(service, run, async () => {
      const { tools } = this.#environment;
      const ref = this.#environment.runRef(service, run);
      await this.#surely(service, run, () => tools.supervisor.sweep(ref, {}));
    });
  }

  /** A run that was found alive by a new daemon: prove it again when it was not proven before. */
  resume(service: string, run: number, pid: number): void {
    this.#environment.update(service, { pid });
    const definition = this.#environment.service(service);
    const { state } = this.#environment.life(service).life;
    if (state === 'ready' || state === 'running') this.#surveyor.begin(service, run);
    if (definition === undefined || state !== 'starting') return;
    this.#do(service, run, async () => this.#prove(definition, run, pid, this.#plan(definition)));
  }

  onNews(service: string, run: number, news: RunNews): void {
    if (currentRun(this.#environment.life(service).life) !== run) return;
    switch (news.kind) {
      case 'pid':
        if (this.#environment.runtime(service).pid !== news.pid)
          this.#environment.update(service, { pid: news.pid });
        break;
      case 'exit':
        this.#onExit(service, run, news.exit);
        break;
      case 'lost':
        // Who ends it answers with `gone`.
        if (!this.#isIn('stopping', service, run)) this.#onLost(service, run);
        break;
      default:
        news satisfies never;
    }
  }

  close(): void {
    for (const proof of this.#proofs.values()) proof.abort();
    this.#surveyor.close();
  }

  async #launch(service: string, run: number): Promise<void> {
    const environment = this.#environment;
    const definition = environment.service(service);
    if (definition === undefined) return;
    const placement = await this.#place(definition);
    if (!this.#isIn('starting', service, run)) return;
    environment.update(service, {
      placement,
      warnings: placement.warnings,
      listening: {},
      pid: null,
      lastRun: run,
    });
    const ref = environment.runRef(service, run);
    // Before anything fails: what an earlier run wrote does not explain why this one could not start.
    const logStart = environment.tools.logs.runStarts(environment.logName(service), ref.id);
    const launch = this.#plan(definition);
    environment.update(service, { told: launch.told, stop: launch.stop, logStart });
    const { pid } = await environment.tools.supervisor.start(
      specOf(ref, launch, environment.paths.log(service)),
    );
    if (currentRun(environment.life(service).life) !== run) return;
    environment.update(service, { pid });
    // The proof goes on after the launch is over, so that a stop need not wait for it.
    this.#do(service, run, () => this.#prove(definition, run, pid, launch));
  }

  async #place(service: Service): Promise<Awaited<ReturnType<typeof place>>> {
    const environment = this.#environment;
    const address = environment.addressOf(service.name);
    if (service.endpoints.length === 0) return atUsualPorts([], address);
    return await place(
      { service, address, ignoresPort: environment.runtime(service.name).ignoresPort },
      { platform: environment.tools.platform, leasePort: (key) => environment.leasePort(key) },
    );
  }

  #plan(service: Service): Launch {
    const environment = this.#environment;
    const facts = environment.launchFacts(service);
    const placement =
      environment.runtime(service.name).placement ??
      atUsualPorts(service.endpoints, environment.addressOf(service.name));
    if (service.data === null) makePrivateDirectory(facts.dataDir);
    return planLaunch({ ...facts, placement });
  }

  async #prove(service: Service, run: number, pid: number, launch: Launch): Promise<void> {
    const environment = this.#environment;
    if (launch.ready.kind === 'none') {
      environment.tellLife(service.name, { type: 'proven', run, how: 'running' });
      this.#surveyor.begin(service.name, run);
      return;
    }
    const ref = environment.runRef(service.name, run);
    const { told, env, cwd } = launch;
    const log = environment.paths.log(service.name);
    const { logStart } = environment.runtime(service.name);
    const target = { run: ref, pid, told, env, cwd, log, logStart, late: false };
    // Nobody waits for a service without dependents: then the whole answer comes at once.
    const isNeeded = (environment.state.graph.dependents.get(service.name)?.length ?? 0) > 0;
    const found = (answer: ReadyAnswer): void => {
      if (!this.#isIn('ready', service.name, run)) return;
      if (answer.kind === 'ready') this.#noteListening(service, answer.listening);
      else this.#do(service.name, run, () => this.#proveLate(service, run, target, launch.ready, answer));
    };
    await this.#aborting(ref.id, async (signal) => {
      const soon = isNeeded ? { ...target, found } : target;
      const answer = await environment.tools.supervisor.prove(soon, launch.ready, signal);
      if (answer.kind === 'ready') this.#onProof(service, run, answer);
      else await this.#proveLate(service, run, target, launch.ready, answer);
    });
  }

  /** It is not ready, or not the one that answers: said, and waited for. */
  async #proveLate(
    service: Service,
    run: number,
    target: ReadyTarget,
    ready: Launch['ready'],
    answer: ReadyAnswer,
  ): Promise<void> {
    this.#onProof(service, run, answer);
    await this.#aborting(target.run.id, async (signal) => {
      const { supervisor } = this.#environment.tools;
      this.#onProof(service, run, await supervisor.prove({ ...target, late: true }, ready, signal));
    });
  }

  async #aborting(id: string, work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const proof = new AbortController();
    this.#proofs.set(id, proof);
    try {
      await work(proof.signal);
    } catch (error) {
      // Aborted: the run ended or is being ended, which has an event of its own.
      if (!proof.signal.aborted) throw error;
    } finally {
      if (this.#proofs.get(id) === proof) this.#proofs.delete(id);
    }
  }

  #onProof(service: Service, run: number, answer: ReadyAnswer): void {
    const environment = this.#environment;
    if (answer.kind !== 'ready') {
      environment.tellLife(service.name, { type: 'unproven', run, reason: answer.reason });
      return;
    }
    this.#noteListening(service, answer.listening);
    environment.tellLife(service.name, { type: 'proven', run, how: 'ready' });
    this.#surveyor.begin(service.name, run);
  }

  #noteListening(service: Service, listening: Readonly<Record<string, Listening>>): void {
    const environment = this.#environment;
    const runtime = environment.runtime(service.name);
    const { placement } = runtime;
    if (placement === null) return;
    environment.update(service.name, {
      listening,
      ignoresPort: runtime.ignoresPort || seenIgnoringPort(service, placement, listening),
      warnings: [...runtime.warnings, ...listeningWarnings(service, placement, listening)],
    });
  }

  #onExit(service: string, run: number, exit: Exit): void {
    const { told, pid } = this.#environment.runtime(service);
    if (exit.code !== 0) this.#do(service, run, () => noteClash(this.#environment, service));
    const { state } = this.#environment.life(service).life;
    if (exit.code !== 0 || Object.keys(told).length === 0 || (state !== 'starting' && state !== 'ready')) {
      this.#environment.tellLife(service, { type: 'exited', run, exit });
      return;
    }
    // It ended well, though it should serve: perhaps it only went into the background.
    this.#do(service, run, async () => {
      const found = await this.#environment.tools.supervisor.sweep(
        this.#environment.runRef(service, run),
        told,
      );
      if (currentRun(this.#environment.life(service).life) !== run) return;
      if (found.kind === 'swept') this.#environment.tellLife(service, { type: 'exited', run, exit });
      else if (found.pid !== pid) this.#onDaemonized(service, found.pid);
    });
  }

  #onDaemonized(service: string, pid: number): void {
    this.#environment.update(service, { pid });
    this.#environment.warn(service, {
      code: 'DAEMONIZED',
      text: `${service} went into the background (pid ${pid}); it is kept, but its exit code cannot be known`,
      fix: 'run it in the foreground, e.g. nginx with `daemon off;`, redis with `daemonize no`',
    });
  }

  #onLost(service: string, run: number): void {
    this.#stopProof(service, run);
    this.#do(service, run, async () => {
      await this.#environment.tools.supervisor.sweep(this.#environment.runRef(service, run), {});
      if (this.#isIn('stopping', service, run)) return;
      this.#environment.tellLife(service, {
        type: 'lost',
        run,
        reason: 'it is gone, and nobody could see how it ended',
      });
    });
  }

  /** A fault that passes, such as no descriptor left to look at the processes with, must not leave a run `stopping` for good. */
  async #surely(service: string, run: number, end: () => Promise<unknown>): Promise<void> {
    const { report } = this.#environment.tools;
    const reason = await persistently(end, END_AGAIN_AFTER_MS, report);
    if (reason === null) this.#over(service, run);
    else {
      const words = `its processes could not be ended: ${reason}`;
      this.#environment.tellLife(service, { type: 'lost', run, reason: words });
    }
  }

  #over(service: string, run: number): void {
    const environment = this.#environment;
    environment.tools.supervisor.discard(environment.runRef(service, run));
    if (currentRun(environment.life(service).life) !== run) return;
    const { warnings } = environment.runtime(service);
    environment.update(service, { pid: null, warnings: warnings.filter(outlivesRun) });
    environment.tellLife(service, { type: 'gone', run });
  }

  #stopProof(service: string, run: number): void {
    this.#proofs.get(`${service}-${run}`)?.abort();
  }

  #isIn(state: ServiceLife['life']['state'], service: string, run: number): boolean {
    const { life } = this.#environment.life(service);
    return life.state === state && currentRun(life) === run;
  }

  #do(service: string, run: number, work: () => Promise<void>): void {
    work().catch((error: unknown) => {
      this.#environment.tools.report(error);
      this.#environment.tellLife(service, { type: 'unproven', run, reason: reasonOf(error) });
    });
  }
}
