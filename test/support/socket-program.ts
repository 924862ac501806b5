/**
 * Real sockets as a test wants them (`test/fixtures/programs/sockets.pl`), on this machine or inside namespaces of their own, and a
 * look at the platform from there (`look.ts`). It must not know what a test expects.
 */

import assert from 'node:assert/strict';
import { type ChildProcessWithoutNullStreams, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { TestContext } from 'node:test';
import { promisify } from 'node:util';
import { bundledProgram } from './bundled-program.ts';
import { ensureProgram } from './debian.ts';
import { fixture } from './paths.ts';

const run = promisify(execFile);

export interface OpenedSocket {
  /** By which the program knows it. */
  readonly number: number;
  readonly port: number;
}

export class SocketProgram {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #replies: AsyncIterator<string>;

  private constructor(child: ChildProcessWithoutNullStreams) {
    this.#child = child;
    this.#replies = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  }

  /** `through`: words before the program, which must become it: `unshare --net`. Null: the test is skipped, with the reason. */
  static async start(t: TestContext, through: readonly string[] = []): Promise<SocketProgram | null> {
    const perl = await ensureProgram(t, { program: 'perl', package: 'perl-base' });
    if (perl === null) return null;
    const [program = '', ...args] = [...through, perl, fixture('programs', 'sockets.pl')];
    const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    child.stderr.pipe(process.stderr);
    t.after(async () => {
      child.stdin.end();
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    });
    return new SocketProgram(child);
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Gives what the program answers; fails the test where it could not do it. */
  async does(...words: readonly (string | number)[]): Promise<string> {
    this.#child.stdin.write(`${words.join(' ')}\n`);
    const { value = 'no answer: it ended' } = await this.#replies.next();
    const [, outcome, answer = ''] = /^(ok|no) ?(.*)$/.exec(value) ?? [];
    assert.equal(outcome, 'ok', `${words.join(' ')}: ${value}`);
    return answer;
  }

  async opens(...words: readonly (string | number)[]): Promise<OpenedSocket> {
    const [number, port] = (await this.does(...words)).split(' ').map(Number);
    return { number: number ?? -1, port: port ?? 0 };
  }

  /** Inodes of its sockets, in the order of their descriptors. The first three descriptors are its pipes to us. */
  inodes(): readonly number[] {
    return socketsOf(this.pid);
  }

  /** Words that bring a program into the same namespaces. */
  get besides(): readonly string[] {
    return ['nsenter', '--target', String(this.pid), '--net', '--mount'];
  }
}

export function socketsOf(pid: number): readonly number[] {
  const directory = `/proc/${pid}/fd`;
  return readdirSync(directory)
    .map(Number)
    .sort((one, other) => one - other)
    .filter((descriptor) => descriptor > 2)
    .flatMap((descriptor) => /^socket:\[(\d+)\]$/.exec(readlinkSync(`${directory}/${descriptor}`))?.[1] ?? [])
    .map(Number);
}

/** A verb of the platform with its arguments. */
export type Question = readonly [verb: string, ...words: readonly (string | number | boolean)[]];

export class Looker {
  readonly #program: string;

  private constructor(program: string) {
    this.#program = program;
  }

  static async create(t: TestContext): Promise<Looker> {
    const directory = mkdtempSync(join(tmpdir(), 'look-'));
    // Some look as another user.
    chmodSync(directory, 0o755);
    t.after(() => rmSync(directory, { recursive: true, force: true }));
    return new Looker(await bundledProgram('look', directory));
  }

  /** The answers, with maps as arrays of pairs. `node`: flags for Node. */
  async asks<T>(
    through: readonly string[],
    questions: readonly Question[],
    node: readonly string[] = [],
  ): Promise<T> {
    const words = questions.map((question) => JSON.stringify(question));
    const [program = '', ...args] = [...through, process.execPath, ...node, this.#program, ...words];
    const { stdout } = await run(program, args, { maxBuffer: 2 ** 26, timeout: 60_000 });
    return JSON.parse(stdout) as T;
  }
}

/** Whether this test may make namespaces and be other users; else it is marked as skipped, with the reason. */
export function isRoot(t: TestContext): boolean {
  if (process.getuid?.() === 0) return true;
  t.skip('needs root, to make namespaces and to be other users');
  return false;
}

/** Words that make a program another user, who owns nothing. */
export const AS_NOBODY = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'] as const;
