/**
 * The place where a bench runs: a temporary directory with a LOOPYARD_HOME of its own, the shipped `lo`, and an end after which no
 * process that was started from here lives.
 */

import { spawn, spawnSync } from 'node:child_process';
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
import { join } from 'node:path';

/** In the environment of everything that is started here. Not `LOOPYARD_…`: those are taken out of a daemon's environment. */
const MARK = 'BENCH_SANDBOX';

export class Sandbox {
  #count = 0;

  /** `lo`: path of the program. */
  constructor(lo) {
    this.lo = lo;
    this.root = realpathSync(mkdtempSync(join(tmpdir(), 'lo-bench-')));
  }

  /** A new empty directory. */
  directory() {
    this.#count += 1;
    const path = join(this.root, `d${this.#count}`);
    mkdirSync(path);
    return path;
  }

  variables(extra = {}) {
    const { PATH, HOME = this.root } = process.env;
    return { PATH, HOME, LANG: 'C.UTF-8', NO_COLOR: '1', [MARK]: this.root, ...extra };
  }

  /** A project with a home of its own: `services` as loopyard.yaml has them. */
  project(services) {
    const directory = this.directory();
    const home = join(this.directory(), 'home');
    writeFileSync(join(directory, 'loopyard.yaml'), JSON.stringify({ name: 'bench', services }));
    return { directory, home, variables: this.variables({ LOOPYARD_HOME: home }) };
  }

  /** Runs `lo` in a project to its end; throws unless it ends with 0. Gives its output and the milliseconds it took. */
  async run(project, args, { discard = false } = {}) {
    const began = performance.now();
    const child = spawn(process.execPath, [this.lo, ...args], {
      cwd: project.directory,
      env: project.variables,
      stdio: ['ignore', discard ? 'ignore' : 'pipe', 'pipe'],
    });
    const [stdout, stderr, code] = await Promise.all([
      discard ? '' : textOf(child.stdout),
      textOf(child.stderr),
      new Promise((resolve) => child.once('exit', resolve)),
    ]);
    const ms = performance.now() - began;
    if (code !== 0) throw new Error(`lo ${args.join(' ')} ended with ${code}:\n${stdout}${stderr}`);
    return { stdout, ms };
  }

  async json(project, args) {
    return JSON.parse((await this.run(project, [...args, '--json'])).stdout);
  }

  /** Pids of living processes that were started from here, whoever their parents are. `word`: only those with it in their command. */
  processes(word = '') {
    return readdirSync('/proc')
      .filter((entry) => /^\d+$/.test(entry) && this.#holds(entry, word))
      .map(Number);
  }

  #holds(pid, word) {
    try {
      if (/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'latin1'))) return false;
      if (!readFileSync(`/proc/${pid}/environ`, 'latin1').includes(`${MARK}=${this.root}`)) return false;
      return readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes(word);
    } catch {
      // It ended while we looked.
      return false;
    }
  }

  /** Ends what is left, by pid; gives how many there were. */
  sweep() {
    const left = this.processes();
    for (const pid of left) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // Gone in the meantime.
      }
    }
    return left.length;
  }

  async stopDaemon(project) {
    await this.run(project, ['daemon', 'stop', '--all']);
  }

  close() {
    // What is killed may have been starting another one.
    while (this.sweep() > 0) spawnSync('sleep', ['0.05']);
    rmSync(this.root, { recursive: true, force: true });
  }
}

async function textOf(stream) {
  let text = '';
  for await (const chunk of stream.setEncoding('utf8')) text += chunk;
  return text;
}
