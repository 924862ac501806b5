/**
 * The dependency graph of a project: who needs whom, cycles, closures. Pure; it must not know states.
 */

import type { Need, Service } from './model.ts';

export interface Graph {
  readonly needs: ReadonlyMap<string, readonly Need[]>;
  readonly dependents: ReadonlyMap<string, readonly string[]>;
}

/** Needs that name no service of the list are left out (config reports them). */
export function buildGraph(services: readonly Pick<Service, 'name' | 'needs'>[]): Graph {
  const known = new Set(services.map((service) => service.name));
  const needs = new Map<string, readonly Need[]>();
  const dependents = new Map<string, string[]>(services.map((service) => [service.name, []]));
  for (const service of services) {
    const own = service.needs.filter((need) => known.has(need.service));
    needs.set(service.name, own);
    for (const need of own) dependents.get(need.service)?.push(service.name);
  }
  return { needs, dependents };
}

/** The named services and everything that they need, in no particular order. */
export function closure(graph: Graph, names: Iterable<string>): ReadonlySet<string> {
  const seen = new Set<string>();
  const queue = [...names];
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    if (seen.has(name)) continue;
    seen.add(name);
    for (const need of graph.needs.get(name) ?? []) queue.push(need.service);
  }
  return seen;
}

/** One cycle as a path whose last name is its first again, or null. */
export function findCycle(graph: Graph): readonly string[] | null {
  const done = new Set<string>();
  for (const start of graph.needs.keys()) {
    const cycle = walk(graph, start, [], done);
    if (cycle !== null) return cycle;
  }
  return null;
}

function walk(
  graph: Graph,
  name: string,
  path: readonly string[],
  done: Set<string>,
): readonly string[] | null {
  const at = path.indexOf(name);
  if (at >= 0) return [...path.slice(at), name];
  if (done.has(name)) return null;
  for (const need of graph.needs.get(name) ?? []) {
    const cycle = walk(graph, need.service, [...path, name], done);
    if (cycle !== null) return cycle;
  }
  done.add(name);
  return null;
}
