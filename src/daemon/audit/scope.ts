/**
 * What an audit looks at: the listeners that were named, else this environment's, else this user's. Listeners of others are left alone
 * unless they are asked for. It must not send anything.
 */

import { lookup } from 'node:dns/promises';
import { dirname, relative } from 'node:path';
import type { MachineFacts, NetworkInterface } from '../../audit/facts.ts';
import type { Target as AuditedTarget } from '../../audit/target.ts';
import { findConfig } from '../../config/find-config.ts';
import { servicePlaces } from '../../config/places.ts';
import type { Target, Workbench } from '../../core/api.ts';
import type { ConfigPlace } from '../../core/audit.ts';
import { LoopyardError } from '../../core/errors.ts';
import type { ListenerDocument } from '../../core/inspection.ts';
import { isLoopback } from '../../core/loopback.ts';
import type { EnvironmentStatus } from '../../core/status.ts';
import { type TargetFacts, targetsOf } from './targets.ts';
import { type Resolve, type Wanted, wantedOf } from './words.ts';

export interface ScopeRequest {
  readonly target: Target;
  /** As they were typed. */
  readonly words: readonly string[];
  readonly allUsers: boolean;
}

export interface ScopeTools {
  /** Null: no daemon runs. */
  readonly workbench: Workbench | null;
  listeners(): Promise<readonly ListenerDocument[]>;
  interfaces(): readonly NetworkInterface[];
  /** Name of the user who asks. */
  readonly user: string;
  readonly resolve: Resolve;
}

export interface Scope {
  readonly targets: readonly AuditedTarget[];
  readonly project: MachineFacts['project'];
  readonly wholeMachine: boolean;
  /** Named, and not looked at. */
  readonly left: readonly { readonly target: string; readonly reason: string }[];
}

/** Errors: AUDIT_NOTHING, AUDIT_REFUSED, USAGE. */
export async function scopeOf(request: ScopeRequest, tools: ScopeTools): Promise<Scope> {
  const status = await statusOf(request.target, tools.workbench);
  const names = status?.services.map(({ name }) => name) ?? [];
  const wanted: Wanted[] = [];
  for (const word of request.words) wanted.push(await wantedOf(word, names, tools.resolve));
  const all = await tools.listeners();
  const chosen = wanted.length > 0 ? thoseNamed(all, wanted, status) : await around(all, request, status);
  const mine = chosen.filter((one) => request.allUsers || isMine(one, tools.user));
  if (mine.length === 0) throw nothing(chosen, wanted, status, request.target.directory);
  const declared = await declaredIn(status, request.target.directory);
  const { places } = declared;
  const facts = { ...declared, interfaces: tools.interfaces(), firstEndpoints: firstEndpoints(status) };
  const foreign = targetsOf(
    chosen.filter((one) => !mine.includes(one)),
    all,
    facts,
  );
  return {
    targets: byName(targetsOf(mine, all, facts), wanted),
    project: status === null ? null : projectOf(status, places),
    wholeMachine: wanted.length === 0 && status === null,
    left: leftOf(foreign, wanted.length > 0),
  };
}

/** Each that was named; of a whole machine only how many. */
function leftOf(foreign: readonly AuditedTarget[], wereNamed: boolean): Scope['left'] {
  if (!wereNamed && foreign.length > 0)
    return [
      {
        target: 'other users',
        reason: `${foreign.length} listeners of theirs: --all-users looks at them too`,
      },
    ];
  return foreign.map(({ name, listeners: [first] }) => ({
    target: name,
    reason: `it belongs to the user ${first?.user}: --all-users looks at it too`,
  }));
}

/** A server that was named is asked by that name; once more by its own where other words mean it too. */
function byName(targets: readonly AuditedTarget[], wanted: readonly Wanted[]): readonly AuditedTarget[] {
  return targets.flatMap((target) => {
    const means = (one: Wanted): boolean => target.listeners.some((listener) => isNamed(listener, one, null));
    const meant = wanted.filter((one) => one.kind !== 'place' || means(one));
    const hosts = meant.flatMap((one) => (one.kind === 'place' && isOwnName(one.host) ? [one.host] : []));
    const isMeantPlainly =
      wanted.length === 0 ||
      meant.some((one) =>
        one.kind === 'place' ? !isOwnName(one.host) : one.kind === 'service' || means(one),
      );
    return [...(isMeantPlainly ? [target] : []), ...[...new Set(hosts)].map((host) => named(target, host))];
  });
}

function isOwnName(host: string | null): host is string {
  return host !== null && host.toLowerCase() !== 'localhost';
}

function named(target: AuditedTarget, host: string): AuditedTarget {
  const isUsual = target.port === 443 || target.port === 80;
  return { ...target, name: host, authority: isUsual ? host : `${host}:${target.port}`, serverName: host };
}

/** All addresses that the system has for a name; asked once, and what it gives is what is dialled. */
export async function resolveOnce(name: string): Promise<readonly string[]> {
  return (await lookup(name, { all: true })).map(({ address }) => address);
}

