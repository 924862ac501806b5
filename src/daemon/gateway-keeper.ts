/**
 * Keeps a gateway for this home: writes the snapshot, starts the process when there is something to serve, hands it every change,
 * starts it again when it ends. It must not know routes (`gateway-routes.ts`) nor carry bytes.
 */

import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, statSync } from 'node:fs';
import { type ClientRequest, request } from 'node:http';
import { reasonOf } from '../core/errors.ts';
import type { GatewayCertificate, GatewayRoute, GatewaySnapshot, GatewayStatus } from '../core/gateway.ts';
import type { GatewayPaths } from '../core/paths.ts';
import { makePrivateDirectory, writeAtomic } from '../platform/files.ts';
import { capOwnLog } from './own-log.ts';

/** Changes of one moment travel together, in ms. */
const GATHER_MS = 5;
const FIRST_PAUSE_MS = 10;
const LONGEST_PAUSE_MS = 5000;
const ANSWERS_MS = 2000;
/** One that lived so long before it ended is no one that keeps ending. */
const STEADY_MS = 10_000;
/** Certificates are looked at so often, whether or not anything else happens. */
const RENEW_MS = 6 * 3_600_000;

export interface GatewayKeeperOptions {
  readonly paths: GatewayPaths;
  /** The shipped `gateway.js`. */
  readonly program: string;
  readonly build: string;
  /** What is to be served now, without its revision. */
  describe(): readonly GatewayRoute[];
  certificateFor(names: readonly string[]): Promise<GatewayCertificate>;
  /** The URLs of names are others than before, or somebody else has a name that was wanted. */
  renamed(): void;
  /** What else is shown of names: when it changes, they count as renamed. */
  shown(): unknown;
  report(error: unknown): void;
}

export class GatewayKeeper {
  readonly #options: GatewayKeeperOptions;
  #revision = Date.now();
  #gather: NodeJS.Timeout | null = null;
  #attending: ClientRequest | null = null;
  #publishing: Promise<void> = Promise.resolve();
  #starting: Promise<void> | null = null;
  #pause = FIRST_PAUSE_MS;
  #last = '';
  /** When the files of the certificates were made: a renewed one has the same path. */
  #lastMade = '';
  #routes: readonly GatewayRoute[] = [];
  /** By the id of the service, or alias, that they lead to. */
  #ofService = new Map<string, GatewayRoute[]>();
  #secured = false;
  /** The names as others last heard of them. */
  #told = '';
  #closed = false;
  readonly #renewal: NodeJS.Timeout;
  /** As the gateway last told; null: none runs. */
  status: GatewayStatus | null = null;

  constructor(options: GatewayKeeperOptions) {
    this.#options = options;
    this.#renewal = setInterval(() => this.changed(), RENEW_MS).unref();
  }

  /** URLs of the names of a route, then those of its paths on other names; empty while no gateway serves it. */
  urlsOf(id: string): readonly string[] {
    const door = this.#door();
    if (door === null) return [];
    return (this.#ofService.get(id) ?? []).flatMap(({ names, path }) =>
      names.map((name) => `${door.scheme}://${name}${door.suffix}${path === '/' ? '' : path}`),
    );
  }

