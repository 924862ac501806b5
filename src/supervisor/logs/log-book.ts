/**
 * All logs of the daemon's services. Programs write their files themselves; the book notes runs and times beside them, keeps their
 * size, and reads them. It must not know environments or processes.
 */

import { dirname } from 'node:path';
import type { LogLine, Warning } from '../../core/status.ts';
import type { Platform } from '../../platform/platform.ts';
import { DirectoryWatch } from './directory-watch.ts';
import { type Batches, ItemIterator, leavable } from './iterators.ts';
import { LineFilter } from './line-filter.ts';
import { LineReader } from './line-reader.ts';
import { LogSource } from './log-source.ts';
import { readLogs } from './read-logs.ts';
import { tailStart } from './tail-scan.ts';

export interface LogBookTools {
  readonly platform: Pick<Platform, 'punchHole'>;
  /** Epoch ms. */
  now(): number;
  /** Per service; the oldest part of a larger log is dropped. */
  readonly capBytes?: number;
  /** `name` as given to `open`. */
  warn(name: string, warning: Warning): void;
}

export interface ReadRequest {
  /** `service` is what the lines say, `name` what the log was opened as. */
  readonly services: readonly { readonly service: string; readonly name: string }[];
  /** Last so many lines of each service (of those that match `grep`); -1: all. */
  readonly tail: number;
  /** Epoch ms. */
  readonly since?: number;
  readonly grep?: RegExp;
  /** Go on with what is written from now on, over restarts, until the signal is aborted. */
  readonly follow: boolean;
  readonly signal: AbortSignal;
}

export interface LogBook {
  /** Takes up a log; its file may not exist yet. Opening it again under the same name does nothing. */
  open(name: string, file: string): void;
  /** To be called before the program is started. Returns the logical offset where its output begins. */
  runStarts(name: string, run: string): number;
  /** Ends quietly when the signal is aborted or the reader leaves. Errors: USAGE for a pattern that takes too long. */
  read(request: ReadRequest): AsyncIterable<LogLine>;
  /** As `read`, many lines at a time, which is several times faster. */
  readBatches(request: ReadRequest): AsyncIterable<readonly LogLine[]>;
  /** The last lines of the last run, each cut to a length that people read. */
  tail(name: string, lines: number): Promise<string[]>;
  /** The text of each line of a log from a logical offset on, also of those to come. Ends quietly when the signal is aborted. */
  lines(file: string, fromOffset: number, signal: AbortSignal): AsyncIterable<string>;
  /** Lets go of one log, or of all; whoever follows gets what is there, then the end once all of its logs are closed. */
  close(name?: string): void;
}

const CAP_BYTES = 50_000_000;
/** For error reports; the log has all of it. */
const TAIL_CHARACTERS = 2_000;

export function createLogBook(tools: LogBookTools): LogBook {
  return new Book(tools);
}

class Book implements LogBook {
  readonly #tools: LogBookTools;
  readonly #sources = new Map<string, LogSource>();
  readonly #directories = new Map<string, DirectoryWatch>();

  constructor(tools: LogBookTools) {
    this.#tools = tools;
  }

  open(name: string, file: string): void {
    if (this.#sources.get(name)?.file === file) return;
    this.close(name);
    const source = this.#make(file, (warning) => this.#tools.warn(name, warning));
    this.#sources.set(name, source);
    const directory = dirname(file);
    const watch = this.#directories.get(directory) ?? new DirectoryWatch(directory);
    this.#directories.set(directory, watch);
    watch.add(source);
  }

  runStarts(name: string, run: string): number {
    const source = this.#source(name);
    const offset = source.begin(run);
    this.#directories.get(dirname(source.file))?.wake();
    return offset;
  }

  read(request: ReadRequest): AsyncIterable<LogLine> {
    return { [Symbol.asyncIterator]: () => new ItemIterator(this.#batches(request)) };
  }

  readBatches(request: ReadRequest): AsyncIterable<readonly LogLine[]> {
    return { [Symbol.asyncIterator]: () => this.#batches(request) };
  }

  async tail(name: string, lines: number): Promise<string[]> {
    const source = this.#source(name);
    const end = source.end();
    const from = Math.max(source.start, source.runs.at(-1)?.offset ?? 0);
    const reader = new LineReader(source, await tailStart(source, from, end, lines));
    const found: string[] = [];
    let isRest = false;
    try {
      for (let atEnd = false; !atEnd; ) {
        const batch = await reader.next(end);
        atEnd = batch.atEnd;
        for (const line of atEnd ? reader.flush(false).lines : batch.lines) {
          if (!isRest) found.push(shortened(line.text));
          isRest = line.partial;
        }
      }
    } finally {
      await reader.close();
    }
    return found.slice(-lines);
  }

  lines(file: string, from: number, signal: AbortSignal): AsyncIterable<string> {
    const known = [...this.#sources.values()].find((source) => source.file === file);
    const services = [{ service: '', source: known ?? this.#make(file, () => undefined) }];
    const { now } = this.#tools;
    const wanted = { services, tail: -1, since: undefined, from, filter: null, follow: true, now };
    const start = (ended: AbortSignal): Batches<string> => textsOf(readLogs({ ...wanted, signal: ended }));
    return { [Symbol.asyncIterator]: () => new ItemIterator(leavable(signal, start)) };
  }

  close(name?: string): void {
    for (const one of name === undefined ? [...this.#sources.keys()] : [name]) {
      const source = this.#sources.get(one);
      if (source === undefined) continue;
      this.#sources.delete(one);
      source.changes.end();
      const directory = dirname(source.file);
      const watch = this.#directories.get(directory);
      watch?.remove(source);
      if (watch?.isEmpty === true) this.#directories.delete(directory);
    }
  }

  #make(file: string, warn: (warning: Warning) => void): LogSource {
    const { platform, now, capBytes = CAP_BYTES } = this.#tools;
    const punchHole: Platform['punchHole'] = (path, from, to) => platform.punchHole(path, from, to);
    return new LogSource(file, { capBytes, punchHole, now, warn });
  }

  #source(name: string): LogSource {
    const source = this.#sources.get(name);
    if (source === undefined) throw new Error(`the log ${name} was never opened`);
    return source;
  }

  #batches(request: ReadRequest): AsyncIterator<readonly LogLine[], undefined> {
    const { tail, since, grep, follow } = request;
    const services = request.services.map(({ service, name }) => ({ service, source: this.#source(name) }));
    const filter = grep === undefined ? null : new LineFilter(grep);
    const now = (): number => this.#tools.now();
    return leavable(request.signal, (signal) =>
      readLogs({ services, tail, since, filter, follow, signal, now }),
    );
  }
}

async function* textsOf(batches: Batches<LogLine>): Batches<string> {
  for await (const lines of batches) yield lines.map((line) => line.text);
}

function shortened(text: string): string {
  return text.length > TAIL_CHARACTERS ? `${text.slice(0, TAIL_CHARACTERS)}…` : text;
}
