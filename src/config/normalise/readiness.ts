/**
 * `ready:` -> how a service shows that it is ready, or null when the file leaves it open.
 */

import { DEFAULT_READY_TIMEOUT_MS, type EndpointSpec, type Readiness } from '../../core/model.ts';
import { suggest } from '../../core/suggest.ts';
import { parseDuration } from '../../core/units.ts';
import type { Path } from '../reporter.ts';
import type { Context, Draft } from './draft.ts';

type Ready = Exclude<Draft['raw']['ready'], 'tcp' | undefined>;

const WAYS = ['http', 'tcp', 'log', 'exec'] as const;

export function readReadiness(
  draft: Draft,
  endpoints: readonly EndpointSpec[],
  context: Context,
): Readiness | null {
  const { ready } = draft.raw;
  if (ready === undefined) return null;
  const path = [...draft.path, 'ready'];
  const map: Ready = ready === 'tcp' ? { tcp: true } : ready;
  const [way, second] = WAYS.filter((candidate) => map[candidate] !== undefined);
  // A part of the map that was wrong is reported already; without it the rest says something else.
  if (way === undefined && draft.wrong.has('ready')) return null;
  if (way !== undefined && second !== undefined) {
    context.report.key(
      [...path, second],
      `ready: \`${way}\` and \`${second}\` exclude each other`,
      'keep one of them',
    );
    return null;
  }
  if (map.endpoint !== undefined && way !== 'http') {
    context.report.key(
      [...path, 'endpoint'],
      'ready: `endpoint` goes with `http`',
      'for a connection write `tcp: NAME`',
    );
  }
  if (way === undefined && (draft.raw.use !== undefined || endpoints.length === 0)) {
    const hint =
      draft.raw.use === undefined
        ? 'without any of them a service needs a `port:` to ask'
        : 'or leave it out: the recipe knows how its program shows that it is ready';
    context.report.value(path, 'ready: needs one of `http`, `tcp`, `log`, `exec`', hint);
    return null;
  }
  return build(map, new Finder(draft, endpoints, context), path, context);
}

function build(map: Ready, finder: Finder, path: Path, context: Context): Readiness | null {
  const timeoutMs = parseDuration(map.timeout ?? '') ?? DEFAULT_READY_TIMEOUT_MS;
  if (map.http !== undefined) return finder.http(map.http, map.endpoint, timeoutMs);
  if (map.log !== undefined) return readLog(map.log, timeoutMs, path, context);
  if (map.exec !== undefined) return { kind: 'exec', command: map.exec, timeoutMs };
  return finder.tcp(map.tcp ?? true, timeoutMs);
}

/** Lines of output are matched without flags, as JavaScript does. */
function readLog(pattern: string, timeoutMs: number, path: Path, { report }: Context): Readiness | null {
  try {
    new RegExp(pattern);
    return { kind: 'log', pattern, timeoutMs };
  } catch (thrown) {
    // RegExp throws on a pattern that people mistyped.
    const reason = (thrown as Error).message.replace(/^Invalid regular expression: /, '');
    report.value(
      [...path, 'log'],
      `ready.log: not a regular expression: ${reason}`,
      'put a backslash before characters that stand for themselves',
    );
    return null;
  }
}

class Finder {
  readonly #draft: Draft;
  readonly #endpoints: readonly EndpointSpec[];
  readonly #context: Context;

  constructor(draft: Draft, endpoints: readonly EndpointSpec[], context: Context) {
    this.#draft = draft;
    this.#endpoints = endpoints;
    this.#context = context;
  }

  http(path: string, name: string | undefined, timeoutMs: number): Readiness | null {
    const usual =
      this.#endpoints.find((endpoint) => endpoint.protocol === 'http' || endpoint.protocol === 'https') ??
      this.#endpoints[0];
    const endpoint = name === undefined ? this.#first('http', usual) : this.#named('endpoint', name);
    return endpoint === null ? null : { kind: 'http', endpoint: endpoint.name, path, timeoutMs };
  }

  tcp(which: true | string, timeoutMs: number): Readiness | null {
    const endpoint = which === true ? this.#first('tcp', this.#endpoints[0]) : this.#named('tcp', which);
    return endpoint === null ? null : { kind: 'tcp', endpoint: endpoint.name, timeoutMs };
  }

  #first(way: string, endpoint: EndpointSpec | undefined): EndpointSpec | null {
    if (endpoint === undefined && !this.#portUnknown()) {
      const path = [...this.#draft.path, 'ready', ...(this.#hasWay(way) ? [way] : [])];
      this.#context.report.key(
        path,
        'ready: there is no port to ask',
        'give the service a `port:`, or use `log` or `exec`',
      );
    }
    return endpoint ?? null;
  }

  #named(key: string, name: string): EndpointSpec | null {
    const endpoint = this.#endpoints.find((candidate) => candidate.name === name);
    if (endpoint === undefined && !this.#portUnknown()) {
      const known = this.#endpoints.map((candidate) => candidate.name);
      const near = suggest(name, known);
      const hint =
        near !== undefined
          ? `did you mean \`${near}\`?`
          : known.length === 0
            ? 'the service has no `port:`'
            : `known are ${known.map((word) => `\`${word}\``).join(', ')}`;
      this.#context.report.value(
        [...this.#draft.path, 'ready', key],
        `ready.${key}: there is no endpoint named \`${name}\``,
        hint,
      );
    }
    return endpoint ?? null;
  }

  #hasWay(way: string): boolean {
    const { ready } = this.#draft.raw;
    return typeof ready === 'object' && Object.hasOwn(ready, way);
  }

  /** A mistake in `port:` or `use:` is reported already; what follows from it is not. */
  #portUnknown(): boolean {
    const { raw, wrong, recipe } = this.#draft;
    return wrong.has('port') || wrong.has('use') || (raw.use !== undefined && recipe === null);
  }
}
