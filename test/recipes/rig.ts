/**
 * Carries a recipe's plan out as the daemon does: files, the argv (as another user when root), readiness, stop. Each rig has
 * a directory and a random loopback address of its own, and the test fails when a process of it survives.
 */

import assert from 'node:assert/strict';
import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process';
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import type { Readiness } from '../../src/core/model.ts';
import {
  asOtherUser,
  findOtherUser,
  OTHER_USER_WAYS,
  type OtherUserWay,
  otherUserProbe,
} from '../../src/core/other-user.ts';
import type { Recipe, RecipeFacts, RecipePlan } from '../../src/core/recipe.ts';
import { findRecipeProgram, servicePath } from '../../src/daemon/programs.ts';
import { dist } from '../support/paths.ts';
import { until } from '../support/until.ts';

export interface RigOptions {
  readonly options?: Readonly<Record<string, unknown>>;
  readonly ports?: Readonly<Record<string, number>>;
  readonly host?: string;
  /** Comes below the temporary directory, e.g. to be long or to hold odd characters. */
  readonly folder?: string;
  readonly variables?: Readonly<Record<string, string>>;
  /** How root becomes another user; the first way that works when not said. */
  readonly way?: OtherUserWay;
}

export class Rig {
  readonly recipe: Recipe;
  readonly facts: RecipeFacts;
  readonly host: string;
  readonly root: string;
  readonly #given: RigOptions;
  readonly #top: string;
  #child: ChildProcess | null = null;

