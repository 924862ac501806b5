/** A log book over a directory of its own, for tests; programs are played by appends to the files. */

import { appendFileSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { LogLine, Warning } from '../../src/core/status.ts';
import { linuxPlatform } from '../../src/platform/linux/platform.ts';
import type { Platform } from '../../src/platform/platform.ts';
import { createLogBook, type LogBook, type ReadRequest } from '../../src/supervisor/logs/log-book.ts';

export interface RigOptions {
  readonly directory?: string;
  readonly capBytes?: number;
  readonly punchHole?: Platform['punchHole'];
}

export class LogRig {
  readonly directory: string;
  readonly warnings: (Warning & { readonly name: string })[] = [];
  book: LogBook;
  /** Epoch ms; null: the real clock. */
  time: number | null = null;
  readonly #options: RigOptions;
  readonly #leave = new AbortController();

  constructor(t: TestContext, options: RigOptions = {}) {
    const own = realpathSync(mkdtempSync(join(tmpdir(), 'logs-')));
    this.directory = options.directory ?? own;
    this.#options = options;
    this.book = this.#newBook();
    t.after(() => {
      this.#leave.abort();
      this.book.close();
      rmSync(own, { recursive: true, force: true });
    });
  }

  file(name: string): string {
    return join(this.directory, `${name}.log`);
  }

  open(...names: readonly string[]): void {
    for (const name of names) this.book.open(name, this.file(name));
  }

  /** The text of the index beside a log. */
  index(name: string): string {
    return readFileSync(`${this.file(name)}.index`, 'utf8');
  }

  /** What a program of the service prints. */
  print(name: string, text: string | Buffer): void {
    appendFileSync(this.file(name), text);
  }

  /** As after a SIGKILL of the daemon: nothing is told to the old book. */
  crash(...names: readonly string[]): void {
    this.book.close();
    this.book = this.#newBook();
    this.open(...names);
  }

  request(names: readonly string[], more: Partial<ReadRequest> = {}): ReadRequest {
    const services = names.map((name) => ({ service: name, name }));
    return { services, tail: -1, follow: false, signal: this.#leave.signal, ...more };
  }

  async read(names: readonly string[], more: Partial<ReadRequest> = {}): Promise<LogLine[]> {
    const lines: LogLine[] = [];
    for await (const line of this.book.read(this.request(names, more))) lines.push(line);
    return lines;
  }

  async texts(name: string, more: Partial<ReadRequest> = {}): Promise<string[]> {
    return (await this.read([name], more)).map((line) => line.text);
  }

  follow(names: readonly string[], more: Partial<ReadRequest> = {}): Follower {
    return new Follower(this.book.read(this.request(names, { tail: 0, ...more, follow: true })));
  }

  #newBook(): LogBook {
    const platform = { ...linuxPlatform() };
    const { punchHole = (...args) => platform.punchHole(...args), capBytes } = this.#options;
    return createLogBook({
      platform: { punchHole },
      now: () => this.time ?? Date.now(),
      warn: (name, warning) => this.warnings.push({ ...warning, name }),
      ...(capBytes === undefined ? {} : { capBytes }),
    });
  }
}

export class Follower {
  readonly #lines: AsyncIterator<LogLine>;

  constructor(lines: AsyncIterable<LogLine>) {
    this.#lines = lines[Symbol.asyncIterator]();
  }

  async next(): Promise<LogLine> {
    const { value, done } = await this.#lines.next();
    if (done === true) throw new Error('the stream ended');
    return value;
  }

  async take(count: number): Promise<string[]> {
    const texts: string[] = [];
    while (texts.length < count) texts.push((await this.next()).text);
    return texts;
  }

  async leave(): Promise<void> {
    await this.#lines.return?.();
  }
}