  /** Resolves once all that changed before is served, or cannot be for now. */
  async settled(): Promise<void> {
    for (let last: Promise<void> | null = null; last !== this.#publishing || this.#gather !== null; ) {
      if (this.#gather !== null) await new Promise((resolve) => setTimeout(resolve, GATHER_MS));
      last = this.#publishing;
      await last;
    }
  }

  /** Something changed that may matter. */
  changed(): void {
    if (this.#closed) return;
    this.#gather ??= setTimeout(() => {
      this.#gather = null;
      // One after the other: of two at once the older could be the last to arrive.
      this.#publishing = this.#publishing
        .then(() => this.#publish())
        .catch(this.#options.report)
        .then(() => this.#tellNames());
    }, GATHER_MS);
  }

  /** Lets go of it; it serves on. */
  close(): void {
    this.#closed = true;
    clearInterval(this.#renewal);
    if (this.#gather !== null) clearTimeout(this.#gather);
    this.#attending?.destroy();
  }

  /** Ends it. */
  async end(): Promise<void> {
    this.close();
    await this.#ask('POST', '/v1/end', '').catch(() => null);
    this.status = null;
  }

  /** Has it begin again, so that it tries its doors anew. Connections are dropped; names are the same, maybe on other ports. */
  async reopen(): Promise<void> {
    const before = this.status;
    if (before === null || this.#closed) return;
    await this.#publishing;
    const attending = this.#attending;
    this.#attending = null;
    attending?.destroy();
    this.status = null;
    await this.#ask('POST', '/v1/end', '').catch(() => null);
    // Its successor ends at once while this one still holds the home's lock.
    for (let waited = 0; isAlive(before.pid) && waited < LONGEST_PAUSE_MS; waited += FIRST_PAUSE_MS)
      await new Promise((resolve) => setTimeout(resolve, FIRST_PAUSE_MS));
    await this.#start();
    this.#tellNames();
  }

  /** Fresh from the gateway, where one runs. */
  async look(): Promise<GatewayStatus | null> {
    return this.status === null ? null : await this.#askStatus();
  }

  /** Null: none answers within two seconds. */
  async #askStatus(): Promise<GatewayStatus | null> {
    const text = await this.#ask('GET', '/v1/status', '', ANSWERS_MS).catch(() => null);
    return text === null ? null : (JSON.parse(text) as GatewayStatus);
  }

  #tellNames(): void {
    const names = this.#routes.map(({ id, path, names: own }) => [id, path, own]);
    const told = JSON.stringify([this.#door(), names, this.#options.shown()]);
    if (told === this.#told) return;
    this.#told = told;
    this.#options.renamed();
  }

  async #dismiss(content: string): Promise<void> {
    const had = this.#last !== '' || this.status !== null;
    this.#last = content;
    if (!had) return;
    this.#attending?.destroy();
    this.#attending = null;
    this.status = null;
    await this.#ask('POST', '/v1/end', '').catch(() => null);
  }

  /** The secure one while it can show a certificate for anything. */
  #door(): { readonly scheme: string; readonly suffix: string } | null {
    const open = this.status?.doors.filter(({ error }) => error === null) ?? [];
    const door =
      (this.#secured ? open.find(({ secure }) => secure) : undefined) ?? open.find(({ secure }) => !secure);
    if (door === undefined) return null;
    const usual = door.secure ? 443 : 80;
    return { scheme: door.secure ? 'https' : 'http', suffix: door.port === usual ? '' : `:${door.port}` };
  }

  async #publish(): Promise<void> {
    const routes = this.#options.describe();
    const certificates = await this.#certificates(routes);
    if (this.#closed) return;
    this.#routes = routes;
    this.#ofService = new Map();
    for (const route of routes) {
      const id = route.id.replace(/@.*/, '');
      this.#ofService.set(id, [...(this.#ofService.get(id) ?? []), route]);
    }
    this.#secured = certificates.length > 0;
    const content = JSON.stringify({ routes, certificates });
    const made = certificates.map(({ certificate }) => madeAt(certificate)).join();
    if (content === this.#last && made === this.#lastMade) return;
    this.#lastMade = made;
    const wanted = routes.some(({ state }) => state !== 'down');
    if (!wanted) {
      // Nothing runs that it could lead to: nothing of ours stays either.
      await this.#dismiss(content);
      return;
    }
    this.#last = content;
    this.#revision += 1;
    makePrivateDirectory(this.#options.paths.directory);
    writeAtomic(this.#options.paths.snapshot, JSON.stringify(this.#snapshot()));
    await this.#deliver();
  }

  /** One for each environment: its names come and go together. */
  async #certificates(routes: readonly GatewayRoute[]): Promise<readonly GatewayCertificate[]> {
    const groups = new Map<string, string[]>();
    for (const { id, names, path, wildcard } of routes) {
      if (path !== '/') continue;
      const group = id.slice(0, id.indexOf('/'));
      const below = wildcard ? names.map((name) => `*.${name}`) : [];
      groups.set(group, [...(groups.get(group) ?? []), ...names, ...below]);
    }
    const lists = [...groups.values()].filter((names) => names.length > 0);
    return await Promise.all(lists.map((names) => this.#options.certificateFor(names)));
  }

  #snapshot(): GatewaySnapshot {
    return {
      schema: 1,
      revision: this.#revision,
      links: [],
      ...(JSON.parse(this.#last) as Pick<GatewaySnapshot, 'routes' | 'certificates'>),
    };
  }

  async #deliver(): Promise<void> {
    const answer = await this.#ask('POST', '/v1/snapshot', JSON.stringify(this.#snapshot())).catch(
      () => null,
    );
    if (answer === null) {
      await this.#start();
      return;
    }
    this.status = JSON.parse(answer) as GatewayStatus;
    if (this.status.build !== this.#options.build) await this.#replace();
    else this.#attend();
  }

  /** One of another build: it reads the same snapshot, so its successor serves the same names. */
  async #replace(): Promise<void> {
    await this.#ask('POST', '/v1/end', '').catch(() => null);
    await this.#start();
  }

  #start(): Promise<void> {
    this.#starting ??= this.#launch().finally(() => {
      this.#starting = null;
    });
    return this.#starting;
  }

  async #launch(): Promise<void> {
    const { paths, program } = this.#options;
    capOwnLog(paths.log, this.#options.report);
    const log = openSync(paths.log, 'a', 0o600);
    const child = spawn(process.execPath, [program, paths.socket, paths.snapshot, lockName(paths)], {
      detached: true,
      cwd: '/',
      env: scrubbed(process.env),
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    child.unref();
    child.on('error', this.#options.report);
    for (let pause = FIRST_PAUSE_MS; !this.#closed && pause < LONGEST_PAUSE_MS; pause *= 1.4) {
      const status = await this.#askStatus();
      if (status !== null) {
        this.status = status;
        this.#attend();
        return;
      }
      // Its socket appears when it serves; there is no event for that.
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
    this.#options.report(new Error(`the gateway did not start; see ${paths.log}`));
  }

  /** An open request that ends with the gateway. */
  #attend(): void {
    if (this.#attending !== null || this.#closed) return;
    const attending = request({ socketPath: this.#options.paths.socket, path: '/v1/attend', agent: false });
    this.#attending = attending;
    const since = performance.now();
    const ended = (): void => {
      if (this.#attending !== attending) return;
      if (performance.now() - since > STEADY_MS) this.#pause = FIRST_PAUSE_MS;
      this.#attending = null;
      this.status = null;
      if (this.#closed) return;
      // Once at once; one that keeps ending gets longer and longer pauses.
      setTimeout(() => void this.#deliver().catch(this.#options.report), this.#pause).unref();
      this.#pause = Math.min(LONGEST_PAUSE_MS, this.#pause * 2);
    };
    attending.on('response', (response) => response.on('close', ended).resume());
    attending.on('error', ended);
    attending.on('close', ended);
    attending.end();
  }

  /** `timeout` in ms; 0: none. */
  #ask(method: string, path: string, body: string, timeout = 0): Promise<string> {
    return new Promise((resolve, reject) => {
      const asking = request(
        { socketPath: this.#options.paths.socket, method, path, agent: false, timeout },
        (response) => {
          let text = '';
          response.setEncoding('utf8');
          response.on('data', (part: string) => {
            text += part;
          });
          response.on('end', () =>
            response.statusCode === 200 ? resolve(text) : reject(new Error(`gateway: ${text}`)),
          );
          response.on('error', reject);
        },
      );
      asking.on('timeout', () => asking.destroy(new Error('no answer')));
      asking.on('error', (error) => reject(new Error(reasonOf(error))));
      asking.end(body);
    });
  }
}

function madeAt(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    // Gone, or never ours.
    return false;
  }
}

/** Beside the daemon's own, and as secret: nobody else can take it first. */
function lockName(paths: GatewayPaths): string {
  return `gateway-${readFileSync(paths.secret, 'latin1')}`;
}

/** As for a daemon that is started from inside a service: its marks must not be carried. */
function scrubbed(variables: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = new Set(['LOOPYARD_HTTPS_PORT', 'LOOPYARD_HTTP_PORT']);
  const { NODE_OPTIONS: _, ...rest } = Object.fromEntries(
    Object.entries(variables).filter(([name]) => !name.startsWith('LOOPYARD_') || kept.has(name)),
  );
  return rest;
}
