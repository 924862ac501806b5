/**
 * Databases and the like that a project seems to use: from dependencies and from a Compose file. Only ever suggested.
 */

import { parse } from 'yaml';
import { readSmall } from './files.ts';
import type { Suggestion } from './found.ts';
import type { Package } from './package.ts';

export function suggestionsOf({ dependencies }: Package, where: string): readonly Suggestion[] {
  return CLIENTS.flatMap(([recipe, names]) => {
    const name = names.find((candidate) => dependencies.has(candidate));
    return name === undefined ? [] : [{ recipe, because: `"${name}" in ${where}` }];
  });
}

export interface ComposeFile {
  readonly file: string;
  /** Names of its services; null when it could not be understood. */
  readonly services: readonly string[] | null;
  readonly suggestions: readonly Suggestion[];
}

export async function readCompose(directory: string): Promise<ComposeFile | null> {
  for (const file of COMPOSE_NAMES) {
    const text = await readSmall(directory, file);
    if (text !== null) return understand(file, text);
  }
  return null;
}

const COMPOSE_NAMES = ['compose.yaml', 'compose.yml', 'docker-compose.yaml', 'docker-compose.yml'] as const;

const CLIENTS: readonly (readonly [Suggestion['recipe'], readonly string[]])[] = [
  ['postgres', ['pg', 'postgres', 'pg-promise', 'pg-boss', 'postgraphile', 'slonik']],
  ['redis', ['redis', 'ioredis', 'bull', 'bullmq', 'connect-redis', 'bee-queue']],
];

const IMAGES: readonly (readonly [Suggestion['recipe'], RegExp])[] = [
  ['postgres', /(?:^|\/)(?:postgres|postgresql|postgis|pgvector|timescaledb)(?::|$)/],
  ['redis', /(?:^|\/)(?:redis|valkey|redis-stack)(?::|$)/],
  ['nginx', /(?:^|\/)nginx(?::|$)/],
];

function understand(file: string, text: string): ComposeFile {
  try {
    const { services } = (parse(text, { logLevel: 'silent', merge: true }) ?? {}) as { services?: unknown };
    if (typeof services !== 'object' || services === null) return { file, services: null, suggestions: [] };
    const suggestions = Object.values(services).flatMap((service: { image?: unknown } | null) => {
      const image = String(service?.image ?? '');
      const known = IMAGES.find(([, pattern]) => pattern.test(image));
      return known === undefined ? [] : [{ recipe: known[0], because: `the image ${image} in ${file}` }];
    });
    return { file, services: Object.keys(services), suggestions };
  } catch {
    // Not YAML, or a bomb of aliases: it is mentioned, not read.
    return { file, services: null, suggestions: [] };
  }
}
