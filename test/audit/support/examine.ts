/**
 * Runs checks over real sockets of this machine, with the guarded dial of the product, against a server that a test started. Only the
 * facts that a test does not care about are made up. It must not know single checks.
 */

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import type { Check } from '../../../src/audit/check.ts';
import { audit, BUG } from '../../../src/audit/engine.ts';
import type { MachineFacts } from '../../../src/audit/facts.ts';
import type { Target } from '../../../src/audit/target.ts';
import { placeText } from '../../../src/audit/target.ts';
import type { AuditTools, Canary } from '../../../src/audit/tools.ts';
import type { AuditEvent, AuditFinding, AuditReport } from '../../../src/core/audit.ts';
import type { ListenerDocument } from '../../../src/core/inspection.ts';
import { Canaries } from '../../../src/daemon/audit/canary.ts';
import { dial } from '../../../src/daemon/audit/dial.ts';
import { after } from '../../../src/platform/patience.ts';

/** A busy machine is slow, not unsafe: no fixture may fail by the time that it is given. */
const PATIENT = { parallel: 4, perTargetMs: 120_000 };

export interface Place {
  /** Default: 127.0.0.1. */
  readonly address?: string;
  readonly port: number;
  /** What else is known of it: a command line, a scope, a service. */
  readonly target?: Partial<Target>;
  readonly listener?: Partial<ListenerDocument>;
}

export interface Surroundings {
  readonly facts?: Partial<MachineFacts>;
  readonly canary?: Canary;
  readonly wholeMachine?: boolean;
  readonly tools?: Partial<AuditTools>;
}

export interface Examined {
  /** Every verdict, in the order in which it came. */
  readonly all: readonly AuditFinding[];
  /** Those that are `vulnerable`. */
  readonly found: readonly AuditFinding[];
  readonly checked: AuditReport['checked'];
  readonly events: readonly AuditEvent[];
}

export async function examine(
  checks: readonly Check[],
  places: readonly Place[],
  surroundings: Surroundings = {},
): Promise<Examined> {
  const events: AuditEvent[] = [];
  const plan = {
    checks,
    targets: places.map(targetOf),
    limits: PATIENT,
    wholeMachine: surroundings.wholeMachine ?? true,
  };
  const canaries = new Canaries(nonce);
  try {
    for await (const event of audit(plan, toolsOf(surroundings, canaries))) events.push(event);
  } finally {
    await canaries.remove();
  }
  const all = events.flatMap((event) => (event.type === 'finding' ? [event.finding] : []));
  for (const { check, evidence } of all)
    for (const sign of evidence.signs) assert.ok(!sign.startsWith(BUG), `${check}: ${sign}`);
  const done = events.at(-1);
  assert.equal(done?.type, 'done');
  const found = all.filter(({ verdict }) => verdict === 'vulnerable');
  return { all, found, checked: done.type === 'done' ? done.checked : NONE, events };
}

const NONE = { targets: 0, checks: 0, requests: 0 };

function nonce(): string {
  return `x${randomBytes(9).toString('hex')}`;
}

export function toolsOf({ facts, canary, tools }: Surroundings, canaries = new Canaries(nonce)): AuditTools {
  return {
    dial,
    facts: factsOf(facts ?? {}),
    canary: async () => canary ?? (await canaries.get()),
    nonce,
    now: () => performance.now(),
    after,
    ...tools,
  };
}

/** What a test does not give fails the test that asks for it. */
function factsOf(given: Partial<MachineFacts>): MachineFacts {
  const base = { interfaces: () => [], time: Date.now, project: null, ...given } as MachineFacts;
  return new Proxy(base, {
    get(target, name) {
      if (name in target) return target[name as keyof MachineFacts];
      throw new Error(`the test gives no fact ${String(name)}`);
    },
  });
}

export function targetOf({ address = '127.0.0.1', port, target, listener }: Place): Target {
  return {
    name: `fixture:${port}`,
    transport: 'tcp',
    address,
    port,
    authority: address === '127.0.0.1' || address === '::1' ? `localhost:${port}` : placeText(address, port),
    serverName: null,
    paths: ['/'],
    csrfPaths: [],
    listeners: [listenerOf(address, port, listener)],
    reachableAt: [],
    service: null,
    place: null,
    ...target,
  };
}

export function listenerOf(
  address: string,
  port: number,
  change: Partial<ListenerDocument> = {},
): ListenerDocument {
  return {
    protocol: 'tcp',
    family: address.includes(':') ? 6 : 4,
    address,
    port,
    scope: address === '0.0.0.0' || address === '::' ? 'wildcard' : 'loopback',
    interface: null,
    interfaceKind: null,
    owners: [],
    ownerVisible: false,
    hidden: null,
    user: 'ada',
    service: null,
    container: null,
    unit: null,
    ...change,
  };
}
