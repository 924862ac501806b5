/**
 * What somebody asks about, taken apart: an address, a name, either with a port, a port alone, or a URL. Whatever reads in two ways
 * is said in a note, whatever reads in none is an error with the next step. Pure; it must not know what addresses and ports mean.
 */

import { domainToASCII } from 'node:url';
import { LoopyardError } from '../../core/errors.ts';
import { formatIp, type Ip, parseIp } from '../../core/ip.ts';
import { type Ipv4Reading, readIpv4 } from './ipv4-spelling.ts';
import { readUrl } from './subject-url.ts';

export interface Subject {
  /** As it was asked for, without what a URL may hold in secret. */
  readonly text: string;
  /** Null: a port alone. */
  readonly host: Host | null;
  readonly port: number | null;
  readonly notes: readonly string[];
}

export type Host =
  | {
      readonly kind: 'addresses';
      /** Two only for `*`. */
      readonly addresses: readonly Ip[];
      /** `eth0` of `fe80::1%eth0`. */
      readonly zone: string | null;
    }
  /** In lower case, without a dot at its end. */
  | { readonly kind: 'name'; readonly name: string };

const LAST_PORT = 65_535;
const LONGEST = 1024;
const LONGEST_NAME = 253;
const LONGEST_SHOWN = 80;
const LABEL = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/;
const ZONE = /^[\w.-]{1,32}$/;
/** Smaller numbers lie in 0.0.0.0/8: nobody means those, but a port that is too high. */
const LEAST_NUMBER_ADDRESS = 256 ** 3;
const BOTH_WILDCARDS: readonly Ip[] = [
  { family: 4, value: 0n },
  { family: 6, value: 0n },
];

/** Errors: SUBJECT_INVALID. */
export function parseSubject(asked: string): Subject {
  const text = asked.trim();
  if (text === '')
    throw invalid(text, 'it is empty', 'name an address, a name or a port: `lo explain 127.0.0.1:3000`');
  if (text.length > LONGEST) throw invalid(text, 'it is too long for an address or a name', SHAPES);
  const [, network = ''] = /^(.*)\/\d+$/.exec(text) ?? [];
  if (parseIp(network) !== null)
    throw invalid(text, 'it is a network', `ask for one address of it: \`lo explain ${network}\``);
  const url = readUrl(text);
  if (url === null) return { text, ...readPlace(text, text) };
  if (url.place === '') throw invalid(url.shown, 'there is no host in it', SHAPES);
  const { host, port, notes } = readPlace(url.place, url.shown);
  if (host === null) throw invalid(url.shown, 'there is no host in it', SHAPES);
  return { text: url.shown, host, port: port ?? url.defaultPort, notes };
}

const SHAPES =
  'it can be an address (`127.0.0.1`, `[::1]`), a name (`localhost`), either with `:PORT`, a port (`3000`) or a URL';

type Place = Omit<Subject, 'text'>;

function readPlace(place: string, shown: string): Place {
  if (/[\s\p{Cc}]/u.test(place))
    throw invalid(shown, 'there is white space in it', 'ask for one place at a time');
  if (place.startsWith('[')) return readBrackets(place, shown);
  if (/^:?\d+$/.test(place)) return readNumber(place, shown);
  const ip = parseIp(withoutZone(place));
  if (ip?.family === 6) return readBareIpv6(place, ip, shown);
  const colon = place.lastIndexOf(':');
  const [host, port] = colon < 0 ? [place, null] : [place.slice(0, colon), place.slice(colon + 1)];
  if (host.includes(':')) return readColons(host, port, shown);
  return { ...readHost(host, shown), port: port === null ? null : readPort(port, shown) };
}

function readBrackets(place: string, shown: string): Place {
  const [, inside = null, port = null] = /^\[([^\]]*)\](?::(.*))?$/.exec(place) ?? [];
  if (inside === null)
    throw invalid(shown, 'its brackets are not closed, or followed by something else', SHAPES);
  const ip = parseIp(withoutZone(inside));
  if (ip?.family !== 6)
    throw invalid(
      shown,
      `\`${cut(inside)}\` is not an IPv6 address`,
      `brackets are for IPv6 alone: \`${inside}${port === null ? '' : `:${port}`}\``,
    );
  return {
    host: addressHost(ip, zoneOf(inside, shown)),
    port: port === null ? null : readPort(port, shown),
    notes: [],
  };
}

