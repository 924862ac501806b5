/** Runs small Node programs under the preload, with addresses of their own. */

import { spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { type Binding, preloadVariables } from '../../src/core/bind-preload.ts';
import { dist } from '../support/paths.ts';

/** This Node, and those that the developer names: `TEST_NODES=/path/to/node:/path/to/other/node`. */
export const NODES = [process.execPath, ...(process.env.TEST_NODES ?? '').split(':').filter(Boolean)];

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** What the program printed last, as JSON. */
  json<T>(): T;
}

export interface RunOptions {
  readonly node?: string;
  readonly name?: string;
  readonly env?: Readonly<Record<string, string>>;
}

export class PreloadRig {
  readonly directory: string;
  /** A random one, so that test files that run at once do not meet. */
  readonly address: string;
  readonly port = 3000;
  readonly #preload: string;

  constructor(t: TestContext, folder = '') {
    const top = realpathSync(mkdtempSync(join(tmpdir(), 'preload-')));
    t.after(() => rmSync(top, { recursive: true, force: true }));
    this.directory = join(top, folder);
    mkdirSync(this.directory, { recursive: true });
    this.address = `127.${random(64, 127)}.${random(0, 255)}.${random(1, 254)}`;
    this.#preload = join(this.directory, 'preload.cjs');
    copyFileSync(join(dist, 'preload.cjs'), this.#preload);
  }

  variables(existing?: string): Record<string, string> {
    const { address, port } = this;
    const bindings: readonly Binding[] = [{ declared: port, address, port }];
    return preloadVariables(existing, this.#preload, bindings);
  }

  write(name: string, text: string): string {
    const file = join(this.directory, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    return file;
  }

  /** The program's text; `name` decides between CommonJS and ES modules. */
  async run(text: string, options: RunOptions = {}): Promise<Ended> {
    const file = this.write(options.name ?? 'program.cjs', text);
    const { NODE_OPTIONS: _, ...inherited } = process.env;
    const child = spawn(options.node ?? process.execPath, [file], {
      cwd: this.directory,
      env: { ...inherited, ...this.variables(), ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      stdout += chunk;
    });
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      stderr += chunk;
    });
    const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
    const json = <T>(): T => {
      const last = stdout.trim().split('\n').at(-1) ?? '';
      try {
        return JSON.parse(last) as T;
      } catch (error) {
        throw new Error(`no JSON from the program (code ${code}):\n${stdout}\n${stderr}`, { cause: error });
      }
    };
    return { code, stdout, stderr, json };
  }
}

function random(from: number, to: number): number {
  return from + Math.floor(Math.random() * (to - from + 1));
}
