/**
 * What `lo kill` would do, and what it refuses: a pure function of the listeners, of who asks, and of what else the holders listen
 * on. It must not look at the machine nor end anything.
 */

import type { GatewayRef } from '../../core/gateway-holding.ts';
import type {
  ContainerRef,
  KillStep,
  ListenerDocument,
  OwnerDocument,
  UnitRef,
} from '../../core/inspection.ts';
import type { Place, ProcessDescription } from '../../platform/facts.ts';
import { listText, ownerText, placeText } from '../causes/words.ts';
import { gatewayWords } from '../ours.ts';
import { type Family, familiesOf } from './families.ts';
import { isOfUnit, type Managed, stopContainer, stopUnit, type UnitCaller } from './managers.ts';
import { asRoot, type KillTarget } from './target.ts';

export interface KillSituation {
  readonly target: KillTarget;
  readonly listeners: readonly ListenerDocument[];
  /** Why a container has no name; null: that is not known. */
  readonly unnamed: string | null;
  /** Null: it is gone. */
  processOf(pid: number): ProcessDescription | null;
  /** What else a process listens on, by its pid, without what is to be ended as well. */
  readonly elsewhere: ReadonlyMap<number, readonly Place[]>;
  readonly caller: Caller;
  /** A process goes although it has other listeners. */
  readonly force: boolean;
}

export interface Caller {
  readonly pid: number;
  /** Nearest first. */
  readonly ancestors: readonly number[];
  readonly uid: number;
  readonly user: string;
  /** What runs in the caller's own container or unit is not ended with it: the caller would go too. */
  readonly container: ContainerRef | null;
  readonly unit: UnitRef | null;
}

/** One step for each holder, in the order of the listeners. */
export function planKill(situation: KillSituation): readonly KillStep[] {
  const steps: KillStep[] = [];
  const plain: ListenerDocument[] = [];
  for (const listener of situation.listeners) {
    const step = surroundingStep(listener, situation);
    if (step === null) plain.push(listener);
    else add(steps, step);
  }
  for (const family of familiesOf(plain)) add(steps, familyStep(family, situation));
  return steps;
}

type Refusal = Pick<Extract<KillStep, { kind: 'refused' }>, 'why' | 'fix'>;

/** Null: a process of its own. */
function surroundingStep(listener: ListenerDocument, situation: KillSituation): KillStep | null {
  const { service, container, owners, unit, gateway } = listener;
  const { caller, target } = situation;
  const listeners = [listener];
  if (gateway !== undefined) return { kind: 'refused', ...ofGateway(gateway), listeners };
  if (service !== null) return { kind: 'service', service, listeners };
  if (container !== null && !isSameContainer(container, caller.container))
    return managed(stopContainer(container, target.port, situation.unnamed), listeners);
  if (owners.length === 0 && unit?.socket === true)
    return managed(stopUnit(unit, listener, { ...asker(caller), owner: caller.user }), listeners);
  if (owners.length === 0) return { kind: 'refused', ...unseen(listener, situation), listeners };
  return null;
}

/** Whatever it serves there is taken away by its own command; the process carries all the rest as well. */
function ofGateway(gateway: GatewayRef): Refusal {
  const { link, environment, service } = gateway;
  const why = `the gateway of Loopyard serves ${gatewayWords(gateway)} there, and all else that it carries would end with it`;
  if (link === null) return { why, fix: 'lo daemon stop --all' };
  return {
    why,
    fix: environment === null ? `lo link rm ${link}` : `lo stop ${service} --environment ${environment.id}`,
  };
}

function familyStep(family: Family, situation: KillSituation): KillStep {
  const { root, members, listeners } = family;
  return unitStep(family, situation) ?? refusedStep(family, situation) ?? processStep();

  function processStep(): KillStep {
    return {
      kind: 'process',
      owner: root,
      members: members.map(({ pid, name }) => ({ pid, name })),
      listeners,
    };
  }
}

