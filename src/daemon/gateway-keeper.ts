/**
 * Keeps a gateway for this home: writes the snapshot, starts the process when there is something to serve, hands it every change,
 * starts it again when it ends. It must not know routes (`gateway-routes.ts`) nor links, nor carry bytes.
 */

import { statSync } from 'node:fs';
import type { ClientRequest } from 'node:http';
import { LoopyardError } from '../core/errors.ts';
import type { GatewayCertificate, GatewayRoute, GatewaySnapshot, GatewayStatus } from '../core/gateway.ts';
import type { GatewayLink, LinkStatistics } from '../core/link.ts';
import type { GatewayPaths } from '../core/paths.ts';
import { makePrivateDirectory, writeAtomic } from '../platform/files.ts';
import { GatewayClient } from './gateway-client.ts';
import { spawnGateway } from './gateway-process.ts';
import { Pace } from './pace.ts';
import { Persister } from './persister.ts';

const FIRST_PAUSE_MS = 10;
const LONGEST_PAUSE_MS = 5000;
/** Looks for one that starts come so much later each: no more of its start than a fifth is lost by waiting. */
const ONCE_MORE = 1.2;
/** One that lived so long before it ended is no one that keeps ending. */
const STEADY_MS = 10_000;
/** Certificates are looked at so often, whether or not anything else happens. */
const RENEW_MS = 6 * 3_600_000;

/** The links that are to be served now. */
export interface ServedLinks {
  readonly links: readonly GatewayLink[];
  /** Something runs, or is about to, that has links. */
  readonly wanted: boolean;
}

export interface GatewayKeeperOptions {
  readonly paths: GatewayPaths;
  /** The shipped `gateway.js`. */
  readonly program: string;
  readonly build: string;
  routes(): readonly GatewayRoute[];
  /** `revision`: of the snapshot that they will stand in. */
  links(revision: number): ServedLinks;
  certificateFor(names: readonly string[]): Promise<GatewayCertificate>;
  /** The URLs of names are others than before, or somebody else has a name that was wanted. */
  renamed(): void;
  /** What else is shown of names: when it changes, they count as renamed. */
  shown(): unknown;
  /** What the gateway tells of links, at least as new as the snapshot of revision `asOf`. */
  told(links: readonly LinkStatistics[], asOf: number): void;
  /** None could be started. */
  failed(reason: string): void;
  report(error: unknown): void;
}

export class GatewayKeeper {
  readonly #options: GatewayKeeperOptions;
  readonly #client: GatewayClient;
  /** The file is for times without a daemon: what is served does not wait for the disk. */
  readonly #file: Persister;
  #revision = Date.now();
  readonly #pace = new Pace((withRoutes) => this.#enqueue(withRoutes));
  #routes: Pick<GatewaySnapshot, 'routes' | 'certificates'> = { routes: [], certificates: [] };
  /** Those routes as text, with when the files of the certificates were made: a renewed one has the same path. */
  #routesText = '';
  #attending: ClientRequest | null = null;
  #publishing: Promise<void> = Promise.resolve();
  #starting: Promise<void> | null = null;
  #pause = FIRST_PAUSE_MS;
  #last = '';
  #snapshot: GatewaySnapshot | null = null;
  /** By the id of the service, or alias, that they lead to. */
  #ofService = new Map<string, GatewayRoute[]>();
  #secured = false;
  /** The names as others last heard of them. */
  #told = '';
  #closed = false;
  readonly #renewal: NodeJS.Timeout;
  /** As the gateway last told; null: none runs. */
  status: GatewayStatus | null = null;
  /** Also of one that was only just started. */
  pid: number | null = null;

  constructor(options: GatewayKeeperOptions) {
    this.#options = options;
    this.#client = new GatewayClient(options.paths.socket);
    this.#file = new Persister(() => this.#write(), options.report);
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
    for (let last: Promise<void> | null = null; last !== this.#publishing || this.#pace.isWaiting; ) {
      this.#pace.now();
      last = this.#publishing;
      await last;
    }
  }

