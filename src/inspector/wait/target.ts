/** What `lo wait` waits for: a port of a place, or the answer to a URL. It must not know how one waits. */

import { LoopyardError } from '../../core/errors.ts';
import type { Holding, WaitReport } from '../../core/inspection.ts';
import { formatIp, type Ip, mappedIpv4, parseIp } from '../../core/ip.ts';
import type { Platform } from '../../platform/platform.ts';
import { isSame } from '../explain/address-facts.ts';
import { servicesAt } from '../explain/matching.ts';
import { findName } from '../explain/names.ts';
import { type Host, parseSubject } from '../explain/subject.ts';

export interface WaitTarget {
  /** As it was asked for, without what a URL may hold in secret. */
  readonly text: string;
  /** Null: a port alone, of both loopback addresses. */
  readonly host: Host | null;
  readonly port: number;
  /** Only of http and https. */
  readonly url: URL | null;
}

/** Always of this machine. */
export interface WaitPlace {
  readonly ip: Ip;
  readonly address: string;
}

/** Errors: SUBJECT_INVALID. */
export function parseWaitTarget(asked: string): WaitTarget {
  const { text, host, port } = parseSubject(asked);
  if (port !== null) return { text, host, port, url: urlOf(asked) };
  throw new LoopyardError('SUBJECT_INVALID', {
    subject: text,
    reason: 'there is no port to wait for',
    fix: `name one: \`lo wait ${text.includes(':') ? `[${text}]` : text}:3000\``,
  });
}

function urlOf(asked: string): URL | null {
  const text = asked.trim();
  return /^https?:\/\//i.test(text) && URL.canParse(text) ? new URL(text) : null;
}

export interface PlaceTools {
  readonly platform: Platform;
  holdings(): readonly Holding[] | Promise<readonly Holding[]>;
}

/** Asked anew for each look, since names and addresses come and go. No other machine is asked. Errors: SUBJECT_INVALID. */
export async function placesOf(
  target: WaitTarget,
  wanted: WaitReport['wanted'],
  tools: PlaceTools,
): Promise<readonly WaitPlace[]> {
  const { host } = target;
  if (host === null) return BOTH_LOOPBACKS.map((ip) => placeOf(ip, null));
  const isNamed = host.kind === 'name';
  const ips = isNamed ? await ipsOfName(host.name, target, tools) : host.addresses;
  const zone = isNamed ? null : host.zone;
  const concrete = wanted === 'open' ? dialled : taken;
  const places = [...new Set(ips.flatMap(concrete))];
  const other = places.find((ip) => !isHere(ip, tools.platform));
  if (other !== undefined)
    throw elsewhere(target, `it is not on this machine, since no interface has ${formatIp(other)}`);
  return places.map((ip) => placeOf(ip, zone));
}

function elsewhere({ text, host, port, url }: WaitTarget, reason: string): LoopyardError {
  const name = host?.kind === 'name' ? host.name : formatIp(host?.addresses[0] ?? LOOPBACK_IPV4);
  const loop = url === null ? `until nc -z -w 2 ${name} ${port}` : `until curl -fsS -o /dev/null '${text}'`;
  return new LoopyardError('SUBJECT_INVALID', {
    subject: text,
    reason,
    fix: `\`lo wait\` stays on this machine; for another: \`${loop}; do sleep 1; done\``,
  });
}

const LOOPBACK_IPV4: Ip = { family: 4, value: 0x7f00_0001n };
const LOOPBACK_IPV6: Ip = { family: 6, value: 1n };
const BOTH_LOOPBACKS: readonly Ip[] = [LOOPBACK_IPV4, LOOPBACK_IPV6];
const WILDCARD_IPV4: Ip = { family: 4, value: 0n };
const WILDCARD_IPV6: Ip = { family: 6, value: 0n };

/** To dial a wildcard is to dial loopback. */
function dialled(ip: Ip): readonly Ip[] {
  const plain = mappedIpv4(ip) ?? ip;
  if (plain.value !== 0n) return [plain];
  return plain.family === 4 ? [LOOPBACK_IPV4] : BOTH_LOOPBACKS;
}

/** A server that asks for `::` wants the port of both families. */
function taken(ip: Ip): readonly Ip[] {
  const plain = mappedIpv4(ip) ?? ip;
  if (plain.value !== 0n) return [plain];
  return plain.family === 4 ? [WILDCARD_IPV4] : [WILDCARD_IPV4, WILDCARD_IPV6];
}

async function ipsOfName(name: string, target: WaitTarget, tools: PlaceTools): Promise<readonly Ip[]> {
  const { name: found, asked } = await findName(name, tools.platform);
  if (found.addresses.length > 0) return parsed(found.addresses);
  const ours = servicesAt(await tools.holdings(), { ips: [], port: target.port, name });
  if (ours.length > 0 || asked) return parsed(ours.map(({ address }) => address));
  throw elsewhere(target, 'only another machine may know the name, and none is asked');
}

function parsed(addresses: readonly string[]): readonly Ip[] {
  return addresses.flatMap((address) => parseIp(address) ?? []);
}

function placeOf(ip: Ip, zone: string | null): WaitPlace {
  return { ip, address: formatIp(ip) + (zone === null ? '' : `%${zone}`) };
}

function isHere(ip: Ip, platform: Platform): boolean {
  if (ip.value === 0n || isLoopback(ip)) return true;
  return platform
    .interfaces()
    .some(({ addresses }) => addresses.some((address) => isSame(parseIp(address), ip)));
}

function isLoopback({ family, value }: Ip): boolean {
  return family === 4 ? value >> 24n === 127n : value === 1n;
}

/** `127.0.0.1:3000`, `[::1]:3000` */
export function placeText({ address }: Pick<WaitPlace, 'address'>, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
