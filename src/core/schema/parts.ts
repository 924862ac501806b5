/**
 * The schemas of single values and of the maps inside a service: names, ports, `needs`, `ready`, `restart`, `stop`. It must not know
 * where in the file they stand.
 */

import * as z from 'zod/mini';
import { NAME_PATTERN } from '../model.ts';
import { duration, expected, field, nonEmptyText } from './fields.ts';

const NAME_WORDS = 'a name of lower-case letters, digits and `-` that starts with a letter';
export const name = z
  .string(expected(NAME_WORDS))
  .check(z.regex(NAME_PATTERN, expected(NAME_WORDS)), z.maxLength(63, 'a name has at most 63 characters'));

const NAME_RULE_WORDS = '`*`, or a service and a path such as `web/api`';
export const NAME_RULES = `${NAME_RULE_WORDS}, or a list of these`;
/** Segments of characters that no program writes in two ways (`unreserved` of RFC 3986), and neither `.` nor `..`. */
export const nameRule = z
  .string(expected(NAME_RULE_WORDS))
  .check(
    z.regex(/^(?:\*|[a-z][a-z0-9-]*(?:\/(?!\.{1,2}(?:\/|$))[A-Za-z0-9._~-]+)+)$/, expected(NAME_RULE_WORDS)),
    z.maxLength(200, 'a name has at most 200 characters'),
  );

const PORT_WORDS = 'a port from 1 to 65535';
export const portNumber = z
  .int(expected(PORT_WORDS))
  .check(z.minimum(1, expected(PORT_WORDS)), z.maximum(65535, expected(PORT_WORDS)));

export const path = nonEmptyText('a path');
export const scalar = z.union([z.string(), z.number(), z.boolean()], expected('a text, number or boolean'));
const VARIABLE_WORDS = 'a variable name of letters, digits and `_` that does not start with a digit';
export const variable = z.string().check(z.regex(/^[A-Za-z_][A-Za-z0-9_]*$/, expected(VARIABLE_WORDS)));

const FAULT_WORDS = 'a value such as 200ms, true, or a map of settings';

export const faultMap = z.record(
  name,
  z.union([scalar, z.record(z.string(), scalar, expected('a map of settings'))], expected(FAULT_WORDS)),
  expected('a map of faults such as `{ latency: 200ms }`'),
);

const UNTIL = ['ready', 'started', 'completed'] as const;
export const UNTIL_WORDS = '`ready`, `started` or `completed`';
export const until = z.enum(UNTIL, expected(UNTIL_WORDS));

const POLICIES = ['always', 'on-failure', 'never'] as const;
export const policy = z.enum(POLICIES, expected('`always`, `on-failure` or `never`'));

const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGQUIT', 'SIGHUP', 'SIGKILL', 'SIGUSR1', 'SIGUSR2'] as const;

export const need = z.strictObject(
  {
    until: z.optional(
      field(until, {
        type: 'ready, started or completed',
        summary: 'What the needed service must have reached before this one starts.',
        fallback: '`completed` for a task, else `ready`',
        example: 'ready',
        value: 'ready',
      }),
    ),
    direct: z.optional(
      field(z.boolean(expected('true or false')), {
        type: 'boolean',
        summary: 'Opts out of a link of its own: the service is told the needed service’s own address.',
        fallback: '`false`',
        example: 'true',
        value: true,
      }),
    ),
    faults: z.optional(
      field(faultMap, {
        type: 'map of fault to value or settings',
        summary: 'Faults that this link has from the start.',
        fallback: 'those of the service',
        example: '{ latency: 200ms }',
        value: { latency: '200ms' },
      }),
    ),
  },
  expected(`${UNTIL_WORDS}, or a map with \`until\` and \`direct\``),
);

export const readyMap = z.strictObject(
  {
    http: z.optional(
      field(
        z
          .string(expected('a path that starts with `/`'))
          .check(z.regex(/^\//, expected('a path that starts with `/`'))),
        {
          type: 'path',
          summary: 'Ready when a GET of this path answers with a status below 400.',
          fallback: 'not asked',
          example: '/healthz',
          value: '/healthz',
        },
      ),
    ),
    endpoint: z.optional(
      field(name, {
        type: 'endpoint name',
        summary: 'Which endpoint `http` asks.',
        fallback: 'the first endpoint that speaks HTTP, else the first',
        example: 'metrics',
        value: 'metrics',
      }),
    ),
    tcp: z.optional(
      field(z.union([z.literal(true), name], expected('true or the name of an endpoint')), {
        type: 'true, or endpoint name',
        summary: 'Ready when the endpoint accepts a connection.',
        fallback: 'the first endpoint, when a port is declared and nothing else is asked',
        example: 'true',
        value: true,
      }),
    ),
    log: z.optional(
      field(nonEmptyText('a regular expression'), {
        type: 'regular expression',
        summary: 'Ready when a line of output matches this JavaScript regular expression.',
        fallback: 'not watched',
        example: '"listening on .*"',
        value: 'listening on .*',
      }),
    ),
    exec: z.optional(
      field(nonEmptyText('a command'), {
        type: 'command',
        summary: 'Ready when this command, run with the service’s environment, exits with 0.',
        fallback: 'not run',
        example: 'node check.js',
        value: 'node check.js',
      }),
    ),
    timeout: z.optional(
      field(duration(1), {
        type: 'duration',
        summary: 'How long it may take until the service counts as not ready.',
        fallback: '`60s`',
        example: '30s',
        value: '30s',
      }),
    ),
  },
  expected('a map with one of `http`, `tcp`, `log`, `exec`'),
);

export const restartMap = z.strictObject(
  {
    policy: z.optional(
      field(policy, {
        type: 'always, on-failure or never',
        summary: 'When a program that ended is started again.',
        fallback: '`on-failure`; `never` for tasks',
        example: 'always',
        value: 'always',
      }),
    ),
    backoff: z.optional(
      field(duration(1), {
        type: 'duration',
        summary: 'The first pause; it doubles up to 64 times itself.',
        fallback: '`100ms`',
        example: '1s',
        value: '1s',
      }),
    ),
    max: z.optional(
      field(
        z
          .int(expected('a whole number from 1 to 1000'))
          .check(
            z.minimum(1, expected('a whole number from 1 to 1000')),
            z.maximum(1000, expected('a whole number from 1 to 1000')),
          ),
        {
          type: 'integer',
          summary: 'After so many quick failures in a row the service is `failed`.',
          fallback: '`5`',
          example: '10',
          value: 10,
        },
      ),
    ),
  },
  expected('`always`, `on-failure`, `never`, or a map with `policy`, `backoff` and `max`'),
);

export const stopMap = z.strictObject(
  {
    signal: z.optional(
      field(z.enum(SIGNALS, expected(`one of ${SIGNALS.join(', ')}`)), {
        type: 'signal',
        summary: 'What asks the program to end.',
        fallback: 'the recipe’s, else `SIGTERM`',
        example: 'SIGINT',
        value: 'SIGINT',
      }),
    ),
    grace: z.optional(
      field(duration(0), {
        type: 'duration',
        summary: 'How long it may take before it is killed.',
        fallback: 'the recipe’s, else `5s`',
        example: '10s',
        value: '10s',
      }),
    ),
  },
  expected('a map with `signal` and `grace`'),
);
