/** An environment as it is known now, out of a snapshot and changes. Pure; it must not know where events come from. */

import type { EnvironmentStatus, Outcome, ServiceStatus, WatchEvent } from '../../core/status.ts';

export class Board {
  #status: EnvironmentStatus | null = null;
  #services: readonly ServiceStatus[] = [];
  #outcome: Outcome | null = null;
  #removed = false;

  /** Gives the services that are other than before. */
  apply(event: WatchEvent): readonly ServiceStatus[] {
    switch (event.type) {
      case 'snapshot':
        return this.#takeSnapshot(event.status);
      case 'service':
        return this.#takeService(event.service);
      case 'settled':
        this.#outcome = event.outcome;
        return [];
      case 'removed':
        this.#removed = true;
        return [];
      default:
        // Notices, and what a newer daemon may say.
        return [];
    }
  }

  /** As it was in the last snapshot; `services` are newer. */
  get status(): EnvironmentStatus | null {
    return this.#status;
  }

  get services(): readonly ServiceStatus[] {
    return this.#services;
  }

  /** Begins with services as another board knows them. */
  adopt(services: readonly ServiceStatus[]): void {
    this.#services = services;
  }

  get outcome(): Outcome | null {
    return this.#outcome;
  }

  get removed(): boolean {
    return this.#removed;
  }

  service(name: string): ServiceStatus | undefined {
    return this.services.find((service) => service.name === name);
  }

  /** No process is left and none is to come. */
  get allEnded(): boolean {
    return this.#removed || this.services.every(hasEnded);
  }

  #takeSnapshot(status: EnvironmentStatus): readonly ServiceStatus[] {
    const before = new Map(this.#services.map((service) => [service.name, service]));
    this.#status = status;
    this.#services = status.services;
    return status.services.filter((service) => differs(before.get(service.name), service));
  }

  #takeService(service: ServiceStatus): readonly ServiceStatus[] {
    const before = this.service(service.name);
    this.#services =
      before === undefined
        ? [...this.#services, service]
        : this.#services.map((known) => (known === before ? service : known));
    return differs(before, service) ? [service] : [];
  }
}

export function hasEnded(service: ServiceStatus): boolean {
  switch (service.state) {
    case 'idle':
    case 'stopped':
    case 'completed':
    case 'failed':
    case 'skipped':
    case 'lost':
      return true;
    default:
      return false;
  }
}

/** Only what people are told of: a change of state, of its reason, of where it listens, a new run or a new warning. */
function differs(before: ServiceStatus | undefined, after: ServiceStatus): boolean {
  return (
    before === undefined ||
    before.state !== after.state ||
    before.reason !== after.reason ||
    before.run !== after.run ||
    before.warnings.length !== after.warnings.length ||
    before.endpoints.length !== after.endpoints.length
  );
}
