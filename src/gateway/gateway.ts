/** The data plane as one object: doors, routes, certificates, upkeep. Configuration comes in as snapshots and changes to them. It must not know the daemon. */

import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { GatewayChange, GatewayChangeAnswer, GatewaySnapshot, GatewayStatus } from '../core/gateway.ts';
import { Certificates } from './certificates.ts';
import { Doors } from './doors.ts';
import { Front, placeText } from './front.ts';
import { Links, type LinksOptions } from './links/links.ts';

/** In ms. */
const UPKEEP_MS = 1000;

export interface GatewayPorts {
  /** In the order of preference; 0 is a free port that the system picks. */
  readonly https: readonly number[];
  readonly http: readonly number[];
}

export interface GatewayOptions extends Pick<LinksOptions, 'spread' | 'lookout'> {
  /** How long a request is held until its service is ready. */
  readonly holdMs?: number;
}

/** Null: that door could not be opened anywhere. */
export interface Ports {
  readonly https: number | null;
  readonly http: number | null;
}

export class Gateway {
  readonly #front: Front;
  readonly #certificates: Certificates;
  readonly #doors: Doors;
  readonly #links: Links;
  readonly #lag = monitorEventLoopDelay({ resolution: 20 });
  readonly #upkeep: NodeJS.Timeout;
  #revision = 0;
  #securePort: number | null = null;
  #plainPort: number | null = null;
  #secured = false;

  constructor(report: (error: unknown) => void, { holdMs, ...links }: GatewayOptions = {}) {
    this.#links = new Links(links);
    this.#front = new Front({ now: () => performance.now(), ...(holdMs === undefined ? {} : { holdMs }) });
    this.#certificates = new Certificates(report);
    this.#doors = new Doors({
      desk: this.#front,
      report,
      certificateFor: (name) => (this.#front.knows(name) ? this.#certificates.for(name) : null),
    });
    this.#lag.enable();
    this.#upkeep = setInterval(() => {
      const now = performance.now();
      this.#doors.sweep(now);
      this.#front.sweep(now);
      this.#links.sweep(now);
    }, UPKEEP_MS);
  }

  async open(ports: GatewayPorts): Promise<void> {
    this.#securePort = await this.#doors.open(ports.https, true);
    this.#direct();
    this.#plainPort = await this.#doors.open(ports.http, false);
    const open = this.#doors.describe().filter(({ error }) => error === null);
    this.#front.ownDoors = new Set(open.map(placeText));
  }

  get ports(): Ports {
    return { https: this.#securePort, http: this.#plainPort };
  }

  /** False: an older snapshot than the one in use. */
  apply(snapshot: GatewaySnapshot): boolean {
    if (snapshot.revision < this.#revision) return false;
    this.#revision = snapshot.revision;
    this.#certificates.apply(snapshot.certificates);
    this.#secured = snapshot.certificates.length > 0;
    this.#direct();
    this.#front.apply(snapshot);
    // A snapshot that an older daemon wrote has none.
    this.#links.apply((snapshot as Partial<GatewaySnapshot>).links ?? []);
    return true;
  }

  /** Resolves when each link that it speaks of listens, or could not. */
  async change({ revision, after, links, gone }: GatewayChange): Promise<GatewayChangeAnswer> {
    if (after !== this.#revision) return { taken: false, links: [] };
    this.#revision = revision;
    this.#links.change(links, gone);
    const ids = links.map(({ id }) => id);
    await this.#links.settled(ids);
    return { taken: true, links: this.#links.statisticsOf(ids) };
  }

  /** Resolves when each link that should listen does, or could not. */
  async settled(): Promise<void> {
    await this.#links.settled();
  }

  status(): Omit<GatewayStatus, 'schema' | 'version' | 'build' | 'pid' | 'started'> {
    const lagMs = Math.max(0, this.#lag.max / 1e6);
    this.#lag.reset();
    return {
      revision: this.#revision,
      doors: this.#doors.describe(),
      connections: this.#front.openConnections,
      lagMs,
      routes: this.#front.statistics(),
      links: this.#links.statistics(),
      carriers: this.#links.carriers,
    };
  }

  /** Plain requests are sent to the secure door once that has a certificate to show. */
  #direct(): void {
    this.#front.secureDoor = this.#secured ? this.#securePort : null;
  }

  async close(): Promise<void> {
    clearInterval(this.#upkeep);
    this.#lag.disable();
    this.#doors.close();
    this.#front.close();
    await this.#links.close();
  }

  /** Of what it has started itself nothing is left when this resolves. */
  async letGo(): Promise<void> {
    await this.#links.letGo();
  }
}
