/** Those who watch one environment. They hear of a service once for all that changes in a turn of the event loop. */

import type { ServiceStatus } from '../core/status.ts';
import type { Watcher } from './environment-tools.ts';

export class Watchers {
  readonly #describe: (service: string) => ServiceStatus | null;
  readonly #watchers = new Set<Watcher>();
  readonly #untold = new Set<string>();

  /** `describe`: null for a service that left meanwhile. */
  constructor(describe: (service: string) => ServiceStatus | null) {
    this.#describe = describe;
  }

  get any(): boolean {
    return this.#watchers.size > 0;
  }

  add(watcher: Watcher): Disposable {
    this.#watchers.add(watcher);
    return { [Symbol.dispose]: () => this.#watchers.delete(watcher) };
  }

  changed(service: string): void {
    if (!this.any) return;
    if (this.#untold.size === 0) setImmediate(() => this.#tell());
    this.#untold.add(service);
  }

  removed(): void {
    for (const watcher of this.#watchers) watcher({ removed: true });
  }

  #tell(): void {
    const services = [...this.#untold];
    this.#untold.clear();
    for (const name of services) {
      const service = this.#describe(name);
      if (service !== null) for (const watcher of this.#watchers) watcher({ service });
    }
  }
}
