/** Which address of this machine `lo share` opens. Pure. */

import { LoopyardError } from '../core/errors.ts';
import { formatIp, parseIp } from '../core/ip.ts';
import type { InterfaceFacts } from '../platform/facts.ts';

/** Of these kinds other machines are; containers and tunnels have to be named. */
const NEAR: readonly InterfaceFacts['kind'][] = ['lan', 'wireless'];
/** `wished` undefined: the first IPv4 address that a network near by reaches. Errors: SHARE_REFUSED. */
export function sharedAddress(interfaces: readonly InterfaceFacts[], wished: string | undefined): string {
  const all = interfaces.flatMap(({ addresses }) => addresses);
  if (wished === undefined) {
    const near = interfaces.filter(({ kind }) => NEAR.includes(kind)).flatMap(({ addresses }) => addresses);
    const found = near.find((address) => parseIp(address)?.family === 4);
    if (found !== undefined) return found;
    throw shareRefused('this machine has no IPv4 address in a network near by', choose(all));
  }
  const ip = parseIp(wished);
  const plain = ip === null ? null : formatIp(ip);
  if (plain === '0.0.0.0' || plain === '::')
    throw shareRefused(
      `${wished} is every address of this machine, also those of networks that nobody thinks of`,
      choose(all),
    );
  if (ip !== null && plain !== null && (ip.family === 4 ? plain.startsWith('127.') : plain === '::1'))
    return plain;
  if (plain === null || !all.includes(plain))
    throw shareRefused(`${wished} is no address of this machine`, choose(all));
  return plain;
}

function choose(addresses: readonly string[]): string {
  const others = addresses.filter((address) => !address.startsWith('127.') && !/^(::1$|fe80:)/.test(address));
  return others.length === 0
    ? 'connect it to a network, or name an address with --address'
    : `name one with --address: ${others.join(', ')}`;
}

export function shareRefused(reason: string, fix: string): LoopyardError {
  return new LoopyardError('SHARE_REFUSED', { reason, fix });
}
