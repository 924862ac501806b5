/** Faults of links beyond what the config says: those that were added while it ran, and names that were taken away. It must not know sockets. */

import type { Fault } from '../../core/fault.ts';

/** Of one link. */
export interface KeptFaults {
  readonly added: readonly Fault[];
  /** Names of configured ones that are not in force. */
  readonly removed: readonly string[];
}

export class FaultBook {
  readonly #kept: Map<string, KeptFaults>;

  constructor(kept: Readonly<Record<string, KeptFaults>>) {
    this.#kept = new Map(Object.entries(kept));
  }

  get record(): Readonly<Record<string, KeptFaults>> {
    return Object.fromEntries(this.#kept);
  }

  /** Those in force at `now` (epoch ms), in the order in which traffic passes them. */
  of(link: string, configured: readonly Fault[], now: number): readonly Fault[] {
    const kept = this.#kept.get(link);
    if (kept === undefined) return configured;
    const added = kept.added.filter(({ until }) => until === null || until > now);
    const replaced = new Set([...kept.removed, ...added.map(({ name }) => name)]);
    return [...configured.filter(({ name }) => !replaced.has(name)), ...added];
  }

  /** In place of one of the same name. */
  add(link: string, fault: Fault, now: number): void {
    const { added, removed } = this.#of(link);
    const live = added.filter(({ name, until }) => name !== fault.name && (until === null || until > now));
    this.#kept.set(link, { added: [...live, fault], removed });
  }

  /** Names that the config gives stay away until the environment is taken down. */
  remove(link: string, names: readonly string[], configured: readonly Fault[]): void {
    const { added, removed } = this.#of(link);
    const gone = configured.map(({ name }) => name).filter((name) => names.includes(name));
    this.#kept.set(link, {
      added: added.filter(({ name }) => !names.includes(name)),
      removed: [...new Set([...removed, ...gone])],
    });
  }

  /** Back to what the config says. */
  forget(link?: string): void {
    if (link === undefined) this.#kept.clear();
    else this.#kept.delete(link);
  }

  #of(link: string): KeptFaults {
    return this.#kept.get(link) ?? { added: [], removed: [] };
  }
}
