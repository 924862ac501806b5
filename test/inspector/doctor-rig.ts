/** A machine on which nothing is wrong, as the doctor's checks see it; a test changes the one answer that it is about. */

import assert from 'node:assert/strict';
import type { Verdict } from '../../src/core/status.ts';
import { CHECKS } from '../../src/inspector/doctor/all.ts';
import type { Check, DoctorFacts, Finding } from '../../src/inspector/doctor/check.ts';
import type { DaemonAnswer, Own } from '../../src/inspector/doctor/own.ts';
import type { Health, PathThere } from '../../src/platform/health.ts';
import { fakePlatform } from '../support/fake-platform.ts';

export interface Changes {
  readonly platform?: Partial<DoctorFacts['platform']>;
  readonly health?: Partial<Health>;
  readonly own?: Partial<Own>;
}

export const DIRECTORY: PathThere = {
  kind: 'directory',
  mode: 0o700,
  uid: 1000,
  bytes: 4096,
  readable: true,
  writable: true,
};

const HOME = '/home/anna/.local/state/loopyard';

/** By path; anything else is not there. */
export function paths(
  known: Readonly<Record<string, PathThere | { readonly code: string }>>,
): Health['path'] {
  return async (path) => known[path] ?? { code: 'ENOENT' };
}

const HEALTH: Health = {
  program: () => ({
    system: 'linux',
    node: 'v22.1.0',
    uid: 1000,
    user: 'anna',
    host: 'box',
    lowPorts: false,
  }),
  limits: () => ({ files: { soft: 1024, hard: 524_288 }, processes: { soft: 60_000, hard: 60_000 } }),
  usage: () => ({ threads: 900, watches: 1000, watchers: 12 }),
  inotify: () => ({ watches: 65_536, watchers: 128 }),
  tryLoop: async () => ({ works: true }),
  tryWatch: async () => ({ works: true }),
  tryShell: async () => ({ works: true }),
  tryUserNamespace: async () => ({ works: true }),
  tryFile: async () => ({ written: true, holes: true }),
  lookup: async () => ({ addresses: ['::1', '127.0.0.1'] }),
  hostsFile: async () => ({
    state: 'read',
    path: '/etc/hosts',
    bytes: 60,
    entries: 2,
    crlf: false,
    lines: [
      { line: 1, address: '127.0.0.1', names: ['localhost'] },
      { line: 2, address: '::1', names: ['localhost'] },
    ],
  }),
  nameService: async () => ({
    order: ['files', 'myhostname', 'dns'],
    resolved: false,
    nameservers: ['10.0.0.1'],
  }),
  loopbackIPv6: () => 'on',
  ask: async () => ({ state: 'absent' }),
  docker: async () => ({ userlandProxy: null, unreadable: null }),
  firewall: async () => [
    { name: 'nft', state: 'on', why: null, rules: 3, againstLoopback: [], refusesIncoming: false },
  ],
  trustStores: async () => [
    {
      kind: 'system',
      name: 'system bundle',
      path: '/etc/ssl/certs/ca-certificates.crt',
      holds: null,
      why: null,
    },
  ],
  path: paths({ [HOME]: DIRECTORY }),
  space: async () => ({ freeBytes: 50e9, totalBytes: 100e9, freeFiles: 1e6, kind: 'ext4' }),
  claims: () => [],
  surroundings: () => ({ container: null, wsl: false, family: 'debian', kernel: '6.1.0' }),
  clock: () => ({ boot: '0a0b0c0d-1', now: Date.parse('2026-11-23T10:00:00Z'), uptimeMs: 3_600_000 }),
};

const OWN: Own = {
  place: () => ({
    home: HOME,
    runtime: HOME,
    socket: `${HOME}/daemon.sock`,
    certificate: `${HOME}/ca.pem`,
    person: '/home/anna',
  }),
  build: () => ({ version: '1.0.0', build: 'b1' }),
  variables: () => ({}),
  daemon: async () => ({ state: 'absent', holder: null }),
  gateway: async () => ({ state: 'absent' }),
  environments: async () => [],
};

export function facts(changes: Changes = {}): DoctorFacts {
  return {
    platform: fakePlatform({
      tryBind: async () => ({ bindable: true }),
      portRanges: () => ({ ephemeral: [32_768, 60_999], reserved: [], unprivilegedFrom: 1024 }),
      interfaces: () => [],
      ...changes.platform,
    }),
    health: { ...HEALTH, ...changes.health },
    own: { ...OWN, ...changes.own },
  };
}

async function examineOne(id: string, changes: Changes = {}): Promise<Finding> {
  const check: Check | undefined = CHECKS.find((one) => one.id === id);
  if (check === undefined) throw new Error(`no check ${id}`);
  return await check.examine(facts(changes));
}

/** Examines one check and compares all that it says. */
export async function expect(
  id: string,
  changes: Changes,
  verdict: Verdict,
  text: RegExp,
  fix: string | RegExp | null,
): Promise<void> {
  const found = await examineOne(id, changes);
  assert.equal(found.verdict, verdict, `${id}: ${found.text}`);
  assert.match(found.text, text, id);
  if (fix instanceof RegExp) assert.match(found.fix ?? '', fix, id);
  else assert.equal(found.fix, fix, id);
}

/** A daemon that runs and is well. */
export const ANSWERS = {
  state: 'answers',
  version: '1.0.0',
  build: 'b1',
  pid: 77,
  socket: '/home/anna/.local/state/loopyard/daemon.sock',
  sameNamespaces: true,
  environments: 2,
  running: 3,
} as const satisfies DaemonAnswer;
