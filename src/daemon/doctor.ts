/**
 * `lo doctor`, first version: Node, addresses, both families of `localhost`, sockets, state. Each check does what it speaks of
 * instead of guessing from version numbers. It must not change anything.
 */

import { lookup } from 'node:dns/promises';
import { accessSync, constants, statSync } from 'node:fs';
import type { HomePaths } from '../core/paths.ts';
import { type DaemonInfo, type DoctorReport, SCHEMA_VERSION } from '../core/status.ts';
import type { Platform } from '../platform/platform.ts';

type Check = DoctorReport['checks'][number];

export interface DoctorTools {
  readonly platform: Platform;
  readonly home: HomePaths;
}

type Facts = Pick<DaemonInfo, 'version' | 'pid' | 'socket'>;

export async function examine(tools: DoctorTools, daemon: Facts | null): Promise<DoctorReport> {
  const checks = await Promise.all([
    nodeVersion(),
    addresses(tools.platform),
    localhostFamilies(tools.platform),
    resolving(),
    state(tools.home),
    socket(tools.home, daemon),
  ]);
  return { schema: SCHEMA_VERSION, checks };
}

function nodeVersion(): Check {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const good = major > 20 || (major === 20 && minor >= 19);
  return {
    id: 'node',
    title: 'Node.js',
    verdict: good ? 'ok' : 'fail',
    text: `${process.version}; 20.19 or later is needed`,
    fix: good ? null : 'install Node.js 20.19 or later',
  };
}

async function addresses(platform: Platform): Promise<Check> {
  const tried = ['127.64.0.1', '127.96.1.2', '127.127.255.254'];
  const answers = await Promise.all(tried.map((address) => platform.tryBind(address, 0)));
  const bad = tried.filter((_, index) => answers[index]?.bindable !== true);
  return {
    id: 'addresses',
    title: 'Loopback addresses',
    verdict: bad.length === 0 ? 'ok' : 'warn',
    text:
      bad.length === 0
        ? 'all of 127.64.0.0/10 can be bound'
        : `cannot be bound: ${bad.join(', ')}; services get leased ports on 127.0.0.1 instead`,
    fix:
      bad.length === 0
        ? null
        : 'nothing is needed; on macOS `sudo ifconfig lo0 alias 127.64.0.1` adds an address',
  };
}

async function localhostFamilies(platform: Platform): Promise<Check> {
  const [four, six] = await Promise.all([platform.tryBind('127.0.0.1', 0), platform.tryBind('::1', 0)]);
  const good = four.bindable && six.bindable;
  const text = `127.0.0.1 ${four.bindable ? 'works' : four.code}, ::1 ${six.bindable ? 'works' : six.code}`;
  return {
    id: 'families',
    title: 'Both families',
    verdict: four.bindable ? (good ? 'ok' : 'warn') : 'fail',
    text,
    fix: good ? null : 'programs that dial ::1 will not reach local services; enable IPv6 on lo',
  };
}

async function resolving(): Promise<Check> {
  try {
    const found = await lookup('localhost', { all: true, verbatim: true });
    const text = `localhost is ${found.map((one) => one.address).join(', then ')}`;
    return { id: 'localhost', title: 'Name localhost', verdict: 'ok', text, fix: null };
  } catch (error) {
    const text = `localhost does not resolve: ${(error as Error).message}`;
    return {
      id: 'localhost',
      title: 'Name localhost',
      verdict: 'fail',
      text,
      fix: 'add `127.0.0.1 localhost` and `::1 localhost` to the hosts file',
    };
  }
}

function state(home: HomePaths): Check {
  try {
    accessSync(home.home, constants.W_OK | constants.R_OK | constants.X_OK);
    const open = (statSync(home.home).mode & 0o077) !== 0;
    return {
      id: 'state',
      title: 'State directory',
      verdict: open ? 'warn' : 'ok',
      text: open ? `${home.home} can be entered by others` : `${home.home} can be written`,
      fix: open ? `chmod 700 ${home.home}` : null,
    };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      return {
        id: 'state',
        title: 'State directory',
        verdict: 'ok',
        text: `${home.home} is made on first use`,
        fix: null,
      };
    }
    return {
      id: 'state',
      title: 'State directory',
      verdict: 'fail',
      text: (error as Error).message,
      fix: 'correct its permissions, or set LOOPYARD_HOME',
    };
  }
}

function socket(home: HomePaths, daemon: Facts | null): Check {
  const text =
    daemon === null
      ? `no daemon runs; its socket would be ${home.socket}`
      : `version ${daemon.version}, pid ${daemon.pid}, on ${daemon.socket}`;
  return { id: 'daemon', title: 'Daemon', verdict: 'ok', text, fix: null };
}
