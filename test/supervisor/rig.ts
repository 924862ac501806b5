/** A supervisor of a test's own on the real machine: runs, where they are recorded, and who is left of them. */

import assert from 'node:assert/strict';
import { randomBytes, randomInt } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { currentPlatform } from '../../src/platform/current.ts';
import type { Platform } from '../../src/platform/platform.ts';
import { createSupervisor } from '../../src/supervisor/create.ts';
import type { RunRef, Supervisor } from '../../src/supervisor/supervisor.ts';
import { until } from '../support/until.ts';

export interface StartOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

export class Rig {
  readonly directory: string;
  /** Where runs are recorded. */
  readonly runs: string;
  readonly platform: Platform;
  supervisor: Supervisor;
  /** Of all marks of this rig: no other process of the machine has it in its environment. */
  readonly name = `rig${randomBytes(6).toString('hex')}`;

  private constructor(directory: string, platform: Platform) {
    this.directory = directory;
    this.runs = join(directory, 'runs');
    mkdirSync(this.runs);
    this.platform = platform;
    this.supervisor = this.#supervisor();
  }

  /** When the test ends, whatever is left fails it and is ended. */
  static create(t: TestContext, platform: Platform = currentPlatform()): Rig {
    const rig = new Rig(mkdtempSync(join(tmpdir(), 'rig-')), platform);
    // Some programs refuse to run as root and become somebody else.
    chmodSync(rig.directory, 0o755);
    t.after(async () => {
      const left = rig.left();
      for (const { pid } of left) killQuietly(pid);
      await until(() => rig.left().length === 0 && rig.waiters().length === 0);
      rmSync(rig.directory, { recursive: true, force: true });
      assert.deepEqual(left, [], 'processes were left behind');
    });
    return rig;
  }

  /** As a new daemon has it: knows nothing but the files. */
  restart(): void {
    this.supervisor = this.#supervisor();
  }

  ref(id: string, addresses: readonly string[] = []): RunRef {
    return { id, directory: this.runs, mark: `${this.name}.${id}`, addresses };
  }

  start(run: RunRef, argv: readonly string[], options: StartOptions = {}): Promise<{ readonly pid: number }> {
    const env = { PATH: process.env.PATH ?? '', ...options.env };
    const log = join(this.directory, `${run.id}.log`);
    return this.supervisor.start({ ...run, argv, env, log, cwd: options.cwd ?? this.directory });
  }

  log(run: RunRef): string {
    return readFileSync(join(this.directory, `${run.id}.log`), 'utf8');
  }

  file(name: string): string {
    return join(this.directory, name);
  }

  /** Until the program says that it is up, by making this file. */
  async made(file: string): Promise<void> {
    await until(() => existsSync(file));
  }

  /**
   * Living processes that carry the mark of this rig or name it on their command line (every program is started with paths below
   * it or with its name), and those that listen on one of the addresses; waiters apart.
   */
  left(addresses: readonly string[] = []): readonly Left[] {
    return everybody().filter(
      ({ pid, command }) =>
        !command.includes('loopyard-waiter') && (this.#isOurs(pid, command) || listensOn(pid, addresses)),
    );
  }

  waiters(): readonly Left[] {
    return everybody().filter(
      ({ pid, command }) => command.includes('loopyard-waiter') && this.#isOurs(pid, command),
    );
  }

  #isOurs(pid: number, command: string): boolean {
    const text = command + readQuietly(`/proc/${pid}/environ`);
    return text.includes(this.name) || text.includes(this.directory);
  }

  #supervisor(): Supervisor {
    return createSupervisor({ platform: this.platform, lines: noLines });
  }
}

export interface Left {
  readonly pid: number;
  readonly command: string;
}

/** An address that nobody else on this machine uses. */
export function freshAddress(): string {
  return `127.${randomInt(160, 250)}.${randomInt(1, 250)}.${randomInt(1, 250)}`;
}

function everybody(): readonly Left[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry) && Number(entry) !== process.pid)
    .map((entry) => ({
      pid: Number(entry),
      command: readQuietly(`/proc/${entry}/cmdline`).replaceAll('\0', ' '),
    }))
    .filter(({ pid }) => !/^State:\s+[ZX]/m.test(readQuietly(`/proc/${pid}/status`)));
}

/** Asks the kernel by another way than the product's: `ss` would be one more package. */
function listensOn(pid: number, addresses: readonly string[]): boolean {
  if (addresses.length === 0) return false;
  const hex = addresses.map((address) =>
    address
      .split('.')
      .reverse()
      .map((part) => Number(part).toString(16).toUpperCase().padStart(2, '0'))
      .join(''),
  );
  const inodes = readFileSync('/proc/net/tcp', 'latin1')
    .split('\n')
    .map((row) => row.trim().split(/\s+/))
    .filter((fields) => fields[3] === '0A' && hex.includes(fields[1]?.slice(0, 8) ?? ''))
    .map((fields) => `socket:[${fields[9]}]`);
  return inodes.length > 0 && openFiles(pid).some((to) => inodes.includes(to));
}

function openFiles(pid: number): readonly string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).map((name) => linkQuietly(`/proc/${pid}/fd/${name}`));
  } catch {
    // It ended while we looked.
    return [];
  }
}

function linkQuietly(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    // Closed while we looked.
    return '';
  }
}

function readQuietly(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    // It ended while we looked.
    return '';
  }
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // Gone in the meantime.
  }
}

async function* noLines(): AsyncIterable<string> {
  // These tests read logs as files.
}
