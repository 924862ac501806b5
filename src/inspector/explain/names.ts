/**
 * Where a name leads, without asking another machine: only names that the hosts file or the machine itself answers go to the
 * resolver. It must not send a question out, whatever the name.
 */

import type { ExplainReport } from '../../core/inspection.ts';
import { type Ip, parseIp } from '../../core/ip.ts';
import type { HostsEntry } from '../../platform/facts.ts';
import type { Platform } from '../../platform/platform.ts';
import { isLocalhostName, specialName } from './special-names.ts';

export interface NameFinding {
  readonly name: NonNullable<ExplainReport['name']>;
  readonly notes: readonly string[];
  /** False: it was not looked up. */
  readonly asked: boolean;
}

export type NamePlatform = Pick<Platform, 'name' | 'hostsFile' | 'nameSources' | 'hostName' | 'lookUp'>;

export async function findName(name: string, platform: NamePlatform): Promise<NameFinding> {
  const { entries, path } = platform.hostsFile();
  const own = entries.filter((entry) => gives(entry, name));
  const staysHere = isAnsweredHere({
    sources: platform.nameSources(),
    inHostsFile: own.length > 0,
    isOfThisMachine: isLocalhostName(name) || name === platform.hostName().toLowerCase(),
    isMulticast: name.endsWith('.local'),
  });
  const about = specialName(name);
  const notes = about === null ? [] : [`${about.text} (${about.source})`];
  if (!staysHere) return isLocalhostName(name) ? byDefinition(name, path) : notAsked(name, notes, platform);
  const { addresses, code } = await platform.lookUp(name);
  if (code !== null) notes.push(`the resolver of this machine finds no address: ${code}`);
  if (isLocalhostName(name)) notes.push(...strayed(addresses));
  const source = own.length > 0 ? sourceOf(own, path) : 'the resolver of this machine';
  return { name: { name, addresses, source }, notes, asked: true };
}

export interface Asking {
  /** As `Platform.nameSources`. */
  readonly sources: readonly string[] | null;
  readonly inHostsFile: boolean;
  /** `localhost`, a name below it, or the machine's own. */
  readonly isOfThisMachine: boolean;
  /** It ends in `.local`. */
  readonly isMulticast: boolean;
}

/** Whether the first source that answers is on this machine, and none before it asks another. */
export function isAnsweredHere(asking: Asking): boolean {
  for (const source of asking.sources ?? ['files']) {
    const verdict = verdictOf(source, asking);
    if (verdict !== 'passes') return verdict === 'answers';
  }
  return false;
}

function verdictOf(source: string, asking: Asking): 'answers' | 'passes' | 'asks others' {
  const { inHostsFile, isOfThisMachine, isMulticast } = asking;
  if (source === 'files') return inHostsFile ? 'answers' : 'passes';
  if (source === 'myhostname') return isOfThisMachine ? 'answers' : 'passes';
  // Its daemon, which is only listed while it runs, knows the hosts file and this machine's names.
  if (source === 'resolve') return inHostsFile || isOfThisMachine ? 'answers' : 'asks others';
  // Containers of systemd: asked on this machine.
  if (source === 'mymachines') return 'passes';
  return /^mdns[46]?_minimal$/.test(source) && !isMulticast ? 'passes' : 'asks others';
}

/** The lines of the hosts file that give it an address. */
function gives(entry: HostsEntry, name: string): boolean {
  return (
    parseIp(entry.address) !== null &&
    entry.names.some((one) => one.toLowerCase().replace(/\.$/, '') === name)
  );
}

export function sourceOf(entries: readonly HostsEntry[], path: string): string {
  const lines = entries.map(({ line }) => line);
  return `${path}, line${lines.length > 1 ? 's' : ''} ${lines.join(' and ')}`;
}

function byDefinition(name: string, hosts: string): NameFinding {
  return {
    name: { name, addresses: ['127.0.0.1', '::1'], source: 'always loopback, RFC 6761' },
    notes: [
      `browsers and curl know that by themselves; other programs on this machine would ask a name server, and may not find it: the line \`127.0.0.1 ${name}\` in ${hosts} helps those`,
    ],
    asked: false,
  };
}

/** What asks for a name, on each system. */
const ASK: Readonly<Partial<Record<Platform['name'], string>>> = {
  linux: 'getent ahosts',
  darwin: 'dscacheutil -q host -a name',
  win32: 'nslookup',
};

function notAsked(name: string, notes: readonly string[], platform: NamePlatform): NameFinding {
  const command = ASK[platform.name];
  const how = command === undefined ? '' : `; \`${command} ${name}\` asks`;

  return {
    name: { name, addresses: [], source: 'not looked up' },
    notes: [...notes, `only another machine may know it, so nobody was asked${how}`],
    asked: false,
  };
}

function strayed(addresses: readonly string[]): readonly string[] {
  const outside = addresses.filter((address) => !isLoopback(parseIp(address)));
  return outside.length === 0
    ? []
    : [
        `it should be loopback (RFC 6761), yet leads to ${outside.join(' and ')}: programs that trust it talk to another place`,
      ];
}

function isLoopback(ip: Ip | null): boolean {
  return ip !== null && (ip.family === 4 ? ip.value >> 24n === 127n : ip.value === 1n);
}
