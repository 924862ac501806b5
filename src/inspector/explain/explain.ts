/** `lo explain`: what an address, a name or a port is. It must not ask another machine anything. */

import type { ExplainRequest } from '../../core/api.ts';
import type { AddressFacts, ExplainReport, PortFacts } from '../../core/inspection.ts';
import { type Ip, parseIp } from '../../core/ip.ts';
import type { HostsFile } from '../../platform/facts.ts';
import { type InspectorTools, Look } from '../look.ts';
import { addressFacts, isSame } from './address-facts.ts';
import { answerOf, type Findings } from './answer.ts';
import { findListening } from './listening.ts';
import { type Asked, plainIp, portlessService, servicesAt } from './matching.ts';
import { findName, type NameFinding, sourceOf } from './names.ts';
import { notesOf } from './notes.ts';
import { portFacts } from './port-facts.ts';
import { reachOf, reachOfAddresses } from './reach.ts';
import { registeredNames } from './service-names.ts';
import { parseSubject, type Subject } from './subject.ts';

/** Errors: SUBJECT_INVALID. */
export async function explain(tools: InspectorTools, request: ExplainRequest): Promise<ExplainReport> {
  const subject = parseSubject(request.subject);
  const look = await Look.begin(tools);
  const finding = subject.host?.kind === 'name' ? await findName(subject.host.name, tools.platform) : null;
  const { ips, asked } = askedOf(subject, finding, look);
  const addresses = await factsOfAddresses(subject, ips, look);
  const { unseen, ...listening } = await findListening(asked, addresses, look);
  const hosts = tools.platform.hostsFile();
  const findings: Findings = {
    subject: subject.text,
    name: finding?.name ?? null,
    asked: finding?.asked ?? true,
    addresses,
    port: subject.port === null ? null : await factsOfPort(subject.port, tools),
    services: servicesAt(look.holdings, asked),
    portless: portlessService(look.holdings, asked.name),
    ...listening,
  };
  const { name, port, services, listeners } = findings;
  return {
    schema: 1,
    subject: subject.text,
    answer: answerOf(findings),
    name,
    addresses,
    port,
    names: namesOf(hosts, ips, name?.name),
    services,
    listeners,
    reach: port === null ? reachOfAddresses(addresses, look.interfaces) : reachOf(listeners, look.interfaces),
    notes: [...subject.notes, ...(finding?.notes ?? []), ...notesOf(findings)],
    unseen: [...unseen, ...(hosts.gap === null ? [] : [{ ...hosts.gap, fix: null }])],
  };
}

/** A name that leads nowhere may still be one of our services: then its addresses are meant. */
function askedOf(
  { host, port }: Subject,
  finding: NameFinding | null,
  look: Look,
): { readonly ips: readonly Ip[]; readonly asked: Asked } {
  const name = finding?.name.name ?? null;
  const given = host?.kind === 'addresses' ? host.addresses : ipsOf(finding?.name.addresses ?? []);
  const ours = servicesAt(look.holdings, { ips: [], port, name }).map(({ address }) => address);
  const ips = given.length > 0 ? given : ipsOf([...new Set(ours)]);
  return { ips, asked: { ips: host === null ? null : ips.map(plainIp), port, name } };
}

function ipsOf(addresses: readonly string[]): readonly Ip[] {
  return addresses.flatMap((address) => parseIp(address) ?? []);
}

async function factsOfAddresses(
  { host }: Subject,
  ips: readonly Ip[],
  { platform, interfaces }: Look,
): Promise<readonly AddressFacts[]> {
  const zone = host?.kind === 'addresses' ? host.zone : null;
  const facts: AddressFacts[] = [];
  for (const ip of ips) facts.push(await addressFacts(ip, zone, { platform, interfaces }));
  return facts;
}

async function factsOfPort(port: number, { platform }: InspectorTools): Promise<PortFacts> {
  return portFacts(port, await registeredNames(port), platform.portRanges());
}

/** Names of the hosts file that lead to one of the addresses; what was asked for is left out. */
function namesOf(
  { entries, path }: HostsFile,
  ips: readonly Ip[],
  asked: string | undefined,
): ExplainReport['names'] {
  const found = new Map<string, string>();
  for (const entry of entries) {
    if (!ips.some((ip) => isSame(plainIp(ip), parseIp(entry.address)))) continue;
    for (const name of entry.names)
      if (name.toLowerCase() !== asked && !found.has(name)) found.set(name, sourceOf([entry], path));
  }
  return [...found].map(([name, source]) => ({ name, source }));
}
