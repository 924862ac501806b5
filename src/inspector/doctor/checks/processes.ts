/** How many processes this user may have, and has. */

import { type Check, ok, unknown, warn } from '../check.ts';

/** A Node service with its waiter: 11 threads and a shell. */
const EACH_SERVICE = 12;
const ENOUGH = 50;

export const processes: Check = {
  id: 'processes',
  title: 'Processes',
  group: 'machine',
  examine({ health }) {
    const { processes: limit } = health.limits(null);
    const { uid } = health.program();
    if (limit === null) return unknown('the limit of processes cannot be read');
    const { soft } = limit;
    // The kernel asks root nothing.
    if (uid === 0) return ok('root may start any number');
    if (soft === 'unlimited') return ok('this user may start any number');
    const { threads } = health.usage();
    if (threads === null) return unknown(`this user may have ${soft}; how many there are cannot be counted`);
    const services = Math.max(0, Math.floor((soft - threads) / EACH_SERVICE));
    const text = `this user has ${threads} of ${soft} (threads count), room for about ${services} Node services`;
    if (services >= ENOUGH) return ok(text);
    return warn(text, `ulimit -u ${soft * 4}  # needs a higher hard limit: /etc/security/limits.conf`);
  },
};
