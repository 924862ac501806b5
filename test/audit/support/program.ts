/**
 * A real server as a process of its own, on a port that was free a moment ago; it is ready when its port answers, and gone when the test
 * ends. It must not know which program it is.
 */

import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import type { TestContext } from 'node:test';
import type { ListenerDocument } from '../../../src/core/inspection.ts';
import { until } from '../../support/until.ts';
import type { Place } from './examine.ts';

export interface Program {
  argv(port: number): readonly string[];
  /** Its working directory; removed when the test ends. */
  readonly directory: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Null: as this process. Some servers refuse to run as root. */
  readonly uid?: number;
}

const ATTEMPTS = 5;

/** Somebody may take the port in between, so it is tried several times. */
export async function startProgram(t: TestContext, program: Program): Promise<Place> {
  t.after(() => rmSync(program.directory, { recursive: true, force: true }));
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort();
    const [file = '', ...args] = program.argv(port);
    const { uid } = program;
    const child = spawn(file, args, {
      cwd: program.directory,
      env: { PATH: process.env.PATH ?? '', HOME: program.directory, ...program.env },
      stdio: ['ignore', 'pipe', 'pipe'],
      // A server's children go with it.
      detached: true,
      ...(uid === undefined ? {} : { uid, gid: uid }),
    });
    const output: string[] = [];
    child.stdout?.on('data', (text) => output.push(String(text)));
    child.stderr?.on('data', (text) => output.push(String(text)));
    t.after(() => end(child));
    const answers = until(async () => isOver(child) || (await isOpen(port)), 60_000);
    await answers;
    if (!isOver(child)) return { port, listener: ownedBy(child.pid ?? 0, [file, ...args]) };
    assert.ok(attempt < ATTEMPTS, `${file} ended:\n${output.join('')}`);
  }
}

/** What is known of a listener whose process has this command line. */
export function ownedBy(pid: number, command: readonly string[]): Partial<ListenerDocument> {
  const name = command[0]?.split('/').at(-1) ?? '';
  const owner = {
    pid,
    user: null,
    name,
    command,
    cwd: null,
    started: null,
    parents: [],
    origin: '',
    stale: false,
  };
  return { owners: [owner], ownerVisible: true };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  assert.ok(address !== null && typeof address === 'object');
  return address.port;
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

function isOver({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}

async function end(child: ChildProcess): Promise<void> {
  if (isOver(child) || child.pid === undefined) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  process.kill(-child.pid, 'SIGKILL');
  await gone;
}
