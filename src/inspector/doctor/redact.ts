/**
 * Takes out of a record what is somebody's own: names of the user, the host, checkouts and services, addresses in the network, values
 * of variables, passwords. The same stands for the same everywhere, so that the checks still find what belongs together. Pure.
 */

import { parseIp } from '../../core/ip.ts';
import type { TrustStore } from '../../platform/health.ts';
import { PROXY_VARIABLES } from './own.ts';
import type { Asked } from './record.ts';

export interface Private {
  readonly user: string | null;
  readonly host: string;
  /** Home directory of the person. */
  readonly person: string | null;
}

/** Words that name nobody, and that checks ask for by themselves. */
const COMMON = new Set(
  'root user host localhost loopyard doctor docker run var etc home tmp state local sock linux lo share desktop'.split(
    ' ',
  ),
);

export function redact(asked: readonly Asked[], facts: Private): readonly Asked[] {
  const scrub = new Scrubber(facts);
  return asked.map(({ verb, args, told }) => ({
    verb,
    args: args.map((value) => scrub.value(value, '')),
    told: 'answer' in told ? { answer: scrub.answer(verb, told.answer) } : scrub.told(told),
  }));
}

class Scrubber {
  readonly #replacements: readonly (readonly [RegExp, string])[];
  readonly #addresses = new Map<string, string>();

  constructor({ user, host, person }: Private) {
    const home =
      person === null || COMMON.has(lastPart(person))
        ? []
        : [[literal(person), withoutLast(person)] as const];
    const names = [
      [user, 'user'],
      [host, 'host'],
      [host.split('.')[0] ?? '', 'host'],
    ] as const;
    this.#replacements = [
      ...home,
      ...names.flatMap(([name, placeholder]) =>
        name === null || name === '' || COMMON.has(name.toLowerCase())
          ? []
          : [[word(name), placeholder] as const],
      ),
      [/(:\/\/)[^/\s:@]*:[^/\s@]+@/g, '$1user:********@'],
      [/((?:password|passwd|token|secret|api[_-]?key)\s*[=:]\s*)[^\s'",}]+/gi, '$1********'],
    ];
  }

  answer(verb: string, answer: unknown): unknown {
    if (verb === 'own.environments') return this.value(anonymous(answer), '');
    if (verb === 'health.trustStores') return this.#stores(answer);
    if (verb === 'own.variables') return this.#variables(answer);
    if (verb === 'health.clock')
      return { ...(answer as object), boot: blank((answer as { boot: string }).boot) };
    return this.value(answer, '');
  }

  told(told: Exclude<Asked['told'], { readonly answer: unknown }>): Asked['told'] {
    return 'error' in told ? { error: this.text(told.error) } : told;
  }

  /** `key`: under which it stands in its object. */
  value(value: unknown, key: string): unknown {
    if (typeof value === 'string') return this.text(value);
    if (Array.isArray(value)) return value.map((one) => this.value(one, key));
    if (typeof value !== 'object' || value === null) return value;
    if (key === 'variables') return this.#variables(value);
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, this.value(one, name)]));
  }

  text(text: string): string {
    let clean = text;
    for (const [pattern, placeholder] of this.#replacements) clean = clean.replace(pattern, placeholder);
    return clean.replace(/[0-9a-fA-F:.]{3,}/g, (token) => this.#address(token));
  }

  /** Addresses for documentation (RFC 5737, RFC 3849) stand for those of networks; loopback and wildcards are nobody's. */
  #address(token: string): string {
    const family = parseIp(token)?.family;
    if (family === undefined || /^(?:127\.|0\.0\.0\.0$|::1?$|::ffff:127\.)/.test(token)) return token;
    const known = this.#addresses.get(token);
    if (known !== undefined) return known;
    const number = this.#addresses.size + 1;
    const placeholder = family === 4 ? `192.0.2.${number % 255}` : `2001:db8::${number.toString(16)}`;
    this.#addresses.set(token, placeholder);
    return placeholder;
  }

  #variables(value: unknown): unknown {
    const entries = Object.entries(value as Readonly<Record<string, string>>);
    return Object.fromEntries(entries.map(([name, one]) => [name, this.#variable(name, one)]));
  }

  #variable(name: string, value: string): string {
    if (PROXY_VARIABLES.includes(name)) return value === '' ? '' : 'http://proxy.invalid:8080';
    if (name.toLowerCase() === 'no_proxy') return value.split(',').map(withoutHost).join(',');
    if (name === 'DOCKER_HOST' && !value.startsWith('unix://')) return 'tcp://docker.invalid:2375';
    return CERTIFICATES.test(name) && value !== '' ? placeOf(name) : this.text(value);
  }

  /** Files that variables name are known by the variable. */
  #stores(answer: unknown): unknown {
    const stores = this.value(answer, '') as readonly TrustStore[];
    return stores.map((store) =>
      store.kind === 'variable' ? { ...store, path: placeOf(store.name) } : store,
    );
  }
}

const CERTIFICATES = /(?:CERTS|CERT_FILE|BUNDLE|CAINFO)$/;

function placeOf(variable: string): string {
  return `/variables/${variable}`;
}

/** What says something about this machine's own names stays. */
function withoutHost(entry: string): string {
  const plain = entry.trim().toLowerCase();
  return /^(?:\*|\*?\.?localhost|127\.[\d./*]*|\[?::1\]?(?:\/128)?|)$/.test(plain) ? entry : 'other.invalid';
}

interface NamedEnvironment {
  readonly id: string;
  readonly alive: readonly { readonly run: string; readonly pid: number }[];
}

/** Checkouts and services by number. */
function anonymous(answer: unknown): unknown {
  return (answer as readonly NamedEnvironment[]).map((environment, index) => {
    const number = index + 1;
    return {
      ...environment,
      id: `environment-${number}`,
      name: `environment-${number}`,
      checkout: `/checkouts/${number}`,
      alive: environment.alive.map(({ pid }, at) => ({ run: `service-${at + 1}`, pid })),
    };
  });
}

/** Of a boot: it names this machine for a while. */
function blank(boot: string): string {
  return boot.replace(/[0-9a-f]/gi, '0');
}

function lastPart(path: string): string {
  return path.split('/').at(-1) ?? '';
}

/** As deep as before: checks climb from a path to its parents. */
function withoutLast(path: string): string {
  return `${path.slice(0, path.lastIndexOf('/'))}/user`;
}

function literal(text: string): RegExp {
  return new RegExp(`${escaped(text)}(?![\\w.-])`, 'g');
}

function word(text: string): RegExp {
  return new RegExp(`(?<![\\w-])${escaped(text)}(?![\\w-])`, 'g');
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
