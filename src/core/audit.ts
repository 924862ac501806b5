/**
 * The documents of `lo audit` and `lo attack`: findings, what was skipped, the stream of both. Their keys are promises. This file must
 * not know checks.
 */

import type { SCHEMA_VERSION } from './status.ts';

/** From harmless to worst. */
export const SEVERITIES = ['info', 'low', 'medium', 'high', 'critical'] as const;
export type Severity = (typeof SEVERITIES)[number];

export const AUDIT_GROUPS = {
  EXP: 'exposure and firewall',
  STO: 'data stores without authentication',
  DBG: 'debug and control endpoints',
  WEB: 'what browsers carry in',
  HTT: 'HTTP hygiene',
  TLS: 'TLS',
} as const;
export type AuditGroup = keyof typeof AUDIT_GROUPS;

export type AuditVerdict = 'vulnerable' | 'safe' | 'not-applicable' | 'inconclusive';

/** `proven`: the weakness itself was seen at work. `behavioural`: the server acts as weak ones do. `version-inferred`: only by a number. */
export type Confidence = 'proven' | 'behavioural' | 'version-inferred';

/** A place in a file of the project, relative to where the command looks; lines and columns from 1. */
export interface ConfigPlace {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

export interface AuditTarget {
  /** `api`, `api/metrics`, `node:3000`, `this machine`; the same in each run. */
  readonly name: string;
  readonly protocol: 'tcp' | 'udp' | null;
  /** As it is bound; null: the finding is about the machine or a file. */
  readonly address: string | null;
  readonly port: number | null;
  readonly service: string | null;
  readonly project: string | null;
  readonly pid: number | null;
  /** The program, as a person would name it. */
  readonly process: string | null;
  /** Where the service is declared; null: not by a config of ours. */
  readonly place: ConfigPlace | null;
}

/** What went over one connection, secrets taken out, cut to what can be read. */
export interface AuditExchange {
  readonly tls: boolean;
  readonly sent: string;
  readonly received: string;
  /** How it ended: `complete`, `closed`, `reset`, `silent`, `too much`. */
  readonly end: string;
}

export interface AuditFinding {
  readonly check: string;
  readonly title: string;
  readonly verdict: AuditVerdict;
  /** Null for anything but `vulnerable`. */
  readonly confidence: Confidence | null;
  readonly severity: Severity;
  readonly target: AuditTarget;
  /** `signs`: what was seen, one fact each; of other verdicts the reason. */
  readonly evidence: { readonly signs: readonly string[]; readonly exchanges: readonly AuditExchange[] };
  /** Null for anything but `vulnerable`. */
  readonly fix: string | null;
  readonly references: readonly string[];
  /** Stable across runs, machines and leased addresses: names the finding in baselines and SARIF. */
  readonly fingerprint: string;
  /** Accepted in the baseline: why and until when; absent: it is not. */
  readonly accepted?: { readonly reason: string; readonly expires: string };
}

export interface AuditSkip {
  readonly check: string;
  readonly target: string;
  readonly reason: string;
}

/** `lo audit --json`, `lo attack --json` */
export interface AuditReport {
  readonly schema: typeof SCHEMA_VERSION;
  /** The worst first. With `--all`, every verdict. */
  readonly findings: readonly AuditFinding[];
  readonly checked: {
    readonly targets: number;
    readonly checks: number;
    /** Connections that were opened. */
    readonly requests: number;
  };
  /** What was not looked at, or without an answer. */
  readonly skipped: readonly AuditSkip[];
  /** About the baseline: what has expired, and what is no longer found. */
  readonly notes: readonly string[];
}

export type AuditEvent =
  | { readonly type: 'plan'; readonly targets: readonly string[]; readonly checks: readonly string[] }
  | { readonly type: 'target'; readonly target: string; readonly state: 'started' | 'finished' }
  | { readonly type: 'finding'; readonly finding: AuditFinding }
  | { readonly type: 'skipped'; readonly skipped: AuditSkip }
  | { readonly type: 'done'; readonly checked: AuditReport['checked'] };
