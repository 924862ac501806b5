/**
 * A supervisor of its own for one test: real processes, a directory of records in a temporary place, addresses that nobody else has.
 * When the test ends everything is ended, and a process that survived fails the test. It must not know projects or the daemon.
 */

import assert from 'node:assert/strict';
import { randomBytes, randomInt } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { Exit } from '../../src/core/lifecycle.ts';
import { currentPlatform } from '../../src/platform/current.ts';
import type { Platform } from '../../src/platform/platform.ts';
import { createSupervisor } from '../../src/supervisor/create.ts';
import { createLogBook } from '../../src/supervisor/logs/log-book.ts';
import type { RunNews, RunRef, RunSpec, Supervisor } from '../../src/supervisor/supervisor.ts';
import { ACTOR, type Actor, Stage } from './stage.ts';
import { until } from './until.ts';

export interface StartOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly addresses?: readonly string[];
}

export class RunLab {
  readonly root: string;
  /** Where the run records are. */
  readonly directory: string;
  readonly platform: Platform;
  readonly supervisor: Supervisor;
  readonly stage: Stage;
  /** `LOOPYARD_ENVIRONMENT` of every run. */
  readonly environment = `lab-${randomBytes(6).toString('hex')}`;
  readonly news: RunNews[] = [];
  readonly #refs = new Map<string, RunRef>();
  readonly #marks = new Set<string>();
  readonly #watch: Disposable;
  readonly #woken = new Set<() => void>();
  #network: string | null = null;

  private constructor(root: string, stage: Stage) {
    this.root = root;
    this.stage = stage;
    this.directory = join(root, 'runs');
    mkdirSync(this.directory);
    this.platform = currentPlatform();
    this.supervisor = this.anotherSupervisor();
    this.#watch = this.supervisor.watch(this.directory, (news) => {
      this.news.push(news);
      for (const wake of this.#woken) wake();
      this.#woken.clear();
    });
  }

  static async create(t: TestContext): Promise<RunLab> {
    const root = realpathSync(mkdtempSync(join(tmpdir(), 'run-')));
    // Some programs drop to another user.
    chmodSync(root, 0o755);
    const lab = new RunLab(root, await Stage.open(root));
    t.after(() => lab.#close());
    return lab;
  }

  /** As a daemon would have after a crash of the first: it knows nothing but what is on disk. */
  anotherSupervisor(): Supervisor {
    const logs = createLogBook({ platform: this.platform, now: Date.now, warn: () => undefined });
    return createSupervisor({
      platform: this.platform,
      lines: (file, from, signal) => logs.lines(file, from, signal),
    });
  }

  /** The `n`-th address of a /24 that no other test has; outside the block that Loopyard leases from. */
  async address(n = 1): Promise<string> {
    while (this.#network === null) {
      const network = `127.${randomInt(130, 250)}.${randomInt(0, 255)}`;
      if ((await this.platform.claim(`test-${network}`)) !== null) this.#network = network;
    }
    return `${this.#network}.${n}`;
  }

  ref(id: string): RunRef {
    const known = this.#refs.get(id);
    return known ?? { id, directory: this.directory, mark: `${this.environment}.${id}`, addresses: [] };
  }

  spec(id: string, argv: readonly string[], options: StartOptions = {}): RunSpec {
    const ref = { ...this.ref(id), addresses: options.addresses ?? [] };
    this.#refs.set(id, ref);
    this.#marks.add(ref.mark);
    const { PATH = '' } = process.env;
    const env = { PATH, LOOPYARD_ENVIRONMENT: this.environment, ...options.env };
    return { ...ref, argv, cwd: options.cwd ?? this.root, env, log: this.log(id) };
  }

  log(id: string): string {
    return join(this.root, `${id}.log`);
  }

  output(id: string): string {
    return readFileSync(this.log(id), 'utf8');
  }

  /** Gives the program's pid. */
  async start(id: string, argv: readonly string[], options: StartOptions = {}): Promise<number> {
    return (await this.supervisor.start(this.spec(id, argv, options))).pid;
  }

  /** Starts a program that does what the test says. */
  async perform(id: string, options: StartOptions = {}): Promise<Actor> {
    const env = { ...options.env, ...this.stage.variables(id) };
    const pid = await this.start(id, [process.execPath, ACTOR], { ...options, env });
    const actor = await this.stage.actor(id);
    assert.equal(actor.pid, pid);
    return actor;
  }

  /** Resolves with the first news of the run that `test` takes. */
  async heard<T extends RunNews>(test: (news: RunNews) => news is T): Promise<T> {
    for (;;) {
      const found = this.news.find(test);
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => this.#woken.add(resolve));
    }
  }

  async exit(id: string): Promise<Exit> {
    const isExit = (news: RunNews): news is Extract<RunNews, { kind: 'exit' }> =>
      news.kind === 'exit' && news.id === id;
    return (await this.heard(isExit)).exit;
  }

  /** A dead process that nobody has waited for is not alive. */
  isAlive(pid: number): boolean {
    const facts = this.platform.process(pid);
    return facts !== null && !facts.zombie;
  }

  /** Living processes of all runs, waiters included, by their mark. */
  marked(): readonly number[] {
    return [...this.platform.marked('LOOPYARD_RUN', this.#marks).keys()].filter((pid) => this.isAlive(pid));
  }

  async #close(): Promise<void> {
    const runs = [...this.#refs.values()];
    await Promise.all(runs.map((run) => this.supervisor.end(run, { signal: 'SIGKILL', graceMs: 0 }, true)));
    this.#watch[Symbol.dispose]();
    await this.stage.close();
    // Waiters end by themselves once their program is gone.
    await until(() => this.marked().length === 0, 5000).catch(() => undefined);
    const left = this.marked().map((pid) => `${pid} ${this.platform.details(pid)?.command.join(' ')}`);
    for (const pid of this.marked()) this.platform.signal(pid, 'SIGKILL');
    rmSync(this.root, { recursive: true, force: true });
    assert.deepEqual(left, [], 'processes were left behind');
  }
}