async function statusOf(target: Target, workbench: Workbench | null): Promise<EnvironmentStatus | null> {
  if (workbench === null) return null;
  try {
    return await workbench.ps(target);
  } catch (error) {
    // No config here, or never started: there are listeners all the same.
    const codes: readonly string[] = ['CONFIG_NOT_FOUND', 'ENVIRONMENT_NOT_FOUND'];
    if (error instanceof LoopyardError && codes.includes(error.code) && target.environment === undefined)
      return null;
    throw error;
  }
}

function thoseNamed(
  all: readonly ListenerDocument[],
  wanted: readonly Wanted[],
  status: EnvironmentStatus | null,
): readonly ListenerDocument[] {
  return all.filter((listener) => wanted.some((one) => isNamed(listener, one, status)));
}

function isNamed(listener: ListenerDocument, wanted: Wanted, status: EnvironmentStatus | null): boolean {
  if (wanted.kind === 'port') return listener.port === wanted.port && !leadsToService(listener);
  if (wanted.kind === 'service') {
    const { service } = listener;
    if (service?.environment.id !== status?.environment.id || service?.name !== wanted.service) return false;
    return wanted.endpoint === null || service.endpoint === wanted.endpoint;
  }
  return listener.port === wanted.port && wanted.addresses.some((address) => takes(listener, address));
}

/** Whether a connection to the address may reach it. */
function takes({ address, family }: ListenerDocument, wanted: string): boolean {
  if (address === wanted || address === `::ffff:${wanted}`) return true;
  return address === '::' || (address === '0.0.0.0' && family === 4 && !wanted.includes(':'));
}

/** Without words: this environment, else what this machine has. */
async function around(
  all: readonly ListenerDocument[],
  { target }: ScopeRequest,
  status: EnvironmentStatus | null,
): Promise<readonly ListenerDocument[]> {
  if (status !== null) return all.filter(({ service }) => service?.environment.id === status.environment.id);
  const config = target.file ?? (await findConfig(target.directory));
  return config === null ? all.filter((one) => isServer(one) && !leadsToService(one)) : [];
}

/** A link of ours to a service, which is looked at where it listens itself. */
function leadsToService({ gateway }: ListenerDocument): boolean {
  return gateway !== undefined && gateway.service !== null;
}

/** A UDP socket that is bound to loopback or to a port by chance is a client's. */
function isServer({ protocol, address, port }: ListenerDocument): boolean {
  return protocol === 'tcp' || (!isLoopback(address) && port < 32_768);
}

/** Services of an environment are ours whoever they run as. */
function isMine(listener: ListenerDocument, user: string): boolean {
  return listener.user === user || listener.service !== null;
}

function nothing(
  chosen: readonly ListenerDocument[],
  wanted: readonly Wanted[],
  status: EnvironmentStatus | null,
  directory: string,
): LoopyardError {
  if (chosen.length > 0)
    return new LoopyardError('AUDIT_NOTHING', {
      reason: `what listens there belongs to the user ${chosen[0]?.user}`,
      fix: 'look at listeners of others with --all-users',
    });
  if (wanted.length > 0)
    return new LoopyardError('AUDIT_NOTHING', {
      reason: 'nothing listens there',
      fix: '`lo ports` shows what listens, `lo ps` what should',
    });
  const what = status === null ? `the project in ${directory}` : status.project;
  return new LoopyardError('AUDIT_NOTHING', {
    reason: `no service of ${what} listens`,
    fix: 'start it with `lo up --detach`, or name a port: `lo audit 3000`',
  });
}

/** What the config's text tells of each service beside what runs. */
async function declaredIn(
  status: EnvironmentStatus | null,
  directory: string,
): Promise<Pick<TargetFacts, 'places' | 'recipes' | 'readyPaths' | 'csrfPaths'>> {
  const file = status?.config ?? null;
  if (file === null)
    return { places: new Map(), recipes: new Map(), readyPaths: new Map(), csrfPaths: new Map() };
  const shown = relative(directory, file);
  const found = [...(await servicePlaces(file))];
  return {
    places: new Map(found.map(([name, { line, column }]) => [name, { file: shown, line, column }])),
    recipes: new Map(found.map(([name, { use }]) => [name, use])),
    readyPaths: new Map(found.map(([name, { readyPath }]) => [name, readyPath])),
    csrfPaths: new Map(found.map(([name, { csrfPaths }]) => [name, csrfPaths])),
  };
}

function firstEndpoints(status: EnvironmentStatus | null): ReadonlyMap<string, string> {
  return new Map(
    (status?.services ?? []).flatMap(({ name, endpoints: [first] }) =>
      first === undefined ? [] : [[name, first.name] as const],
    ),
  );
}

function projectOf(
  { project, config, services }: EnvironmentStatus,
  places: ReadonlyMap<string, ConfigPlace>,
): MachineFacts['project'] {
  return {
    name: project,
    file: config,
    directory: config === null ? null : dirname(config),
    services: services.map(({ name, pid, endpoints }) => ({
      name,
      place: places.get(name) ?? null,
      running: pid !== null,
      endpoints: endpoints.map(({ name, address, port, listens }) => ({
        name,
        ...(listens ?? { address, port }),
      })),
    })),
  };
}
