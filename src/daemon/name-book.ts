/**
 * Remembers who has which name, so that the first holder keeps it, also over a restart of the daemon: what was served last stands in
 * the gateway's snapshot. Tells those who want a name that another has. It must not know how names are served.
 */

import { readFileSync } from 'node:fs';
import type { GatewaySnapshot } from '../core/gateway.ts';
import type { Warning } from '../core/status.ts';
import { type LostName, type Names, type NameWishes, namesOf } from './gateway-routes.ts';
import { worktreeName } from './identify.ts';

export interface NameBookTools {
  /** The gateway's last snapshot; it need not exist. */
  readonly snapshot: string;
  wishes(): Omit<NameWishes, 'held'>;
}

export class NameBook {
  readonly #tools: NameBookTools;
  #held: ReadonlyMap<string, string>;
  readonly #worktrees = new Map<string, boolean>();
  #last: Names = { routes: [], lost: [] };

  constructor(tools: NameBookTools) {
    this.#tools = tools;
    this.#held = holdersIn(readSnapshot(tools.snapshot));
  }

  /** As of now. Who is found to have a name has it from now on. */
  look(): Names {
    const wishes = this.#tools.wishes();
    const { routes, lost } = namesOf({ ...wishes, held: this.#held });
    this.#held = holdersIn(routes);
    this.#last = { routes, lost: [...lost, ...this.#withoutPlainName(wishes)] };
    return this.#last;
  }

  /** A second clone, or another project of that name, has a folder in front of its names; a worktree has it by its nature. */
  #withoutPlainName({ environments, speaksHttp }: Omit<NameWishes, 'held'>): readonly LostName[] {
    return environments.flatMap(({ environment, project, config, services }) => {
      const first = services.find(({ name }) => speaksHttp(environment.id, name));
      const holder = environments.find((one) => one.environment.name === project);
      if (first === undefined || holder === undefined || environment.name === project) return [];
      if (config === null || this.#isWorktree(environment.path)) return [];
      const id = `${environment.id}/${first.name}`;
      const words = `${project} in ${holder.environment.path}`;
      return [{ id, name: `${project}.localhost`, holder: words, holderId: '' }];
    });
  }

  /** Looked up once: a checkout does not become another kind of one. */
  #isWorktree(path: string): boolean {
    const known = this.#worktrees.get(path) ?? worktreeName(path) !== null;
    this.#worktrees.set(path, known);
    return known;
  }

  /** As of the last look. */
  get lost(): Names['lost'] {
    return this.#last.lost;
  }

  /** Who has the name that this route wants, in words; null: nobody else. */
  holderFor(id: string): string | null {
    return this.look().lost.find((one) => one.id === id)?.holder ?? null;
  }

  /** As of the last look. */
  warningsOf(id: string): readonly Warning[] {
    const lost = this.#last.lost.filter((one) => one.id === id);
    if (lost.length === 0) return [];
    const text = lost.map(({ name, holder }) => `${name} leads to ${holder}, who had it first`).join('; ');
    return [{ code: 'NAME_HELD', text, fix: [...new Set(lost.map(fixOf))].join('; ') }];
  }
}

function fixOf({ name, holderId }: LostName): string {
  if (holderId.startsWith('alias/')) return `\`lo alias --remove ${name}\` if the service shall have it`;
  if (holderId === '') return '`lo switch` gives it to this checkout';
  return 'rename the service, or stop and forget the other one (`lo down --forget`)';
}

function holdersIn(routes: Names['routes']): ReadonlyMap<string, string> {
  return new Map(
    routes
      .filter(({ path }) => path === '/')
      .flatMap(({ id, names }) => names.map((name) => [name, id] as const)),
  );
}

function readSnapshot(file: string): Names['routes'] {
  try {
    return (JSON.parse(readFileSync(file, 'utf8')) as GatewaySnapshot).routes;
  } catch {
    // None yet, or torn: then nobody has a name so far.
    return [];
  }
}
