/** `Health` on systems without an implementation: what Node answers everywhere, and a plain "not available" for the rest. */

import { askSocket } from './ask-socket.ts';
import type { Health } from './health.ts';
import { hostName, kernelRelease, nodeHealth, ownName, tryFile, uptimeMs } from './node-health.ts';

/** `missing`: throws PLATFORM_UNSUPPORTED. */
export function unsupportedHealth(system: string, missing: (what: string) => () => never): Health {
  return {
    ...nodeHealth,
    program: () => ({
      system,
      node: process.version,
      uid: process.getuid?.() ?? null,
      user: ownName(),
      host: hostName(),
      lowPorts: null,
    }),
    limits: missing('reading limits'),
    usage: missing('counting what processes hold'),
    inotify: missing('inotify'),
    tryShell: missing('running services'),
    tryUserNamespace: missing('a user namespace'),
    tryFile: (directory) => tryFile(directory, () => Promise.resolve(false)),
    tryNames: async () => [],
    hostsFile: missing('reading the hosts file'),
    nameService: missing('reading the name service'),
    loopbackIPv6: () => 'unknown',
    ask: (socket, ping) => askSocket(socket, ping),
    docker: missing('reading the settings of Docker'),
    firewall: missing('reading the firewall'),
    trustStores: missing('looking into trust stores'),
    claims: missing('reading claims'),
    surroundings: () => ({ container: null, wsl: false, family: null, kernel: kernelRelease() }),
    clock: () => ({ boot: '', now: Date.now(), uptimeMs: uptimeMs() }),
  };
}
