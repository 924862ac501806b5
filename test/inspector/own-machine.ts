/**
 * A machine of a test's own, as far as sockets and processes go: namespaces for network, processes and mounts. Nothing of the host is
 * seen in it, nothing in it is seen on the host's network, and it ends with the test. It must not know what is tried there.
 */

import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { WhyReport } from '../../src/core/inspection.ts';
import type { Finished, Lab } from '../support/lab.ts';
import { until } from '../support/until.ts';

export class OwnMachine {
  readonly directory: string;
  /** Runs the command that follows inside. */
  readonly through: readonly string[];
  #programs = 0;

  private constructor(directory: string, pid: number) {
    this.directory = directory;
    this.through = ['nsenter', '-t', String(pid), '--net', '--pid', '--mount', '--'];
  }

  /** Null where namespaces cannot be made: then the test is marked as skipped, and has to return. */
  static async create(t: TestContext): Promise<OwnMachine | null> {
    if (spawnSync('unshare', [...NAMESPACES, 'true']).status !== 0) {
      t.skip('namespaces cannot be made here');
      return null;
    }
    const directory = mkdtempSync(join(tmpdir(), 'machine-'));
    const log = openSync(join(directory, 'log'), 'w');
    // `sleep` is the init of the namespace: when it is killed the kernel ends all that is left inside.
    const script = 'ip link set lo up && echo up && exec sleep 3600';
    const keeper = spawn('unshare', [...NAMESPACES, '--kill-child', 'sh', '-c', script], {
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    t.after(() => end(keeper, directory));
    await until(() => readFileSync(join(directory, 'log'), 'utf8').includes('up\n'));
    const children = readFileSync(`/proc/${keeper.pid}/task/${keeper.pid}/children`, 'utf8');
    const machine = new OwnMachine(directory, Number.parseInt(children, 10));
    machine.useHosts('127.0.0.1 localhost\n');
    return machine;
  }

  /** Its hosts file from now on; the host's stays as it is. */
  useHosts(text: string): void {
    const file = join(this.directory, 'hosts');
    writeFileSync(file, text);
    this.run('mount', '--bind', file, '/etc/hosts');
  }

  /** Runs a command to its end. */
  run(...argv: readonly string[]): string {
    const [program = '', ...args] = [...this.through, ...argv];
    const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' });
    assert.equal(status, 0, `${argv.join(' ')}: ${stderr}`);
    return stdout;
  }

  /** Starts a program that prints one line of JSON when it is in place, and leaves it running. */
  async start<T>(...argv: readonly string[]): Promise<T> {
    return JSON.parse(await this.launch(...argv)) as T;
  }

  /**
   * Starts a program that prints a line when it is in place, and gives that. Its streams are files: sockets of the host in its hands
   * would stand in no table inside.
   */
  async launch(...argv: readonly string[]): Promise<string> {
    this.#programs += 1;
    const file = join(this.directory, `program-${this.#programs}`);
    const output = openSync(file, 'w');
    const [program = '', ...args] = [...this.through, ...argv];
    const child = spawn(program, args, { stdio: ['ignore', output, output] });
    closeSync(output);
    const text = (): string => readFileSync(file, 'utf8');
    await until(() => {
      assert.equal(child.exitCode, null, `${argv.join(' ')}: ${text()}`);
      return text().includes('\n');
    });
    return text().split('\n')[0] ?? '';
  }

  /** A program in Python; it ends by `say(NAME=VALUE)`, which tells those and its pid, and stays. */
  async python(script: string): Promise<Readonly<Record<string, number>>> {
    return await this.start('python3', '-c', `${PYTHON}\n${script}`);
  }

  /** Waits until that process of the inside is no more. */
  async gone(pid: number): Promise<void> {
    await until(() => this.#isGone(pid));
  }

  /** `lo why PORT --json`, and the exit code that it has to have. */
  async why(lab: Lab, port: number, code: 0 | 1): Promise<WhyReport> {
    return JSON.parse(await lab.must(['why', String(port), '--json'], code, this)) as WhyReport;
  }

  /** As a person reads it. */
  async told(lab: Lab, port: number): Promise<Finished> {
    return await lab.lo(['why', String(port)], this);
  }

  /** Nobody in there waits for the dead, so a zombie is gone too. One look: between two it may go. */
  #isGone(pid: number): boolean {
    const status = this.run('sh', '-c', `cat /proc/${pid}/status 2>/dev/null || true`);
    return status === '' || /^State:\s+Z/m.test(status);
  }
}

const NAMESPACES = ['--net', '--pid', '--mount', '--fork', '--mount-proc'];

const PYTHON = `
import json, os, socket, sys, time
from socket import *
def tcp(host, port, reuse=True, share=False):
    s = socket(AF_INET6 if ':' in host else AF_INET, SOCK_STREAM)
    if reuse: s.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)
    if share: s.setsockopt(SOL_SOCKET, SO_REUSEPORT, 1)
    s.bind((host, port))
    return s
def listen(host, port, **how):
    s = tcp(host, port, **how)
    s.listen()
    return s
def call(host, port):
    s = socket(AF_INET6 if ':' in host else AF_INET, SOCK_STREAM)
    s.connect((host, port))
    return s
def say(**facts):
    print(json.dumps({'pid': os.getpid(), **facts}), flush=True)
    time.sleep(3600)
`;

async function end(keeper: ChildProcess, directory: string): Promise<void> {
  const ended = new Promise((resolve) => keeper.once('exit', resolve));
  if (keeper.exitCode === null && keeper.signalCode === null) {
    keeper.kill('SIGKILL');
    await ended;
  }
  rmSync(directory, { recursive: true, force: true });
}
