/**
 * The one schema of `loopyard.yaml`: types, checks, JSON Schema and the reference page all come from it, so a key of the config is one
 * field here. It knows what can be said about one value; what needs two of them (cycles, references) is `config/`'s.
 */

import * as z from 'zod/mini';
import { auditMap } from './schema/audit.ts';
import { externalSchema } from './schema/external.ts';
import { expected, field, nonEmptyText } from './schema/fields.ts';
import {
  faultMap,
  NAME_RULES,
  name,
  nameRule,
  need,
  path,
  policy,
  portNumber,
  readyMap,
  restartMap,
  scalar,
  stopMap,
  UNTIL_WORDS,
  until,
  variable,
} from './schema/parts.ts';

/** Rejected with words, so that files written today keep their meaning when these arrive. */
export const RESERVED_KEYS: readonly string[] = [
  'image',
  'replicas',
  'strategy',
  'start',
  'watch',
  'profiles',
];

/** Keys that Loopyard never reads: notes for people, anchors for YAML. */
export const FREE_KEY = /^x-/;

/** One service, key by key. */
export const serviceShape = {
  run: z.optional(
    field(nonEmptyText('a command'), {
      type: 'command',
      summary:
        'The command to run. With shell operators, wildcards, `$…` or a leading `VAR=…` it runs under `sh -c`, else it is split into words and run directly. `node_modules/.bin` is on PATH. Exactly one of `run` and `use` is given.',
      fallback: 'none',
      example: 'node server.js',
      value: 'node server.js',
    }),
  ),
  use: z.optional(
    field(nonEmptyText('the name of a recipe'), {
      type: 'recipe name',
      summary:
        'A recipe that knows how to run a well-known program. Exactly one of `run` and `use` is given.',
      fallback: 'none',
      example: 'postgres',
      value: 'postgres',
    }),
  ),
  with: z.optional(
    field(z.record(z.string(), z.unknown(), expected('a map of options of the recipe')), {
      type: 'map',
      summary: 'Options of the recipe.',
      fallback: 'the recipe’s own',
      example: '{ database: app }',
      value: { database: 'app' },
    }),
  ),
  cwd: z.optional(
    field(path, {
      type: 'path',
      summary: 'The directory to run in, relative to the config file.',
      fallback: 'the directory of the config file',
      example: 'api',
      value: 'api',
    }),
  ),
  port: z.optional(
    field(
      z.union(
        [portNumber, z.record(name, portNumber, expected('a map of endpoint names to ports'))],
        expected('a port from 1 to 65535 or a map of endpoint names to ports'),
      ),
      {
        type: 'port, or map of endpoint name to port',
        summary:
          'Where the program listens. One port is the endpoint `http`. With several the first is `PORT`, and `PORT_<NAME>` tells each. Endpoints named `http`, `https`, `postgres` or `redis` speak that protocol, others plain TCP.',
        fallback: 'the recipe’s, else none',
        example: '{ http: 3000, metrics: 9100 }',
        value: 3000,
      },
    ),
  ),
  needs: z.optional(
    field(
      z.union(
        [
          z.array(name, expected('a list of service names')),
          z.record(
            z.string(),
            z.union([until, need], expected(`${UNTIL_WORDS}, or a map with \`until\` and \`direct\``)),
            expected('a map of service names'),
          ),
        ],
        expected('a list of service names, or a map of service name to `ready`, `started` or `completed`'),
      ),
      {
        type: 'list of service names, or map of service name to `until`',
        summary: 'Services that start first, and whose host and port this one is told.',
        fallback: 'none',
        example: '{ db: ready, migrate: completed }',
        value: ['db'],
      },
    ),
  ),
  env: z.optional(
    field(z.record(variable, scalar, expected('a map of variable names to values')), {
      type: 'map of variable name to text, number or boolean',
      summary:
        'Variables of its environment. `${db.host}`, `${db.port}`, `${db.ports.metrics}` and `${db.url}` tell about a needed service, `${env.NAME}` and `${env.NAME:-default}` about the environment of `lo`; `$$` is a dollar sign.',
      fallback: 'none',
      example: '{ DATABASE_URL: "postgres://app@${db.host}:${db.port}/app" }',
      value: { LOG_LEVEL: 'debug' },
    }),
  ),
  'env-file': z.optional(
    field(
      z.union([path, z.array(path, expected('a list of paths'))], expected('a path or a list of paths')),
      {
        type: 'path, or list of paths',
        summary:
          'Files of `NAME=value` lines, relative to the config file. Later files win over earlier ones, `env` wins over all.',
        fallback: 'none',
        example: '[.env, .env.local]',
        value: '.env',
      },
    ),
  ),
  ready: z.optional(
    field(z.union([z.literal('tcp'), readyMap], expected('a map with one of `http`, `tcp`, `log`, `exec`')), {
      type: 'map',
      summary: 'How the service shows that it is ready.',
      fallback: 'the recipe’s; else a TCP connection when a port is declared; else running is enough',
      example: '{ http: /healthz, timeout: 30s }',
      value: { http: '/healthz', timeout: '30s' },
    }),
  ),
  restart: z.optional(
    field(
      z.union(
        [policy, restartMap],
        expected('`always`, `on-failure`, `never`, or a map with `policy`, `backoff` and `max`'),
      ),
      {
        type: 'policy, or map',
        summary: 'What happens when the program ends by itself.',
        fallback: '`on-failure`; `never` for tasks',
        example: '{ policy: always, backoff: 1s, max: 10 }',
        value: 'always',
      },
    ),
  ),
  stop: z.optional(
    field(stopMap, {
      type: 'map',
      summary: 'How the service is stopped.',
      fallback: 'the recipe’s, else `{ signal: SIGTERM, grace: 5s }`',
      example: '{ signal: SIGINT, grace: 10s }',
      value: { signal: 'SIGINT', grace: '10s' },
    }),
  ),
  task: z.optional(
    field(z.boolean(expected('true or false')), {
      type: 'boolean',
      summary: 'Runs to its end instead of staying up, such as a migration.',
      fallback: '`false`',
      example: 'true',
      value: true,
    }),
  ),
  bind: z.optional(
    field(z.enum(['lease', 'as-is'], expected('`lease` or `as-is`')), {
      type: 'lease or as-is',
      summary:
        '`as-is` leaves the listen calls of a Node program alone instead of moving them to the service’s own address.',
      fallback: '`lease`',
      example: 'as-is',
      value: 'as-is',
    }),
  ),
  names: z.optional(
    field(z.union([nameRule, z.array(nameRule, expected(NAME_RULES))], expected(NAME_RULES)), {
      type: '`*` or service/path, or a list of these',
      summary:
        'Names beside `<service>.<project>.localhost`. `*`: all names one label below its own, such as `acme.web.shop.localhost`. `web/api`: the path `/api` and all below it on the names of the service `web`; the path is passed on as it is.',
      fallback: 'none',
      example: '["*", front/api]',
      value: ['*', 'front/api'],
    }),
  ),
  data: z.optional(
    field(path, {
      type: 'path',
      summary: 'Where a recipe keeps its data, relative to the config file.',
      fallback: 'a directory of the environment in Loopyard’s state',
      example: '.data/db',
      value: '.data/db',
    }),
  ),
  access: z.optional(
    field(z.enum(['declared', 'open'], expected('`declared` or `open`')), {
      type: 'declared or open',
      summary:
        '`declared`: only services that need it get through, and what `lo exec`, `lo connect` and `lo test` start; others are refused and named. It has no names then.',
      fallback: '`open`',
      example: 'declared',
      value: 'declared',
    }),
  ),
  faults: z.optional(
    field(faultMap, {
      type: 'map of fault to value or settings',
      summary:
        'Faults that every link to this service has from the start. The key is the kind of fault, or a name with `kind:` inside; see the reference of faults.',
      fallback: 'none',
      example: '{ latency: 200ms, thin: { kind: bandwidth, rate: 1MB/s, direction: both } }',
      value: { latency: '200ms' },
    }),
  ),
  audit: z.optional(
    field(auditMap, {
      type: 'map',
      summary: 'What `lo attack` may do to this service that it would not do unasked.',
      fallback: 'nothing',
      example: '{ csrf: [POST /orders] }',
      value: { csrf: ['POST /orders'] },
    }),
  ),
};

