/**
 * What the command line may do without a daemon: look, end what listens, and change who is trusted. The one entry point beside
 * `main.ts`; the CLI loads it by `import()` only where it is needed. It must not start services.
 */

import { homedir } from 'node:os';
import { currentHome, personOf } from '../client/home.ts';
import type { Workbench } from '../core/api.ts';
import type { WaitReport } from '../core/inspection.ts';
import { environmentPaths, gatewayPaths } from '../core/paths.ts';
import type { MachineStep } from '../core/trust.ts';
import { type Doctor, doctor as runDoctor } from '../inspector/doctor/doctor.ts';
import { createInspector, type InspectorTools } from '../inspector/inspector.ts';
import { createKiller, type Killer } from '../inspector/kill/kill.ts';
import { waitFor as lookUntil, type WaitRequest } from '../inspector/wait/wait.ts';
import { runProgram } from '../platform/children.ts';
import { currentPlatform } from '../platform/current.ts';
import { dial, get } from '../platform/dial.ts';
import type { LowPorts } from '../platform/low-ports.ts';
import { RECIPES } from '../recipes/all.ts';
import { type Guardian, startGuardian } from '../supervisor/guardian.ts';
import type { Auditor } from './audit/audit.ts';
import { createTruster, type Truster } from './authority/trust.ts';
import { type OwnTools, ownFacts } from './doctor.ts';
import { hostsLabel, servedNames } from './served-names.ts';
import { sharedAddress as addressFor } from './shared-address.ts';
import type { ShareWish, Sharing } from './sharing.ts';

export { FAULTS } from '../gateway/faults/all.ts';
export { CAUSES } from '../inspector/causes/all.ts';
export { RECIPES } from '../recipes/all.ts';

/** `lo schema`. Loaded when it is asked for: the schema's library would cost every look at the machine 20 ms. */
export async function schemaDocument(): Promise<object> {
  const { jsonSchema } = await import('../core/schema/json-schema.ts');
  return jsonSchema(RECIPES);
}

/** What is our own, asked of a daemon if there is one. */
export type Ours = Pick<InspectorTools, 'holdings' | 'gateway'>;

/** The inspector in this process. */
export function inspector(ours: Ours): ReturnType<typeof createInspector> {
  return createInspector({ platform: currentPlatform(), ...ours, now: Date.now, homeDirectory: homedir() });
}

/** `lo doctor`: always in the process of the caller, whose limits, variables and namespaces count. */
export function doctor(caller: Pick<OwnTools, 'variables' | 'connect' | 'wishes'>): Promise<Doctor> {
  const platform = currentPlatform();
  const person = personOf(caller.variables);
  return runDoctor(platform, ownFacts({ ...caller, platform, person, home: currentHome(caller.variables) }));
}

export { untouched } from '../inspector/kill/kill.ts';
export { parseTarget } from '../inspector/kill/target.ts';

/** `lo kill`: always in the process of the caller, whose rights and ancestors count. */
export function killer(ours: Ours): Killer {
  return createKiller({
    platform: currentPlatform(),
    ...ours,
    now: Date.now,
    homeDirectory: homedir(),
    pid: process.pid,
    run: ([program = '', ...args], withinMs) => runProgram(program, args, { withinMs }),
  });
}

/** For `lo test` and `lo run`: ends the environment at once when this process is killed. */
export function guard(environmentId: string): Guardian {
  const { runs } = environmentPaths(currentHome(), environmentId);
  return startGuardian({ id: environmentId, runs });
}

export { parseWaitTarget } from '../inspector/wait/target.ts';

/** `lo wait`: in the process of the caller, so that it ends with it. */
export function waitFor(holdings: InspectorTools['holdings'], request: WaitRequest): Promise<WaitReport> {
  const platform = currentPlatform();
  const tools = { platform, holdings, now: Date.now, homeDirectory: homedir(), dial, get };
  return lookUntil(tools, request);
}

/** `lo setup`: what it takes that ports 80 and 443 can be had, and a way to do it. */
export async function lowPorts(): Promise<LowPorts> {
  return await currentPlatform().lowPorts();
}

/** `lo setup --hosts`: the names of this home as lines of the hosts file. */
export async function planHosts(
  undo: boolean,
  variables: Readonly<Record<string, string | undefined>>,
): Promise<MachineStep> {
  const home = currentHome(variables);
  const wish = { label: hostsLabel(home), names: servedNames(home), undo, variables };
  return (await currentPlatform().hostsBlock()).plan(wish);
}

export { carryOut } from '../platform/trust.ts';

/** `lo trust`: in the process of the caller, whose rights, home and terminal count. */
export function truster(variables: Readonly<Record<string, string | undefined>>): Truster {
  const paths = gatewayPaths(currentHome(variables));
  return createTruster({ platform: currentPlatform(), paths, home: variables.HOME ?? null, variables });
}

/** `lo share`: in the process of the caller, so that it ends with it. Errors: SHARE_REFUSED. */
export function sharedAddress(wished: string | undefined): string {
  return addressFor(currentPlatform().interfaces(), wished);
}

/** Loaded when it is asked for: it makes a certificate. Errors: SHARE_REFUSED. */
export async function share(wish: ShareWish): Promise<Sharing> {
  const { startSharing } = await import('./sharing.ts');
  return await startSharing(wish, Date.now());
}

/** `lo audit` and `lo attack`: in the process of the caller. Loaded when it is asked for. */
export async function auditor(
  holdings: InspectorTools['holdings'],
  workbench: Workbench | null,
): Promise<Auditor> {
  const { createAuditor } = await import('./audit/audit.ts');
  return createAuditor({ platform: currentPlatform(), holdings, workbench, homeDirectory: homedir() });
}

/** For the reference page. */
export async function auditChecks(): Promise<Auditor['checks']> {
  return (await import('../audit/checks/all.ts')).CHECKS;
}

/** What the catalogue names and no check does. */
export async function auditChecksNotDone(): Promise<typeof import('../audit/checks/not-done.ts').NOT_DONE> {
  return (await import('../audit/checks/not-done.ts')).NOT_DONE;
}
