/** Ports below 1024: 443 and 80 are bound on 127.0.0.1 for an instant. */

import { type Check, ok, warn } from '../check.ts';
import type { Own } from '../own.ts';

const WANTED = [443, 80] as const;

const ALLOW =
  "echo 'net.ipv4.ip_unprivileged_port_start=80' | sudo tee /etc/sysctl.d/50-low-ports.conf && sudo sysctl --system";

export const lowPorts: Check = {
  id: 'low-ports',
  title: 'Low ports',
  group: 'network',
  async examine({ platform, health, own }) {
    const answers = await Promise.all(WANTED.map((port) => platform.tryBind('127.0.0.1', port)));
    const taken = answers.some((answer) => !answer.bindable && answer.code === 'EADDRINUSE');
    const doors = taken ? await ownDoors(own) : new Set<number>();
    const { lowPorts: privileged, system } = health.program();
    const refused: number[] = [];
    const held: number[] = [];
    WANTED.forEach((port, index) => {
      const answer = answers[index];
      if (answer === undefined || answer.bindable || doors.has(port)) return;
      if (answer.code === 'EADDRINUSE') held.push(port);
      else refused.push(port);
    });
    if (refused.length > 0) {
      return warn(
        `this user may not listen on ${refused.join(' and ')}: a service with such a port is given a leased one, and the URLs of names carry another port`,
        system === 'linux' ? ALLOW : null,
      );
    }
    const words =
      held.length === 0 ? '' : `; ${held.join(' and ')} held by another program (\`lo why ${held[0]}\`)`;
    // Who holds it was allowed to; whether we are was not tried then.
    if (held.length === WANTED.length && privileged !== true) {
      const from = platform.portRanges().unprivilegedFrom;
      if (from > Math.min(...WANTED)) {
        return warn(
          `ports below ${from} need a privilege that this user does not have${words}`,
          system === 'linux' ? ALLOW : null,
        );
      }
    }
    return ok(`this user may listen on ports below 1024${words}`);
  },
};

/** Ports that our gateway holds, which runs as this user. */
async function ownDoors(own: Own): Promise<ReadonlySet<number>> {
  const gateway = await own.gateway();
  const doors = gateway.state === 'answers' ? gateway.doors : [];
  return new Set(doors.filter(({ error }) => error === null).map(({ port }) => port));
}
