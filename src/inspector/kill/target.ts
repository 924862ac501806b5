/** Which listeners `lo kill` means: a port, of one transport, on all addresses or on some. Pure. */

import { LoopyardError } from '../../core/errors.ts';
import type { Transport } from '../../core/inspection.ts';
import { formatIp, mappedIpv4, parseIp } from '../../core/ip.ts';
import type { SocketFacts } from '../../platform/facts.ts';

export interface KillTarget {
  /** As `lo kill` would be asked for it again. */
  readonly text: string;
  readonly port: number;
  readonly protocol: Transport;
  /** As inet_ntop(3) writes them; null: all. */
  readonly addresses: readonly string[] | null;
}

const LAST_PORT = 65_535;
const BOTH_LOOPBACKS = ['127.0.0.1', '::1'];

/** `3000`, `:3000`, `127.0.0.1:3000`, `[::1]:3000`, `localhost:3000`; `narrow`: the addresses of `--address`. Errors: USAGE. */
export function parseTarget(asked: string, protocol: Transport, narrow: readonly string[]): KillTarget {
  const [, host = '', digits = ''] = /^(?:(.*):)?(\d+)$/.exec(asked) ?? [];
  const port = digits === '' ? 0 : Number(digits);
  // `::1:3000` is an address as a whole, so that nobody can tell what was meant by its end.
  const isBare = host.includes(':') && !host.startsWith('[');
  if (port < 1 || port > LAST_PORT || isBare) throw notAPort(asked, host, digits);
  const addresses = [...(host === '' ? [] : readAddresses(host, asked)), ...narrow.flatMap(readNarrow)];
  const place = host === '' ? String(port) : `${host}:${port}`;
  const words = [place, ...narrow.map((address) => `--address ${address}`)];
  return {
    text: [...words, ...(protocol === 'udp' ? ['--udp'] : [])].join(' '),
    port,
    protocol,
    addresses: addresses.length === 0 ? null : [...new Set(addresses)],
  };
}

/** A socket that takes what comes to the port from anybody. */
export function isMeant(target: KillTarget, socket: SocketFacts): boolean {
  const { protocol, state, local } = socket;
  if (protocol !== target.protocol || local.port !== target.port) return false;
  if (state !== 'listen' && state !== 'bound') return false;
  return target.addresses === null || target.addresses.includes(plainAddress(local.address));
}

/** As root; sudo(8) has a PATH of its own, where neither `lo` nor Node need be. */
export function asRoot({ text }: KillTarget): string {
  return `sudo env "PATH=$PATH" lo kill ${text}`;
}

/** IPv4-mapped ones as the IPv4 address that they are. */
function plainAddress(address: string): string {
  const ip = parseIp(address);
  if (ip === null) return address;
  return formatIp(mappedIpv4(ip) ?? ip);
}

function readNarrow(address: string): readonly string[] {
  return readAddresses(address, address);
}

function readAddresses(host: string, asked: string): readonly string[] {
  if (host.toLowerCase() === 'localhost') return BOTH_LOOPBACKS;
  const text = host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host;
  if (parseIp(text) !== null) return [plainAddress(text)];
  throw new LoopyardError('USAGE', {
    reason: `\`${asked}\`: \`${host}\` is no address`,
    fix: 'name an address of this machine: `lo kill 127.0.0.1:3000`, `lo kill [::1]:3000`',
  });
}

function notAPort(asked: string, host: string, digits: string): LoopyardError {
  const fix =
    host.includes(':') && digits !== ''
      ? `write IPv6 addresses in brackets: \`lo kill [${host}]:${digits}\``
      : `give a number from 1 to ${LAST_PORT}, with an address before it if need be: \`lo kill 127.0.0.1:3000\``;
  return new LoopyardError('USAGE', { reason: `\`${asked}\` is no port`, fix });
}
