/** What completion scripts ask for: services and links of the config at hand. Cheap: no daemon, no recipes, no checks. */

import { readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type Located, parseText } from '../config/document.ts';
import { findConfig } from '../config/find-config.ts';
import type { World } from './world.ts';

/** Nothing where there is no config, or one that cannot be read: a completion must not print errors between the words. */
export async function serviceNames(world: Pick<World, 'directory'>): Promise<readonly string[]> {
  return [...entriesOf(await configAt(world, undefined), 'services').keys()];
}

/** What the text says of needs and ports. `given`: a config file. */
export async function configuredLinks(
  world: Pick<World, 'directory'>,
  given: string | undefined,
): Promise<readonly string[]> {
  const root = await configAt(world, given);
  const services = entriesOf(root, 'services');
  const outside = entriesOf(root, 'external');
  const links = [...services].flatMap(([from, service]) =>
    needsOf(service).flatMap((to) => [
      ...endpointsOf(services.get(to)).map((endpoint) => `${from}:${to}${endpoint}`),
      ...(outside.has(to) ? [`${from}:${to}`] : []),
    ]),
  );
  const guarded = [...services].filter(
    ([, { entries }]) => entries?.get('access')?.value.value === 'declared',
  );
  const doors = guarded.flatMap(([name, service]) =>
    endpointsOf(service).map((endpoint) => `:${name}${endpoint}`),
  );
  return [...links, ...doors];
}

async function configAt(world: Pick<World, 'directory'>, given: string | undefined): Promise<Located | null> {
  try {
    const file = given === undefined ? await findConfig(world.directory) : resolve(world.directory, given);
    // A FIFO would never end.
    if (file === null || !(await stat(file)).isFile()) return null;
    return parseText(await readFile(file, 'utf8')).root;
  } catch {
    // See above.
    return null;
  }
}

function entriesOf(parent: Located | null | undefined, key: string): ReadonlyMap<string, Located> {
  const entries = parent?.entries?.get(key)?.value.entries ?? [];
  return new Map([...entries].map(([name, { value }]) => [name, value]));
}

function needsOf(service: Located): readonly string[] {
  const needs = service.entries?.get('needs')?.value;
  const listed = (needs?.items ?? []).flatMap(({ value }) => (typeof value === 'string' ? [value] : []));
  const mapped = [...(needs?.entries ?? [])].filter(
    ([, { value }]) => value.value !== 'completed' && value.entries?.get('direct')?.value.value !== true,
  );
  return [...listed, ...mapped.map(([name]) => name)];
}

/** As they stand behind a link's name; the first goes without its own. A recipe has at least one. */
function endpointsOf(service: Located | undefined): readonly string[] {
  if (service?.entries?.get('task')?.value.value === true) return [];
  const port = service?.entries?.get('port')?.value;
  const names = [...(port?.entries?.keys() ?? [])];
  if (names.length > 0) return names.map((name, index) => (index === 0 ? '' : `/${name}`));
  return port !== undefined || service?.entries?.has('use') === true ? [''] : [];
}
