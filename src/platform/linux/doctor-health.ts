/** The verbs of `Health` on Linux, joined. */

import { existsSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { askSocket } from '../ask-socket.ts';
import type { DockerSettings, Health, ProgramFacts } from '../health.ts';
import { codeOf, hostName, nodeHealth, ownName, tryFile, uptimeMs } from '../node-health.ts';
import type { Platform } from '../platform.ts';
import { readClaims } from './doctor-claims.ts';
import { readFirewalls } from './doctor-firewall.ts';
import { readInotifyLimits, readLimits, readUsage } from './doctor-limits.ts';
import { readHosts, readNameService } from './doctor-names.ts';
import { readSurroundings } from './doctor-surroundings.ts';
import { tryShell, tryUserNamespace } from './doctor-trials.ts';
import { readTrustStores } from './doctor-trust.ts';
import { tryNames } from './doctor-ways.ts';

export function linuxHealth(
  platform: Pick<Platform, 'unixSockets' | 'holders' | 'punchHole' | 'bootId'>,
): Health {
  return {
    ...nodeHealth,
    program,
    limits: readLimits,
    usage: () => readUsage(process.getuid?.() ?? 0),
    inotify: readInotifyLimits,
    tryShell,
    tryUserNamespace,
    tryFile: (directory) => tryFile(directory, platform.punchHole),
    tryNames,
    hostsFile: () => readHosts(),
    nameService: () => readNameService(),
    loopbackIPv6,
    ask: (socket, ping) => askSocket(socket, ping),
    docker: () => dockerSettings('/etc/docker/daemon.json'),
    firewall: readFirewalls,
    trustStores: readTrustStores,
    claims: () => readClaims(platform),
    surroundings: () => readSurroundings(),
    clock: () => ({ boot: platform.bootId(), now: Date.now(), uptimeMs: uptimeMs() }),
  };
}

/** Number of CAP_NET_BIND_SERVICE, capabilities(7). */
const BIND_SERVICE = 10n;

function program(): ProgramFacts {
  const effective = /^CapEff:\s*([0-9a-f]+)/m.exec(read('/proc/self/status') ?? '')?.[1];
  return {
    system: 'linux',
    node: process.version,
    uid: process.getuid?.() ?? null,
    user: ownName(),
    host: hostName(),
    lowPorts: effective === undefined ? null : ((BigInt(`0x${effective}`) >> BIND_SERVICE) & 1n) === 1n,
  };
}

/** Source: the kernel's ip-sysctl.rst. */
function loopbackIPv6(): 'on' | 'off' | 'absent' | 'unknown' {
  const off = read('/proc/sys/net/ipv6/conf/lo/disable_ipv6')?.trim();
  if (off === '0') return 'on';
  if (off === '1') return 'off';
  return existsSync('/proc/sys/net') && !existsSync('/proc/net/if_inet6') ? 'absent' : 'unknown';
}

/** Source: dockerd(8), daemon configuration file. */
export async function dockerSettings(path: string): Promise<DockerSettings> {
  try {
    const settings: unknown = JSON.parse(await readFile(path, 'utf8'));
    const proxy = (settings as { readonly 'userland-proxy'?: unknown } | null)?.['userland-proxy'];
    return { userlandProxy: typeof proxy === 'boolean' ? proxy : null, unreadable: null };
  } catch (error) {
    const code = codeOf(error);
    return { userlandProxy: null, unreadable: code === 'ENOENT' ? null : code };
  }
}

function read(file: string): string | null {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    // A kernel without it.
    return null;
  }
}
