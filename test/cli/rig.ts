/** Runs a command line in this process against a fake workbench: streams, signals and clock are the test's. */

import { PassThrough, Writable } from 'node:stream';
import { COMMANDS } from '../../src/cli/commands/all.ts';
import { run } from '../../src/cli/run.ts';
import type { SignalName, World } from '../../src/cli/world.ts';
import type { Workbench } from '../../src/core/api.ts';
import { type Answers, type Call, fakeWorkbench, THEN } from '../support/fake-workbench.ts';

export interface RigOptions {
  readonly answers?: Answers;
  /** Instead of `answers`: what each attempt to connect gives; null: no daemon runs. */
  readonly connect?: (options: { readonly autostart: boolean }) => Promise<Workbench | null>;
  readonly directory?: string;
  readonly variables?: Readonly<Record<string, string>>;
  /** Columns of a terminal on all three streams; absent: pipes. */
  readonly terminal?: number;
  readonly rows?: number;
  readonly input?: string;
}

/** What a program writes to, kept whole. */
export class Sink extends Writable {
  text = '';
  readonly isTTY: boolean;
  readonly columns: number | undefined;
  readonly rows: number | undefined;
  readonly #waiting = new Set<() => void>();

  constructor(columns: number | undefined, rows = 24) {
    super({ decodeStrings: false });
    this.isTTY = columns !== undefined;
    this.columns = columns;
    this.rows = columns === undefined ? undefined : rows;
  }

  override _write(chunk: string, _encoding: string, done: () => void): void {
    this.text += chunk;
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
    done();
  }

  /** Resolves once the text so far matches. */
  async says(pattern: RegExp): Promise<void> {
    while (!pattern.test(this.text)) await new Promise<void>((resolve) => this.#waiting.add(resolve));
  }
}

/** A command line that runs. */
export class Rig {
  readonly stdout: Sink;
  readonly stderr: Sink;
  readonly calls: Call[] = [];
  /** The exit code. */
  readonly ended: Promise<number>;
  readonly #handlers = new Map<SignalName, () => void>();

  constructor(argv: readonly string[], options: RigOptions = {}) {
    this.stdout = new Sink(options.terminal, options.rows);
    this.stderr = new Sink(options.terminal, options.rows);
    const stdin = Object.assign(new PassThrough(), { isTTY: options.terminal !== undefined });
    stdin.end(options.input ?? '');
    const workbench = fakeWorkbench(options.answers ?? {}, this.calls);
    const world: World = {
      argv,
      stdin,
      stdout: this.stdout,
      stderr: this.stderr,
      variables: { LANG: 'C.UTF-8', PATH: process.env.PATH ?? '', ...options.variables },
      directory: options.directory ?? '/nowhere/shop',
      pid: 99,
      version: '1.2.3',
      now: () => THEN + 65_000,
      connect: options.connect ?? (async () => workbench),
      seesTheSame: () => true,
      onSignal: (signal, handler) => {
        this.#handlers.set(signal, handler);
        return { [Symbol.dispose]: () => this.#handlers.delete(signal) };
      },
    };
    this.ended = run(world, COMMANDS);
  }

  signal(name: SignalName): void {
    this.#handlers.get(name)?.();
  }

  /** The requests of one route. */
  requests(route: Call['route']): readonly unknown[] {
    return this.calls.filter((call) => call.route === route).map(({ request }) => request);
  }
}

export interface Result {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly calls: readonly Call[];
}

/** Runs a command line to its end. */
export async function lo(argv: readonly string[], options: RigOptions = {}): Promise<Result> {
  const rig = new Rig(argv, options);
  const code = await rig.ended;
  return { code, stdout: rig.stdout.text, stderr: rig.stderr.text, calls: rig.calls };
}
