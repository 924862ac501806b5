/** What an environment works with, and the small vocabulary between it and its neighbours. Types only. */

import type { FaultKind } from '../core/fault.ts';
import type { Exit } from '../core/lifecycle.ts';
import type { LinkPlace, LinkStatistics } from '../core/link.ts';
import type { External } from '../core/model.ts';
import type { HomePaths } from '../core/paths.ts';
import type { RecipeCatalog } from '../core/recipe.ts';
import type { ServiceStatus, Warning } from '../core/status.ts';
import type { Platform } from '../platform/platform.ts';
import type { LogBook } from '../supervisor/logs/log-book.ts';
import type { Supervisor } from '../supervisor/supervisor.ts';
import type { ServiceAuthority } from './authority/tools.ts';
import type { LeaseKeeper } from './lease-keeper.ts';

export interface ServiceNames {
  /** Empty while no gateway serves it. */
  readonly urls: readonly string[];
  /** About names that somebody else has. */
  readonly warnings: readonly Warning[];
}
export type ExternalService = Extract<External['target'], { kind: 'environment' }>;

export interface EnvironmentTools {
  readonly platform: Platform;
  readonly supervisor: Supervisor;
  readonly logs: LogBook;
  readonly keeper: LeaseKeeper;
  readonly recipes: RecipeCatalog;
  readonly faultKinds: readonly FaultKind[];
  readonly home: HomePaths;
  readonly distDir: string;
  readonly uid: number;
  now(): number;
  /** Something that others show of an environment may have changed; `at-once`: somebody waits until it is served. */
  changed(soon?: 'at-once'): void;
  /** False: no gateway runs for this home, so everybody is told services' own addresses. */
  readonly linksServed: boolean;
  /** Of a service of another environment; null: it is not up. */
  placeElsewhere(target: ExternalService): LinkPlace | null;
  /** As the gateway last told of all links. */
  links(): readonly LinkStatistics[];
  /** The names that lead to a service through the gateway. */
  namesOf(environment: string, service: string): ServiceNames;
  /** Resolves once the names of all that runs are served, or cannot be for now. */
  namesSettled(): Promise<void>;
  /** Resolves once all links are served as they are now, or cannot be. */
  linksSettled(): Promise<void>;
  readonly authority: ServiceAuthority;
  /** For errors that are bugs or that nobody waits for. */
  report(error: unknown): void;
}

/** What a new daemon found of a service's run. */
export type Finding =
  | { readonly kind: 'nothing' | 'lost' | 'ending' }
  | { readonly kind: 'alive'; readonly pid: number }
  | { readonly kind: 'exited'; readonly exit: Exit };

export type Watcher = (change: { readonly service: ServiceStatus } | { readonly removed: true }) => void;
