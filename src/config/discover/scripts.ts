/**
 * Scripts of one package -> services: the one that develops or starts it, the parts it starts side by side, its workers.
 */

import { readSmall } from './files.ts';
import type { FoundPort, FoundService } from './found.ts';
import { type Manager, type Package, runScript } from './package.ts';
import { portInSource, portOf } from './ports.ts';

export interface ScriptSource {
  /** Absolute. */
  readonly directory: string;
  /** As in `FoundService`. */
  readonly cwd: string | null;
  readonly package: Package;
  readonly manager: Manager;
  /** The main service's name; null: by what it is. */
  readonly name: string | null;
}

/** In the order in which they were looked for; empty when nothing here runs for long. */
export async function servicesOfScripts(source: ScriptSource): Promise<readonly FoundService[]> {
  const scripts = usable(source.package.scripts);
  const main = MAIN.find((name) => scripts.has(name));
  const parts = main === undefined ? [] : partsOf(scripts.get(main) ?? '', scripts);
  const chosen = parts.length > 1 ? parts : main === undefined ? [] : [main];
  const beside = [...SERVERS.filter((name) => isApart(name, main, scripts)), ...WORKERS];
  const others = beside.flatMap(
    (name) => [`${name}:dev`, `dev:${name}`, name].find((script) => scripts.has(script)) ?? [],
  );
  const names = new Set([...chosen, ...others]);
  return Promise.all(
    [...names].map((script) => toService(script, scripts.get(script) ?? '', script === main, source)),
  );
}

const MAIN = ['dev', 'develop', 'start:dev', 'dev:server', 'serve', 'start'] as const;
/** What often has a script of its own beside the one that develops the page. */
const SERVERS = ['api', 'backend', 'server'] as const;
const WORKERS = ['worker', 'workers', 'queue', 'jobs', 'scheduler', 'cron'] as const;

/** False for a script that starts what the main one starts too, such as `server` beside `dev: node --watch server.js`. */
function isApart(name: string, main: string | undefined, scripts: ReadonlyMap<string, string>): boolean {
  const mainCommand = scripts.get(main ?? '');
  const entry = ENTRY.exec(scripts.get(name) ?? '')?.[1];
  if (mainCommand === undefined || entry === undefined) return false;
  return !mainCommand.includes(entry) && !mentions(mainCommand, name);
}

function mentions(command: string, script: string): boolean {
  return [...command.matchAll(MENTION)].some((match) => match[1] === script);
}

/** A script that starts Loopyard would start itself for ever. */
function usable(scripts: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  return new Map(
    [...scripts].filter(
      ([, command]) => !/(?:^|[\s/;&|"'])(?:lo|loopyard)\s+(?:up|run|test)\b/.test(command),
    ),
  );
}

const SIDE_BY_SIDE = /(?:^|[\s/])(?:concurrently|npm-run-all|npm-run-all2|run-p|wireit|conc)\s/;
const MENTION =
  /(?:npm run|npm-run|pnpm run|pnpm|yarn run|yarn|bun run|npm:|pnpm:|yarn:|bun:)\s?([\w:.*-]+)/g;

/** The scripts that one script starts side by side, or none. */
function partsOf(command: string, scripts: ReadonlyMap<string, string>): readonly string[] {
  if (!SIDE_BY_SIDE.test(command)) return [];
  const words = /(?:run-p|npm-run-all2?)\s(.*)/.exec(command)?.[1]?.split(/[\s"']+/) ?? [];
  const mentioned = [...[...command.matchAll(MENTION)].map((match) => match[1] ?? ''), ...words];
  const parts = mentioned.flatMap((name) =>
    name.includes('*') ? matching(name, scripts) : scripts.has(name) ? [name] : [],
  );
  return [...new Set(parts)];
}

function matching(pattern: string, scripts: ReadonlyMap<string, string>): readonly string[] {
  const [before = '', after = ''] = pattern.replace(/\*+/, '*').split('*');
  return [...scripts.keys()].filter(
    (name) => name.length > before.length + after.length && name.startsWith(before) && name.endsWith(after),
  );
}

async function toService(
  script: string,
  command: string,
  isMain: boolean,
  source: ScriptSource,
): Promise<FoundService> {
  const isWorker = WORKERS.some((name) => script.split(':').includes(name));
  const port = portOf(command) ?? (isWorker ? null : await portOfServer(command, source));
  const part = serviceName(script, isMain, port !== null);
  return {
    name: source.name === null ? part : isMain ? source.name : `${source.name}-${part}`,
    run: runScript(source.manager, script),
    cwd: source.cwd,
    port,
    task: false,
    envFile: null,
    origin: `"${script}" in ${source.cwd === null ? '' : `${source.cwd}/`}package.json`,
  };
}

/** `dev:api` -> `api`; the main script is what the package is. */
function serviceName(script: string, isMain: boolean, listens: boolean): string {
  if (isMain) return listens ? 'web' : 'app';
  const rest = script.split(':').filter((part) => !['dev', 'start', 'serve', 'watch'].includes(part));
  return rest.length === 0 ? script : rest.join('-');
}

const FRAMEWORKS = [
  'express',
  'fastify',
  'koa',
  'hono',
  '@hono/node-server',
  '@nestjs/core',
  '@hapi/hapi',
  'restify',
  'polka',
] as const;
const ENTRY =
  /(?:^|\s)(?:node|nodemon|tsx|ts-node|ts-node-dev|bun|deno run)\s(?:.*?\s)?([\w@./-]+\.[cm]?[jt]sx?)\b/;

/** What a server of a Node framework listens on: in its source, else what their guides all use. */
async function portOfServer(
  command: string,
  { directory, package: { dependencies } }: ScriptSource,
): Promise<FoundPort | null> {
  const entry = ENTRY.exec(command)?.[1];
  const source = entry === undefined ? null : await readSmall(directory, entry);
  const port = source === null ? null : portInSource(source);
  if (port !== null) return { port, because: `from ${entry}` };
  const framework = FRAMEWORKS.find((name) => dependencies.has(name));
  if (framework === undefined || !/\b(?:node|nodemon|tsx|ts-node|bun|nest)\b/.test(command)) return null;
  return { port: 3000, because: `a guess: ${framework} is in package.json` };
}