export const serviceSchema = z.strictObject(serviceShape, expected('a map with `run` or `use`'));

/** The whole file, key by key. */
export const projectShape = {
  $schema: z.optional(
    field(z.string(expected('the address of a JSON Schema')), {
      type: 'text',
      summary: 'For editors; Loopyard does not read it.',
      fallback: 'none',
      example: './loopyard.schema.json',
      value: './loopyard.schema.json',
    }),
  ),
  name: field(name, {
    type: 'name',
    summary: 'The project’s name. Services are reachable as `<service>.<project>.localhost`.',
    fallback: 'required',
    example: 'shop',
    value: 'shop',
  }),
  services: field(z.record(name, serviceSchema, expected('a map of service names to services')), {
    type: 'map of service name to service',
    summary: 'The services, in any order. `env` is not allowed as a name.',
    fallback: 'required',
    example: '{ web: { run: node server.js, port: 3000 } }',
    value: { web: { run: 'node server.js', port: 3000 } },
  }),
  external: z.optional(
    field(externalSchema, {
      type: 'map of name to address or map',
      summary:
        'What services need and this project does not run; `needs` names it like a service, and there is a link to it. A port or loopback address with one; or a map: `address` with `other-machine: true` where another machine is meant, or `environment` (its name from `lo ls`), `service`, `endpoint` and the `port` that callers are told; and `protocol`, how its URL begins.',
      fallback: 'none',
      example: '{ payments: 127.0.0.1:8443, ledger: { environment: billing, service: db, port: 5432 } }',
      value: { payments: '127.0.0.1:8443' },
    }),
  ),
};

export const projectSchema = z.strictObject(projectShape, expected('a map with `name` and `services`'));

/** A service as it is written, before defaults. */
export type RawService = z.infer<typeof serviceSchema>;
export type RawExternals = z.infer<typeof externalSchema>;
