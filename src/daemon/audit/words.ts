/**
 * The words of a command line that name targets: a service, a port, an address with a port, a name, a URL. Names are resolved once, and
 * whatever is not loopback is refused here already. It must not know listeners.
 */

import { LoopyardError } from '../../core/errors.ts';
import { isLoopback } from '../../core/loopback.ts';
import { NAME_PATTERN } from '../../core/model.ts';

export type Wanted =
  | { readonly kind: 'service'; readonly service: string; readonly endpoint: string | null }
  | { readonly kind: 'port'; readonly port: number }
  | {
      readonly kind: 'place';
      readonly addresses: readonly string[];
      readonly port: number;
      /** As it was written, without a final dot; null: an address. */
      readonly host: string | null;
    };

/** All addresses of a name; one that is not there throws. It is asked once for each word. */
export type Resolve = (name: string) => Promise<readonly string[]>;

/** Errors: AUDIT_REFUSED, USAGE. `services`: those of the environment, which win over host names. */
export async function wantedOf(word: string, services: readonly string[], resolve: Resolve): Promise<Wanted> {
  if (/^\d{1,5}$/.test(word)) return { kind: 'port', port: portOf(word, word) };
  const [service = '', endpoint = null] = word.split('/');
  if (NAME_PATTERN.test(service) && services.includes(service)) return { kind: 'service', service, endpoint };
  const { host, port } = partsOf(word);
  const addresses = await addressesOf(host, word, resolve);
  if (port === null)
    throw new LoopyardError('USAGE', {
      reason: `\`${word}\` names no service of this environment and no port`,
      fix: `write a port (\`3000\`), a place (\`${host.includes(':') ? `[${host}]` : host}:3000\`), or a service from \`lo ps\``,
    });
  return {
    kind: 'place',
    addresses,
    port: portOf(port, word),
    host: isLoopback(host) ? null : host.replace(/\.$/, ''),
  };
}

interface Parts {
  readonly host: string;
  readonly port: string | null;
}

const SCHEMES: Readonly<Record<string, string>> = { http: '80', https: '443', ws: '80', wss: '443' };

/** Taken apart by hand: `URL` would turn `0x7f000001` and `127.1` into addresses, and the guard could not see what was written. */
function partsOf(word: string): Parts {
  const [, scheme = null, rest = ''] = /^(?:([a-z][a-z0-9+.-]*):\/\/)?([^/?#]*)/i.exec(word) ?? [];
  const authority = rest.slice(rest.lastIndexOf('@') + 1);
  const [, bracketed, plain, port] = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d+))?$/.exec(authority) ?? [];
  const usual = scheme === null ? null : (SCHEMES[scheme.toLowerCase()] ?? null);
  // A bare IPv6 address has colons and no port.
  return { host: bracketed ?? plain ?? authority, port: port ?? usual };
}

async function addressesOf(host: string, word: string, resolve: Resolve): Promise<readonly string[]> {
  const refuse = (reason: string): never => {
    throw new LoopyardError('AUDIT_REFUSED', { target: `\`${word}\``, reason });
  };
  if (isLoopback(host)) return [host];
  if (host === '') return refuse('it names no loopback address');
  if (isNumeric(host)) return refuse(`${host} is no loopback address, or not spelled in the usual way`);
  // RFC 6761: these are loopback whatever a resolver says, so none is asked.
  if (/(^|\.)localhost\.?$/i.test(host)) return ['127.0.0.1', '::1'];
  const addresses = await resolved(host, resolve, refuse);
  const stranger = addresses.find((address) => !isLoopback(address));
  if (stranger !== undefined) return refuse(`${host} leads to ${stranger}, which is no loopback address`);
  return addresses;
}

async function resolved(
  host: string,
  resolve: Resolve,
  refuse: (reason: string) => never,
): Promise<readonly string[]> {
  try {
    const addresses = await resolve(host);
    return addresses.length > 0 ? addresses : refuse(`${host} leads to no address, loopback or other`);
  } catch (error) {
    if (error instanceof LoopyardError) throw error;
    // The resolver's words differ from one system to the next.
    return refuse(`${host} is no name that leads to a loopback address`);
  }
}

/** Whatever some program could take for an address: dotted or not, decimal, octal or hexadecimal, with colons or a zone. */
function isNumeric(host: string): boolean {
  return /^[0-9a-fx.]+$/i.test(host)
    ? /^(?:0x[0-9a-f]*|\d+)(?:\.(?:0x[0-9a-f]*|\d+))*\.?$/i.test(host)
    : /[:%]/.test(host);
}

function portOf(text: string, word: string): number {
  const port = Number(text);
  if (port >= 1 && port <= 65_535) return port;
  throw new LoopyardError('USAGE', {
    reason: `\`${word}\` has no port from 1 to 65535`,
    fix: 'write it as `3000` or `127.0.0.1:3000`',
  });
}
