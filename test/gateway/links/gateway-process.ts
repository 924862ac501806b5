/** The gateway that ships, as a process of its own, led by a snapshot in a file or over its socket, without any daemon. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { GatewaySnapshot, GatewayStatus } from '../../../src/core/gateway.ts';
import type { GatewayLink } from '../../../src/core/link.ts';
import { dist } from '../../support/paths.ts';
import { until } from '../../support/until.ts';

export class GatewayProcess {
  readonly #directory: string;
  #child: ChildProcess | null = null;
  #revision = 1;

  private constructor(directory: string) {
    this.#directory = directory;
  }

  static create(t: TestContext): GatewayProcess {
    const gateway = new GatewayProcess(mkdtempSync(join(tmpdir(), 'gw-')));
    t.after(async () => {
      await gateway.kill();
      rmSync(gateway.#directory, { recursive: true });
    });
    return gateway;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /** What it reads when it starts. */
  write(snapshot: object): void {
    writeFileSync(join(this.#directory, 'snapshot.json'), JSON.stringify(snapshot));
  }

  snapshot(links: readonly GatewayLink[]): GatewaySnapshot {
    this.#revision += 1;
    return { schema: 1, revision: this.#revision, routes: [], certificates: [], links };
  }

  /** Resolves when its socket answers. */
  async start(variables: NodeJS.ProcessEnv = {}): Promise<void> {
    const at = (name: string): string => join(this.#directory, name);
    const args = [
      join(dist, 'gateway.js'),
      at('gateway.sock'),
      at('snapshot.json'),
      `lo-test-${this.#directory}`,
    ];
    const env = { ...process.env, LOOPYARD_HTTPS_PORT: '0', LOOPYARD_HTTP_PORT: '0', ...variables };
    this.#child = spawn(process.execPath, args, { env, stdio: 'ignore' });
    await until(async () => {
      return await this.status().then(
        () => true,
        () => false,
      );
    });
  }

  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (child === null) return;
    if (child.exitCode !== null) return;
    const helpers = childrenOf(child.pid ?? 0);
    child.kill('SIGKILL');
    await once(child, 'exit');
    // They end by themselves, and leave nothing behind the test either.
    await until(() => helpers.every(isGone));
  }

  /** Resolves when it has ended as it is told to. */
  async end(): Promise<void> {
    const child = this.#child;
    if (child === null) return;
    const ended = once(child, 'exit');
    await this.#ask('POST', '/v1/end', '');
    await ended;
  }

  async status(): Promise<GatewayStatus> {
    return JSON.parse(await this.#ask('GET', '/v1/status', '')) as GatewayStatus;
  }

  async apply(snapshot: GatewaySnapshot): Promise<GatewayStatus> {
    return JSON.parse(await this.#ask('POST', '/v1/snapshot', JSON.stringify(snapshot))) as GatewayStatus;
  }

  /** Prometheus' text. */
  async metrics(): Promise<string> {
    return await this.#ask('GET', '/metrics', '');
  }

  /** Proportional set size, in KB. */
  memory(): number {
    const text = readFileSync(`/proc/${this.pid}/smaps_rollup`, 'latin1');
    return Number(/^Pss:\s+(\d+)/m.exec(text)?.[1] ?? 0);
  }

  #ask(method: string, path: string, body: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const socketPath = join(this.#directory, 'gateway.sock');
      const asking = request({ socketPath, path, method, agent: false }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (piece: string) => {
          text += piece;
        });
        response.on('end', () => resolve(text));
        response.on('error', reject);
      });
      asking.on('error', reject).end(body);
    });
  }
}

function childrenOf(pid: number): readonly number[] {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1');
    return text.split(' ').filter(Boolean).map(Number);
  } catch {
    // Not every kernel tells.
    return [];
  }
}

/** Also one that nobody has waited for. */
export function isGone(pid: number): boolean {
  try {
    return /^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'latin1'));
  } catch {
    // There is no such process any more.
    return true;
  }
}