  /** Something changed that may matter; `at-once`: a link, and somebody waits for it. */
  changed(soon?: 'at-once'): void {
    if (this.#closed) return;
    if (soon === undefined) this.#pace.later();
    else this.#pace.soon();
  }

  /** One after the other: of two at once the older could be the last to arrive. */
  #enqueue(withRoutes: boolean): void {
    this.#publishing = this.#publishing
      .then(() => this.#publish(withRoutes))
      .catch(this.#options.report)
      .then(() => this.#tellNames());
  }

  /** Learns which gateway a former daemon left, before anything is ended. */
  async meet(): Promise<void> {
    this.status = await this.#client.status();
    this.pid = this.status?.pid ?? null;
  }

  /** Lets go of it; it serves on. */
  close(): void {
    this.#closed = true;
    clearInterval(this.#renewal);
    this.#pace.drop();
    this.#file.quietly();
    this.#file.close();
    this.#attending?.destroy();
  }

  /** Ends it. */
  async end(): Promise<void> {
    this.close();
    await this.#client.end();
    this.status = null;
  }

  /** Has it begin again, so that it tries its doors anew. Connections are dropped; names are the same, maybe on other ports. */
  async reopen(): Promise<void> {
    const before = this.status;
    if (before === null || this.#closed) return;
    await this.#publishing;
    await this.#letGo();
    // Its successor ends at once while this one still holds the home's lock.
    for (let waited = 0; isAlive(before.pid) && waited < LONGEST_PAUSE_MS; waited += FIRST_PAUSE_MS)
      await new Promise((resolve) => setTimeout(resolve, FIRST_PAUSE_MS));
    await this.#start();
    this.#tellNames();
  }

  /** Fresh from the gateway, where one runs. */
  async look(): Promise<GatewayStatus | null> {
    return this.status === null ? null : await this.#client.status();
  }

  #tellNames(): void {
    const names = this.#routes.routes.map(({ id, path, names: own }) => [id, path, own]);
    const told = JSON.stringify([this.#door(), names, this.#options.shown()]);
    if (told === this.#told) return;
    this.#told = told;
    this.#options.renamed();
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

  async #publish(withRoutes: boolean): Promise<void> {
    const began = performance.now();
    if (this.#closed) return;
    if (withRoutes) await this.#describeRoutes();
    if (this.#closed) return;
    await this.#serve();
    if (withRoutes) this.#pace.took(performance.now() - began);
  }

  async #serve(): Promise<void> {
    const { routes, certificates } = this.#routes;
    const { links, wanted: wantedByLinks } = this.#options.links(this.#revision + 1);
    const wanted = wantedByLinks || isWanted(routes);
    const content = `${this.#routesText} ${JSON.stringify({ wanted, links })}`;
    if (content === this.#last) {
      if (this.status !== null) this.#options.told(this.status.links, this.#revision + 1);
      return;
    }
    const had = this.#last !== '' || this.status !== null;
    this.#last = content;
    if (!wanted) {
      // Nothing runs that it could lead to: nothing of ours stays either.
      if (had) await this.#letGo();
      this.#snapshot = null;
      return;
    }
    this.#revision += 1;
    this.#snapshot = { schema: 1, revision: this.#revision, routes, certificates, links };
    this.#file.soon();
    await this.#deliver();
  }

  /** While certificates are made: both take their time, and neither needs the other. */
  #startWith(routes: readonly GatewayRoute[]): void {
    this.#revision += 1;
    this.#snapshot = { schema: 1, revision: this.#revision, routes, certificates: [], links: [] };
    this.#start().catch(this.#options.report);
  }

  async #describeRoutes(): Promise<void> {
    const routes = this.#options.routes();
    if (this.#snapshot === null && this.status === null && isWanted(routes)) this.#startWith(routes);
    const certificates = await this.#certificates(routes);
    const made = certificates.map(({ certificate }) => madeAt(certificate));
    const text = JSON.stringify([routes, certificates, made]);
    // The same as before stays the same: then links alone are told.
    if (text === this.#routesText) return;
    this.#routesText = text;
    this.#routes = { routes, certificates };
    this.#ofService = new Map();
    for (const route of routes) {
      const id = route.id.replace(/@.*/, '');
      this.#ofService.set(id, [...(this.#ofService.get(id) ?? []), route]);
    }
    this.#secured = certificates.length > 0;
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

  #write(): void {
    // Let go of: what was served last stays, since it tells who has which name.
    if (this.#snapshot === null) return;
    makePrivateDirectory(this.#options.paths.directory);
    writeAtomic(this.#options.paths.snapshot, JSON.stringify(this.#snapshot));
  }

  async #deliver(): Promise<void> {
    for (let served = -1; this.#snapshot !== null && served < this.#snapshot.revision; ) {
      const status = this.#starting === null ? await this.#client.deliver(this.#snapshot) : null;
      if (status === null) await this.#start();
      else if (status.build !== this.#options.build) await this.#replace();
      else this.#take(status);
      // One that was just being started may have taken an older one.
      served = this.status?.revision ?? Number.POSITIVE_INFINITY;
    }
  }

  #take(status: GatewayStatus): void {
    this.status = status;
    this.pid = status.pid;
    this.#attend();
    this.#options.told(status.links, status.revision);
  }

  /** One of another build: it reads the same snapshot, so its successor serves the same names. */
  async #replace(): Promise<void> {
    await this.#client.end();
    await this.#start();
  }

  async #letGo(): Promise<void> {
    const attending = this.#attending;
    this.#attending = null;
    attending?.destroy();
    this.status = null;
    await this.#client.end();
  }

  #start(): Promise<void> {
    this.#starting ??= this.#launch().finally(() => {
      this.#starting = null;
    });
    return this.#starting;
  }

  async #launch(): Promise<void> {
    const { paths, program, report } = this.#options;
    this.#file.quietly();
    this.pid = spawnGateway(paths, program, report) ?? null;
    for (let pause = FIRST_PAUSE_MS; !this.#closed && pause < LONGEST_PAUSE_MS; pause *= ONCE_MORE) {
      // Its socket appears when it serves; there is no event for that. What is handed over again is newer than the file, or the same.
      const status = this.#snapshot === null ? null : await this.#client.deliver(this.#snapshot);
      if (status !== null) {
        this.#take(status);
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
    if (this.#closed) return;
    const error = new LoopyardError('GATEWAY_FAILED', { log: paths.log });
    report(error);
    this.#options.failed(error.message);
  }

  /** An open request that ends with the gateway. */
  #attend(): void {
    if (this.#attending !== null || this.#closed) return;
    const since = performance.now();
    const attending = this.#client.attend(() => {
      if (this.#attending !== attending) return;
      if (performance.now() - since > STEADY_MS) this.#pause = FIRST_PAUSE_MS;
      this.#attending = null;
      this.status = null;
      if (this.#closed) return;
      // Once at once; one that keeps ending gets longer and longer pauses.
      setTimeout(() => void this.#deliver().catch(this.#options.report), this.#pause).unref();
      this.#pause = Math.min(LONGEST_PAUSE_MS, this.#pause * 2);
    });
    this.#attending = attending;
  }
}

function isWanted(routes: readonly GatewayRoute[]): boolean {
  return routes.some(({ state }) => state !== 'down');
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