function unitStep({ root, listeners }: Family, { caller, processOf }: KillSituation): KillStep | null {
  const listener = listeners.find(({ unit }) => unit !== null);
  const unit = listener?.unit ?? null;
  const process = processOf(root.pid);
  if (listener === undefined || unit === null || process === null) return null;
  if (isSameUnit(unit, caller.unit) || !isOfUnit(unit, process, processOf)) return null;
  return managed(stopUnit(unit, listener, { ...asker(caller), owner: process.user }), listeners);
}

function asker({ uid, user }: Caller): Omit<UnitCaller, 'owner'> {
  return { isRoot: uid === 0, user };
}

function refusedStep(family: Family, situation: KillSituation): KillStep | null {
  const refusal =
    initRefusal(family) ??
    ownRefusal(family, situation) ??
    foreignRefusal(family.root, situation) ??
    otherListeners(family, situation);
  return refusal === null ? null : { kind: 'refused', ...refusal, listeners: family.listeners };
}

function initRefusal({ root }: Family): Refusal | null {
  if (root.pid !== 1) return null;
  return {
    why: `${ownerText(root)} holds it: everything here would end with the first process`,
    fix: null,
  };
}

function ownRefusal({ root, members }: Family, { caller }: KillSituation): Refusal | null {
  const own = new Set([caller.pid, ...caller.ancestors]);
  const met = [root, ...members].find(({ pid }) => own.has(pid));
  if (met === undefined) return null;
  return met.pid === caller.pid
    ? { why: `${ownerText(met)} is this command itself`, fix: null }
    : {
        why: `${ownerText(met)} runs this command: the terminal, editor or script that you are in would end`,
        fix: `kill ${root.pid}`,
      };
}

function foreignRefusal(root: OwnerDocument, { caller, processOf, target }: KillSituation): Refusal | null {
  const process = processOf(root.pid);
  if (caller.uid === 0 || process === null || process.uid === caller.uid) return null;
  return {
    why: `${ownerText(root)} belongs to ${process.user}, and you are ${caller.user}`,
    fix: asRoot(target),
  };
}

function otherListeners({ root, members }: Family, situation: KillSituation): Refusal | null {
  const { force, elsewhere, target } = situation;
  const places = [root, ...members].flatMap(({ pid }) => elsewhere.get(pid) ?? []);
  if (force || places.length === 0) return null;
  const words = listText(places.map(({ address, port }) => placeText(address, port)));
  return {
    why: `${ownerText(root)} listens on ${words} too, which would end with it`,
    fix: `lo kill ${target.text} --force`,
  };
}

function unseen({ hidden, user }: ListenerDocument, { caller, target }: KillSituation): Refusal {
  const why = `nobody is seen who holds it: ${hidden ?? `it belongs to ${user}`}`;
  return { why, fix: caller.uid === 0 ? `lo why ${target.port}` : asRoot(target) };
}

function managed(answer: Managed, listeners: readonly ListenerDocument[]): KillStep {
  return answer.kind === 'refused'
    ? { kind: 'refused', why: answer.why, fix: answer.fix, listeners }
    : { kind: 'manager', argv: answer.argv, what: answer.what, listeners };
}

/** Two sockets of one service, container or unit are ended by one step. */
function add(steps: KillStep[], step: KillStep): void {
  const index = steps.findIndex((one) => keyOf(one) === keyOf(step));
  const known = steps[index];
  if (known === undefined) steps.push(step);
  else steps[index] = { ...known, listeners: [...known.listeners, ...step.listeners] };
}

function keyOf(step: KillStep): string {
  switch (step.kind) {
    case 'service':
      return `service ${step.service.environment.id} ${step.service.name}`;
    case 'manager':
      return `manager ${step.argv.join(' ')}`;
    case 'process':
      return `process ${step.owner.pid}`;
    case 'refused':
      return `refused ${step.why}`;
  }
}

/** The names of containers are known where their manager was asked. */
function isSameContainer(one: ContainerRef, other: ContainerRef | null): boolean {
  if (other === null || one.runtime !== other.runtime) return false;
  return one.id === null ? one.name !== null && one.name === other.name : one.id === other.id;
}

function isSameUnit(one: UnitRef, other: UnitRef | null): boolean {
  return other !== null && one.name === other.name && one.manager === other.manager;
}