  private constructor(recipe: Recipe, given: RigOptions) {
    this.recipe = recipe;
    this.#given = given;
    this.#top = realpathSync(mkdtempSync(join(tmpdir(), 'rig-')));
    this.host = given.host ?? randomAddress();
    const base = join(this.#top, given.folder ?? 'plain');
    this.root = join(base, 'project');
    // As deep and as private as the state directory of an environment.
    const state = join(base, 'state');
    mkdirSync(this.root, { recursive: true });
    for (const name of ['data', 'files']) mkdirSync(join(state, name), { recursive: true, mode: 0o700 });
    this.facts = this.#makeFacts(state);
  }

  static create(t: TestContext, recipe: Recipe, given: RigOptions = {}): Rig {
    const rig = new Rig(recipe, given);
    t.after(() => rig.#close());
    return rig;
  }

  get port(): number {
    return Object.values(this.facts.ports)[0] ?? 0;
  }

  get log(): string {
    try {
      return readFileSync(this.#logFile, 'utf8');
    } catch {
      // Nothing was started yet.
      return '';
    }
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  get ended(): boolean {
    const child = this.#child;
    return child === null || child.exitCode !== null || child.signalCode !== null;
  }

  /** The exit code, or null for a signal. */
  get code(): number | null {
    return this.#child?.exitCode ?? null;
  }

  /** Writes a file of the project. */
  write(name: string, text: string): void {
    const file = join(this.root, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }

  start(): void {
    assert.ok(this.ended, 'started twice');
    const plan = this.recipe.plan(this.facts);
    for (const file of plan.files)
      writeFileSync(join(this.facts.runDir, file.name), file.text, { mode: 0o600 });
    const [command = '', ...args] = this.#argv(plan);
    const log = openSync(this.#logFile, 'a');
    this.#child = spawn(command, args, {
      cwd: this.root,
      env: this.#env(plan),
      stdio: ['ignore', log, log],
      detached: true,
    });
    closeSync(log);
  }

  /** Fails the test when the program ends before. */
  async ready(): Promise<void> {
    const { ready } = this.recipe.plan(this.facts);
    const deadline = performance.now() + 30_000;
    await until(async () => {
      if (ready.kind === 'none' || (await this.#answers(ready))) return true;
      assert.ok(performance.now() < deadline, `not ready in 30 s:\n${this.log.slice(-2000)}`);
      assert.ok(
        !this.ended || this.#given.options?.daemon === true,
        `ended before it was ready:\n${this.log}`,
      );
      return false;
    }, 60_000);
  }

  async run(): Promise<void> {
    this.start();
    await this.ready();
  }

  /** The recipe's own signal, and within its grace nothing may be left. */
  async stop(): Promise<void> {
    const { stop } = this.recipe.plan(this.facts);
    this.signal(stop.signal);
    await until(() => this.processes().length === 0, stop.graceMs);
    await this.end();
    assert.equal(await accepts(this.host, this.port), false);
  }

  /** To every process, as the daemon does to every process group. */
  signal(name: NodeJS.Signals): void {
    for (const pid of this.processes()) signal(pid, name);
  }

  /** Resolves when the started program ended. */
  async end(): Promise<void> {
    await until(() => this.ended);
  }

  /** Whoever runs in, or was told of, a directory of this rig. */
  processes(): readonly number[] {
    return readdirSync('/proc')
      .filter((entry) => /^\d+$/.test(entry))
      .map(Number)
      .filter((pid) => pid !== process.pid && this.#belongs(pid));
  }

  /** Runs the recipe's own client with arguments. */
  async client(...args: readonly string[]): Promise<string> {
    const client = this.recipe.client(this.facts);
    assert.ok(client);
    const [program = '', ...first] = client.argv;
    return await output(program, [...first, ...args], { ...base(), ...client.env });
  }

  get #logFile(): string {
    return join(this.facts.runDir, '..', 'log');
  }

  #makeFacts(state: string): RecipeFacts {
    const { recipe, host } = this;
    const defaults = recipe.options.flatMap((option) =>
      option.default === undefined ? [] : [[option.name, option.default] as const],
    );
    const found = recipe.programs.map((program) => {
      const path = findRecipeProgram(program, servicePath(process.cwd(), process.env.PATH ?? ''), this.root);
      assert.ok(path, `${program.program} was not found`);
      return [program.program, path] as const;
    });
    return {
      service: 'it',
      host,
      ports:
        this.#given.ports ??
        Object.fromEntries(recipe.endpoints.map((endpoint) => [endpoint.name, endpoint.port])),
      dataDir: join(state, 'data'),
      runDir: join(state, 'files'),
      projectRoot: this.root,
      cwd: this.root,
      programs: Object.fromEntries(found),
      options: { ...Object.fromEntries(defaults), ...this.#given.options },
      isRoot: process.getuid?.() === 0,
      node: process.execPath,
      staticServer: join(dist, 'static-server.js'),
    };
  }

  #argv(plan: RecipePlan): readonly string[] {
    if (!plan.refusesRoot || !this.facts.isRoot) return plan.argv;
    const user = findOtherUser(readFileSync('/etc/passwd', 'utf8'), [this.recipe.name]);
    const way =
      this.#given.way ??
      OTHER_USER_WAYS.find((candidate) => {
        const [command = '', ...args] = otherUserProbe(candidate, user);
        return spawnSync(command, args).status === 0;
      }) ??
      null;
    const { service, dataDir } = this.facts;
    return asOtherUser(plan.argv, { service, program: this.recipe.name, way, user, dataDir });
  }

  #env(plan: RecipePlan): NodeJS.ProcessEnv {
    const { host, port } = this;
    const told = { HOST: host, ...(port === 0 ? {} : { PORT: String(port) }), RIG: this.#top };
    return { ...plan.env, ...base(), ...told, ...this.#given.variables };
  }

  async #answers(ready: Readiness): Promise<boolean> {
    switch (ready.kind) {
      case 'tcp':
        return await accepts(this.host, this.facts.ports[ready.endpoint] ?? 0);
      case 'exec':
        return (await exitCode(ready.command)) === 0;
      case 'none':
      case 'http':
      case 'log':
        throw new Error(`no recipe is ready by ${ready.kind} so far`);
      default:
        return ready satisfies never;
    }
  }

  #belongs(pid: number): boolean {
    try {
      if (/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'latin1'))) return false;
      const words =
        readFileSync(`/proc/${pid}/environ`, 'latin1') + readFileSync(`/proc/${pid}/cmdline`, 'latin1');
      return words.includes(this.#top) || readlinkSync(`/proc/${pid}/cwd`).startsWith(this.#top);
    } catch {
      // It ended while we looked.
      return false;
    }
  }

  async #close(): Promise<void> {
    this.signal('SIGKILL');
    await until(() => this.processes().length === 0);
    rmSync(this.#top, { recursive: true, force: true });
  }
}

/** Far from what environments lease by default in their first blocks, and from other tests. */
export function randomAddress(): string {
  const part = (): number => 1 + Math.floor(Math.random() * 253);
  return `127.96.${part()}.${part()}`;
}

export async function accepts(host: string, port: number): Promise<boolean> {
  const socket = connect({ host, port });
  try {
    return await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    });
  } finally {
    socket.destroy();
  }
}

/** Standard output; the error of a program that ends badly holds what it said. */
async function output(program: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<string> {
  return await new Promise((resolve, reject) => {
    execFile(program, args, { env }, (error, stdout) =>
      error === null ? resolve(stdout.trim()) : reject(error),
    );
  });
}

function exitCode(command: string): Promise<number | null> {
  return new Promise((resolve) => {
    spawn('sh', ['-c', command], { stdio: 'ignore', env: base() }).on('close', resolve);
  });
}

function base(): NodeJS.ProcessEnv {
  const { PATH, HOME } = process.env;
  return { PATH, HOME, LANG: 'C.UTF-8' };
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // Gone in the meantime.
  }
}
