/**
 * The stop matrix: programs that are hard to end, each started, ended, and nobody of it left: not by mark, not by command line, not on
 * its address. MATRIX_ROUNDS says how often.
 */

import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { chownSync, mkdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { RunRef } from '../../src/supervisor/supervisor.ts';
import { ensureProgram } from '../support/debian.ts';
import { fixture } from '../support/paths.ts';
import { until } from '../support/until.ts';
import { freshAddress, Rig } from './rig.ts';

const ROUNDS = Number(process.env.MATRIX_ROUNDS ?? 2);
/** Long enough for what goes by itself, short enough for what never does. */
const POLICY = { signal: 'SIGTERM', graceMs: 300 } as const;
const PORT = 6400;

interface Case {
  readonly rig: Rig;
  readonly run: RunRef;
  readonly address: string;
  /** The name of a file that the program may make when it is up. */
  readonly file: string;
}

/** Starts the program and waits until all of it runs. */
type Start = (one: Case) => Promise<void>;

async function rounds(t: TestContext, begin: Start, policy: typeof POLICY = POLICY): Promise<void> {
  const rig = Rig.create(t);
  for (let round = 1; round <= ROUNDS * 2; round += 1) {
    const address = freshAddress();
    const run = rig.ref(`api-${round}`, [address]);
    await begin({ rig, run, address, file: rig.file(`up-${round}`) });
    // A program that is never the same process for long can be missed by one look.
    await until(() => rig.left([address]).length > 0);
    const force = round % 2 === 0;
    await rig.supervisor.end(run, policy, force);
    assert.deepEqual(rig.left([address]), [], `round ${round}, ${force ? 'forced' : 'with grace'}`);
    await until(() => rig.waiters().length === 0);
    rig.supervisor.discard(run);
  }
}

for (const kind of [
  'group-child',
  'ignorer',
  'setsid-child',
  'mute-child',
  'double-fork',
  'mute-double-fork',
  'forker',
]) {
  test(`${kind}: nobody is left`, async (t) => {
    await rounds(t, async ({ rig, run, address, file }) => {
      const argv = [process.execPath, fixture('programs', 'tree.mjs'), kind, rig.name, file];
      await rig.start(run, argv, { env: { ADDRESS: address } });
      await rig.made(file);
    });
  });
}

test('a program that hands over to a child every few ms: nobody is left', async (t) => {
  await rounds(t, async ({ rig, run, file }) => {
    await rig.start(run, ['sh', fixture('programs', 'hop.sh'), rig.name, file]);
    await rig.made(file);
  });
});

for (const daemonize of ['no', 'yes']) {
  test(`redis, daemonize ${daemonize}: nobody is left`, async (t) => {
    const redis = await ensureProgram(t, { program: 'redis-server', package: 'redis-server' });
    if (redis === null) return;
    await rounds(t, async ({ rig, run, address }) => {
      const settings = ['--port', String(PORT), '--bind', address, '--save', '', '--dir', rig.directory];
      await rig.start(run, [redis, ...settings, '--daemonize', daemonize]);
      await until(() => answers(address));
    });
  });
}

test('nginx in the background with workers: nobody is left', async (t) => {
  const nginx = await ensureProgram(t, { program: 'nginx', package: 'nginx-light' });
  if (nginx === null) return;
  await rounds(t, async ({ rig, run, address }) => {
    const config = rig.file(`${run.id}.conf`);
    writeFileSync(config, nginxConfig(rig, run, address));
    await rig.start(run, [nginx, '-c', config, '-p', rig.directory, '-e', rig.file('nginx.log')]);
    await until(() => answers(address));
    // The master and two workers; it answers as soon as the first of these is there.
    await until(() => rig.left([address]).length >= 3);
  });
});

function nginxConfig(rig: Rig, run: RunRef, address: string): string {
  return `daemon on; worker_processes 2; pid ${rig.file(`${run.id}.pid`)}; error_log ${rig.file('nginx.log')};
events {} http { access_log off; server { listen ${address}:${PORT}; return 204; } }`;
}

test('PostgreSQL with a client at work: nobody is left', async (t) => {
  const postgres = await ensureProgram(t, { program: 'postgres', package: 'postgresql' });
  if (postgres === null) return;
  const as = process.getuid?.() === 0 ? ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'] : [];
  await rounds(t, async ({ rig, run, address }) => {
    const data = rig.file('data');
    // Beside the program itself: a link to it may stand where the others have none.
    const tool = (name: string): string => join(realpathSync(postgres), '..', name);
    if (run.id === 'api-1') makeCluster(as, tool('initdb'), data);
    rmSync(join(data, 'postmaster.pid'), { force: true });
    const settings = [`listen_addresses=${address}`, 'unix_socket_directories=', 'fsync=off'];
    const flags = settings.flatMap((setting) => ['-c', setting]);
    await rig.start(run, [...as, postgres, '-D', data, '-p', String(PORT), ...flags], { cwd: data });
    await until(() => isReady(tool('pg_isready'), address));
    const url = `postgres://app@${address}:${PORT}/postgres`;
    const client = spawn(tool('psql'), [url, '-c', 'select pg_sleep(1000)'], { stdio: 'ignore' });
    t.after(() => client.kill('SIGKILL'));
    await until(() => rig.left([address]).length > 0 && isAtWork(tool('psql'), url));
  });
});

function makeCluster(as: readonly string[], initdb: string, data: string): void {
  mkdirSync(data, { mode: 0o700 });
  if (as.length > 0) chownSync(data, 65534, 65534);
  const [program = '', ...args] = [...as, initdb, '-D', data, '-U', 'app', '-A', 'trust', '--no-sync'];
  execFileSync(program, args, { stdio: 'ignore', cwd: '/' });
}

function isReady(pgIsReady: string, address: string): boolean {
  return succeeds(pgIsReady, ['-h', address, '-p', String(PORT)]) !== null;
}

function isAtWork(psql: string, url: string): boolean {
  const question = "select count(*) from pg_stat_activity where query like 'select pg_sleep(%'";
  return succeeds(psql, [url, '-Atc', question])?.trim() === '1';
}

function succeeds(program: string, args: readonly string[]): string | null {
  try {
    return execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  } catch {
    // Not yet.
    return null;
  }
}

function answers(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(PORT, address);
    socket.once('error', () => resolve(false));
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
  });
}
