/**
 * What a check is: data for people and reports, and one function that looks. How to add one stands in `docs/notes/audit-checks.md`. This
 * file must not know single checks, nor how probes reach a server.
 */

import type { AuditGroup, Severity } from '../core/audit.ts';
import type { MachineFacts } from './facts.ts';
import type { Fragile } from './fragile.ts';
import type { Http } from './probe/http.ts';
import type { Speech } from './probe/identify.ts';
import type { Connect } from './probe/wire.ts';
import type { Target } from './target.ts';
import type { Canary } from './tools.ts';
import type { Outcome } from './verdict.ts';

interface CheckPage {
  /** `STO-01`; a promise: baselines and CI name it. */
  readonly id: `${AuditGroup}-${number}${number}`;
  /** What is wrong when it finds something, as a headline without a full stop. */
  readonly title: string;
  /** Before the surroundings count (`severity.ts`). `network`: when other machines reach the listener. */
  readonly severity: { readonly loopback: Severity; readonly network: Severity };
  /** True: only `lo attack` sends it. */
  readonly intrusive: boolean;
  /** `CWE-306`, `CVE-2025-24010`, `GHSA-…`, or a URL. */
  readonly references: readonly string[];
  /** For servers that the check does not know by name; those have their fix in the outcome. */
  readonly fix: string;
  /** What is sent, or read, in a sentence. */
  readonly probe: string;
  /** What counts as vulnerable and what as safe, in a sentence or two. */
  readonly rule: string;
}

/** Looks at one listener at a time. */
export interface ListenerCheck extends CheckPage {
  readonly about: 'listener';
  readonly transport: 'tcp' | 'udp';
  /** What the listener has to speak; `any`: nothing is sent to find out. */
  readonly speaks: readonly Speech[] | 'any';
  /** Connections that it opens at most for one listener; more is a bug. Shared controls (`context.http.control()`) do not count. */
  readonly requests: number;
  examine(context: ListenerContext): Outcome | Promise<Outcome>;
  /** Instead of `examine`, for servers that no connection may disturb. Null: such a server is not this check's. */
  unasked?(server: Fragile): Outcome | null;
}

/** Looks at the machine and the project once, without sending anything. */
export interface MachineCheck extends CheckPage {
  readonly about: 'machine';
  readonly requests: 0;
  /** One for each thing looked at; `about` names it. Empty: there was nothing to look at. */
  examine(context: MachineContext): Promise<readonly MachineOutcome[]>;
}

export type Check = ListenerCheck | MachineCheck;

export interface MachineOutcome {
  /** A listener, or a name that is the same in each run: a path, `this machine`. */
  readonly about: Target | string;
  readonly outcome: Outcome;
}

export interface MachineContext {
  readonly facts: MachineFacts;
  /** All that this audit looks at. */
  readonly targets: readonly Target[];
  /** False: single services were asked for, and the rest of the machine is nobody's business now. */
  readonly wholeMachine: boolean;
}

export interface ListenerContext extends MachineContext {
  readonly target: Target;
  readonly speech: Speech;
  /** Raw bytes over a new connection. Throws `ProbeFailure`, which the engine makes `inconclusive`: do not catch it. */
  readonly connect: Connect;
  /** HTTP over new connections; of use where `speech` is `http` or `https`. */
  readonly http: Http;
  /** What the server answered to a line of random characters: whoever answers a probe alike proves nothing. Costs no request. */
  garbage(): Promise<Buffer>;
  /** A new word that no server can have heard before: lower case letters and digits. */
  nonce(): string;
  /** A file of ours outside every served directory, and a listener of ours: file reads and forwards are proved by these alone. */
  canary(): Promise<Canary>;
  /** What other checks found about this listener before: in the order of `checks/all.ts`. */
  earlier(id: string): Outcome | null;
}
