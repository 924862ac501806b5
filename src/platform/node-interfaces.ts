/** Interfaces as Node tells of them, which leaves out those that are down. The same on every system but for the kinds of names. */

import { networkInterfaces } from 'node:os';
import { formatBlock, parseBlock } from '../core/ip.ts';
import type { InterfaceFacts } from './facts.ts';

type Kind = InterfaceFacts['kind'];

/** `kinds`: what a name says, the first that fits. */
export function nodeInterfaces(
  kinds: readonly (readonly [RegExp, Kind])[],
  all: ReturnType<typeof networkInterfaces> = networkInterfaces(),
): readonly InterfaceFacts[] {
  return Object.entries(all).map(([name, places = []]) => ({
    name,
    kind: places.some(({ internal }) => internal) ? 'loopback' : kindOf(name, kinds),
    addresses: places.map(({ address }) => address),
    networks: networksOf(places.map(({ cidr }) => cidr ?? '')),
  }));
}

function kindOf(name: string, kinds: readonly (readonly [RegExp, Kind])[]): Kind {
  return kinds.find(([pattern]) => pattern.test(name))?.[1] ?? 'unknown';
}

function networksOf(cidrs: readonly string[]): readonly string[] {
  return [...new Set(cidrs.flatMap((cidr) => parseBlock(cidr) ?? []).map(formatBlock))];
}
