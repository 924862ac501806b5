/** Wires the audit room: hands it the guarded way to servers, facts, time and chance. It must not judge. */

import { randomBytes } from 'node:crypto';
import type { Check } from '../../audit/check.ts';
import { CHECKS } from '../../audit/checks/all.ts';
import { ATTACK_LIMITS, AUDIT_LIMITS, audit as carryOut } from '../../audit/engine.ts';
import { junit } from '../../audit/report/junit.ts';
import { sarif } from '../../audit/report/sarif.ts';
import { SHARED_REQUESTS } from '../../audit/session.ts';
import type { AuditTools } from '../../audit/tools.ts';
import type { Workbench } from '../../core/api.ts';
import type { AuditEvent } from '../../core/audit.ts';
import type { InspectorTools } from '../../inspector/inspector.ts';
import { createInspector } from '../../inspector/inspector.ts';
import { after } from '../../platform/patience.ts';
import type { Platform } from '../../platform/platform.ts';
import { Canaries } from './canary.ts';
import { dial } from './dial.ts';
import { machineFacts } from './facts.ts';
import { resolveOnce, type Scope, type ScopeRequest, scopeOf } from './scope.ts';

export interface AuditorTools {
  readonly platform: Platform;
  readonly holdings: InspectorTools['holdings'];
  /** Null: no daemon runs. */
  readonly workbench: Workbench | null;
  readonly homeDirectory: string;
}

export interface Auditor {
  readonly checks: readonly Check[];
  /** What would be looked at. Errors: AUDIT_NOTHING, AUDIT_REFUSED, USAGE. */
  prepare(request: ScopeRequest): Promise<Scope>;
  /** Intrusive `checks` make it an attack. */
  run(scope: Scope, checks: readonly Check[]): AsyncIterable<AuditEvent>;
  /** What one listener may get beside the requests of checks. */
  readonly sharedRequests: number;
  readonly sarif: typeof sarif;
  readonly junit: typeof junit;
}

export function createAuditor(tools: AuditorTools): Auditor {
  return {
    checks: CHECKS,
    prepare: (request) => prepare(request, tools),
    run: (scope, checks) => run(scope, checks, tools),
    sharedRequests: SHARED_REQUESTS,
    sarif,
    junit,
  };
}

async function prepare(request: ScopeRequest, tools: AuditorTools): Promise<Scope> {
  const { platform, holdings, homeDirectory, workbench } = tools;
  const inspector = createInspector({ platform, holdings, homeDirectory, now: Date.now });
  return await scopeOf(request, {
    workbench,
    listeners: async () => (await inspector.ports({ all: false })).listeners,
    interfaces: () => platform.interfaces(),
    user: platform.userName(process.geteuid?.() ?? -1),
    resolve: resolveOnce,
  });
}

async function* run(
  { targets, project, wholeMachine }: Scope,
  checks: readonly Check[],
  { platform, homeDirectory }: AuditorTools,
): AsyncGenerator<AuditEvent, void> {
  const canaries = new Canaries(nonce);
  const tools: AuditTools = {
    dial,
    facts: machineFacts(platform, homeDirectory, project),
    canary: () => canaries.get(),
    nonce,
    now: () => performance.now(),
    after,
  };
  const limits = checks.some(({ intrusive }) => intrusive) ? ATTACK_LIMITS : AUDIT_LIMITS;
  try {
    yield* carryOut({ checks, targets, limits, wholeMachine }, tools);
  } finally {
    await canaries.remove();
  }
}

function nonce(): string {
  return `x${randomBytes(9).toString('hex')}`;
}
