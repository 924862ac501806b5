/** Open files: what the daemon and, from it, every service may have; and for how many services that is enough. */

import { type Check, ok, unknown, warn } from '../check.ts';

/** Measured: 23 by itself, one for each log that is followed; and a connection while a service is proven. */
const DAEMON_ITSELF = 40;
const EACH_SERVICE = 3;
/** Databases and bundlers open more than that. */
const LEAST = 4096;

export const openFiles: Check = {
  id: 'open-files',
  title: 'Open files',
  group: 'machine',
  async examine({ health, own }) {
    const daemon = await own.daemon();
    const runs = daemon.state === 'answers' && daemon.sameNamespaces;
    const { files } = health.limits(runs ? daemon.pid : null);
    if (files === null) return unknown('the limit of open files cannot be read');
    // Node raises its soft limit to the hard one when it starts, and services inherit that.
    const { hard } = files;
    const whose = runs ? 'the daemon and its services' : 'a program and its children';
    if (hard === 'unlimited') return ok(`${whose} may open any number of files`);
    const services = Math.max(0, Math.floor((hard - DAEMON_ITSELF) / EACH_SERVICE));
    const text = `${whose} may open ${hard} files each, enough for ${services} services`;
    if (hard >= LEAST) return ok(text);
    return warn(
      `${text}; databases and bundlers often need more`,
      'sudo prlimit --pid $$ --nofile=65536:65536 && lo daemon stop  # for this shell; for good: /etc/security/limits.conf',
    );
  },
};
