/**
 * A private world for one end-to-end test: an empty directory, a `LOOPYARD_HOME` of its own, the shipped `lo`. When the test ends
 * everything is stopped, and a process that survived fails the test.
 */

import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import type { EnvironmentStatus, ServiceStatus } from '../../src/core/status.ts';
import { dist } from './paths.ts';

export interface Finished {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface LoOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  /** A command that runs `lo`, e.g. `nsenter` into a namespace of the test. */
  readonly through?: readonly string[];
}

export class Lab {
  /** The project's directory. */
  readonly directory: string;
  readonly home: string;
  readonly #root: string;
  readonly #live: Live[] = [];

  private constructor(root: string) {
    this.#root = root;
    this.directory = join(root, 'shop');
    this.home = join(root, 'home');
    mkdirSync(this.directory);
  }

  /** Cleans up by itself when the test ends. */
  static create(t: TestContext): Lab {
    const lab = new Lab(realpathSync(mkdtempSync(join(tmpdir(), 'lab-'))));
    t.after(() => lab.#close());
    return lab;
  }

  /** Writes a file of the project; `name` may lead elsewhere below the lab with `../`. */
  write(name: string, text: string): string {
    const file = join(this.directory, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    return file;
  }

  variables(extra: Readonly<Record<string, string>> = {}): Record<string, string> {
    const { PATH = '', HOME = '/tmp' } = process.env;
    // Names are served where a test asks for them: most have no use for a process that carries them.
    const quiet = { NO_COLOR: '1', LANG: 'C.UTF-8', LOOPYARD_GATEWAY: 'off' };
    return { PATH, HOME, LOOPYARD_HOME: this.home, ...quiet, ...extra };
  }

  /** Runs `lo` to its end. */
  async lo(args: readonly string[], options: LoOptions = {}): Promise<Finished> {
    const live = this.start(args, options);
    return await live.finished;
  }

  /** As `lo`, and fails the test unless it ends with `code`. Gives its standard output. */
  async must(args: readonly string[], code = 0, options: LoOptions = {}): Promise<string> {
    const result = await this.lo(args, options);
    assert.equal(result.code, code, `lo ${args.join(' ')}\n${result.stdout}\n${result.stderr}`);
    return result.stdout;
  }

  /** Starts `lo` and leaves it running. */
  start(args: readonly string[], options: LoOptions = {}): Live {
    const [program = '', ...rest] = [
      ...(options.through ?? []),
      process.execPath,
      join(dist, 'lo.js'),
      ...args,
    ];
    const child = spawn(program, rest, {
      cwd: options.cwd ?? this.directory,
      env: this.variables(options.env),
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const live = new Live(child);
    child.stdin?.end(options.input ?? '');
    this.#live.push(live);
    return live;
  }

  async json<T>(args: readonly string[], options: LoOptions = {}): Promise<T> {
    return JSON.parse(await this.must([...args, '--json'], 0, options)) as T;
  }

  async ps(options: LoOptions = {}): Promise<EnvironmentStatus> {
    return await this.json<EnvironmentStatus>(['ps'], options);
  }

  async service(name: string, options: LoOptions = {}): Promise<ServiceStatus> {
    const { services } = await this.ps(options);
    const found = services.find((service) => service.name === name);
    assert.ok(found, `no service ${name}`);
    return found;
  }

  /** The daemon's pid, or null. */
  async daemonPid(options: LoOptions = {}): Promise<number | null> {
    const result = await this.lo(['daemon', 'status', '--json'], options);
    return result.code === 0 ? ((JSON.parse(result.stdout) as { pid?: number }).pid ?? null) : null;
  }

  /** Pids of all processes of this lab: by the mark of its environments, and those below its directories. */
  processes(): readonly number[] {
    return readdirSync('/proc')
      .filter((entry) => /^\d+$/.test(entry))
      .map(Number)
      .filter((pid) => pid !== process.pid && this.#belongs(pid));
  }

  #belongs(pid: number): boolean {
    try {
      if (/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'latin1'))) return false;
      const text =
        readFileSync(`/proc/${pid}/environ`, 'latin1') + readFileSync(`/proc/${pid}/cmdline`, 'latin1');
      return text.includes(this.#root);
    } catch {
      // It ended while we looked.
      return false;
    }
  }

  async #close(): Promise<void> {
    const stopped = await this.lo(['daemon', 'stop', '--all']);
    for (const live of this.#live) await live.end();
    const left = this.processes();
    const words = left.map(describe);
    for (const pid of left) kill(pid);
    rmSync(this.#root, { recursive: true, force: true });
    assert.deepEqual(
      words,
      [],
      `processes were left behind; daemon stop: ${stopped.stdout}${stopped.stderr}`,
    );
  }
}

/** A `lo` that runs: its output as it comes, and waits for what it says. */
export class Live {
  readonly child: ChildProcess;
  readonly finished: Promise<Finished>;
  stdout = '';
  stderr = '';
  readonly #waiting = new Set<() => void>();

  constructor(child: ChildProcess) {
    this.child = child;
    child.stdout?.setEncoding('utf8').on('data', (text: string) => this.#take('stdout', text));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => this.#take('stderr', text));
    this.finished = new Promise((resolve) => {
      child.on('close', (code, signal) => {
        resolve({ code, signal, stdout: this.stdout, stderr: this.stderr });
        for (const wake of this.#waiting) wake();
      });
    });
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** Resolves once the output so far (both streams) matches; fails the test when it ends before. */
  async says(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this.stdout) ?? pattern.exec(this.stderr);
      if (match !== null) return match;
      const ended = this.child.exitCode !== null || this.child.signalCode !== null;
      assert.ok(!ended, `ended without saying ${pattern}:\n${this.stdout}\n${this.stderr}`);
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }

  signal(name: NodeJS.Signals): void {
    this.child.kill(name);
  }

  async end(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill('SIGKILL');
    await this.finished;
  }

  #take(stream: 'stdout' | 'stderr', text: string): void {
    this[stream] += text;
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }
}

function describe(pid: number): string {
  try {
    return `${pid} ${readFileSync(`/proc/${pid}/cmdline`, 'latin1').replaceAll('\0', ' ')}`;
  } catch {
    return String(pid);
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // Gone in the meantime.
  }
}