/** A port, or an address as one number. */
function readNumber(place: string, shown: string): Place {
  const digits = place.replace(':', '');
  if (place.startsWith(':') || (digits.length <= 5 && Number(digits) <= LAST_PORT))
    return { host: null, port: readPort(digits, shown), notes: [] };
  const reading = readIpv4(digits);
  if (reading === null || reading === 'broken' || reading.ip.value < LEAST_NUMBER_ADDRESS)
    throw invalid(shown, `ports end at ${LAST_PORT}`, 'name a port from 1 to 65535');
  return { host: addressHost(reading.ip, null), port: null, notes: [spelling(digits, reading)] };
}

/** `::1:5432` is an address, though not the one that most people mean by it. */
function readBareIpv6(place: string, ip: Ip, shown: string): Place {
  const [, before = '', port = ''] = /^(.*[^:]):(\d{2,5})$/.exec(place) ?? [];
  const meant = parseIp(before);
  const notes =
    meant?.family === 6 && Number(port) <= LAST_PORT
      ? [`this reads as one address; port ${port} of ${before} is written \`[${before}]:${port}\``]
      : [];
  return { host: addressHost(ip, zoneOf(place, shown)), port: null, notes };
}

/** Two colons or more, and no IPv6 address. `:::3000` is how netstat(8) writes port 3000 on every address. */
function readColons(host: string, port: string | null, shown: string): Place {
  const ip = parseIp(withoutZone(host));
  if (ip !== null && host === '::')
    return { host: addressHost(ip, null), port: readPort(port ?? '', shown), notes: [] };
  const fix = ip?.family === 6 ? `an IPv6 address with a port needs brackets: \`[${host}]:${port}\`` : SHAPES;
  throw invalid(shown, 'it is not an IPv6 address', fix);
}

function readHost(host: string, shown: string): Omit<Place, 'port'> {
  if (host === '*') return { host: { kind: 'addresses', addresses: BOTH_WILDCARDS, zone: null }, notes: [] };
  const ascii = /^[ -~]*$/.test(host) ? host.toLowerCase() : domainToASCII(host);
  const reading = readIpv4(ascii);
  if (reading === 'broken')
    throw invalid(
      shown,
      `\`${cut(host)}\` is not an IPv4 address`,
      'each of its four parts goes from 0 to 255',
    );
  if (reading !== null) {
    const notes = reading.plain && ascii === host ? [] : [spelling(host, reading)];
    return { host: addressHost(reading.ip, null), notes };
  }
  const name = ascii.replace(/\.$/, '');
  if (name.length > LONGEST_NAME || !name.split('.').every((label) => LABEL.test(label)))
    throw invalid(shown, `\`${cut(host)}\` is neither an address nor a name that a machine can have`, SHAPES);
  const notes =
    ascii === host.toLowerCase() ? [] : [`\`${host}\` is asked for as \`${name}\` (punycode, RFC 3492)`];
  return { host: { kind: 'name', name }, notes };
}

function readPort(text: string, shown: string): number {
  if (text === '0')
    throw invalid(
      shown,
      'port 0 is none: a program that asks for it is given a free port',
      'for the address alone: `lo explain 0.0.0.0`',
    );
  if (!/^[1-9]\d*$/.test(text))
    throw invalid(
      shown,
      text === '' ? 'no port stands behind the colon' : `\`${cut(text)}\` is not a port`,
      'name a port from 1 to 65535',
    );
  if (text.length > 5 || Number(text) > LAST_PORT)
    throw invalid(shown, `ports end at ${LAST_PORT}`, 'name a port from 1 to 65535');
  return Number(text);
}

function spelling(text: string, { ip, octal }: Ipv4Reading): string {
  const said = `\`${text}\` is another spelling of ${formatIp(ip)}: the C library and browsers read it so, other programs may refuse it`;
  return octal ? `${said}, or read its parts that begin with 0 as decimal instead of octal numbers` : said;
}

function addressHost(ip: Ip, zone: string | null): Host {
  return { kind: 'addresses', addresses: [ip], zone };
}

function withoutZone(text: string): string {
  return text.replace(/%.*$/, '');
}

/** In URLs the percent sign is written `%25` (RFC 6874). */
function zoneOf(text: string, shown: string): string | null {
  const percent = text.indexOf('%');
  if (percent < 0) return null;
  const zone = text.slice(percent + 1).replace(/^25(?=.)/, '');
  if (!ZONE.test(zone))
    throw invalid(
      shown,
      `\`${cut(zone)}\` is not the name of an interface`,
      '`lo ports` names the interfaces',
    );
  return zone;
}

function invalid(subject: string, reason: string, fix: string): LoopyardError {
  return new LoopyardError('SUBJECT_INVALID', { subject: cut(subject), reason, fix });
}

function cut(text: string): string {
  return text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}...` : text;
}
