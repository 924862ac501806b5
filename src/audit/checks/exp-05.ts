/** EXP-05: a port of a container is published on every network, past the firewall. Asked of the manager and read from command lines. */

import type { MachineCheck, MachineContext, MachineOutcome } from '../check.ts';
import type { Target } from '../target.ts';
import { safe, vulnerable } from '../verdict.ts';

export const exp05: MachineCheck = {
  id: 'EXP-05',
  title: 'A container’s port is published on every network',
  about: 'machine',
  severity: { loopback: 'high', network: 'high' },
  intrusive: false,
  references: ['CWE-668', 'https://github.com/moby/moby/issues/4737'],
  requests: 0,
  fix: 'publish it on loopback: `127.0.0.1:PORT:PORT` behind `-p` or below `ports:`',
  probe:
    'Asks Docker and podman on this machine what they publish, and reads the command lines of docker-proxy.',
  rule: 'Vulnerable when a port is published on 0.0.0.0 or [::]. Docker forwards it before the rules of ufw and firewalld are asked.',
  examine: async (context) => {
    const published = [...(await byManagers(context)), ...byProxies(context)];
    const seen = new Set<string>();
    return published.flatMap((one) => {
      const key = `${one.protocol} ${one.port} ${isWide(one.address)}`;
      if (seen.has(key)) return [];
      seen.add(key);
      return outcomeOf(one, context);
    });
  },
};

interface Published {
  readonly container: string;
  readonly protocol: string;
  readonly address: string;
  readonly port: number;
  readonly target: number | null;
  readonly source: string;
}

async function byManagers({ facts }: MachineContext): Promise<readonly Published[]> {
  return (await facts.containers()).flatMap(({ runtime, name, published }) =>
    published.map((one) => ({ ...one, container: name, source: `${runtime} tells that it publishes it` })),
  );
}

/** Root's docker-proxy shows its command line to everybody. Source: cmd/docker-proxy/main_linux.go of moby. */
function byProxies({ facts }: MachineContext): readonly Published[] {
  return facts.processes().flatMap(({ command, pid }) => {
    if (command[0]?.split('/').pop() !== 'docker-proxy') return [];
    const value = (flag: string): string => command[command.indexOf(flag) + 1] ?? '';
    const [address, port] = [value('-host-ip'), Number(value('-host-port'))];
    if (address === '' || !Number.isInteger(port)) return [];
    const container = `${value('-container-ip')}:${value('-container-port')}`;
    const source = `docker-proxy (pid ${pid}) listens with \`-host-ip ${address}\``;
    return [
      {
        container,
        protocol: value('-proto'),
        address,
        port,
        target: Number(value('-container-port')) || null,
        source,
      },
    ];
  });
}

function outcomeOf(one: Published, { targets, wholeMachine }: MachineContext): readonly MachineOutcome[] {
  const { container, protocol, address, port, target, source } = one;
  const known = targets.find((other) => other.port === port && other.transport === protocol);
  if (known === undefined && !wholeMachine) return [];
  const about: Target | string = known ?? `container ${container}:${target ?? port}`;
  if (!isWide(address)) return [{ about, outcome: safe(`published on ${address} alone`) }];
  return [
    {
      about,
      outcome: vulnerable('proven', [`published on ${address}:${port}`, source], {
        key: String(target ?? port),
        fix: `publish it as \`127.0.0.1:${port}:${target ?? port}\` (\`-p\` and \`ports:\` alike); ufw and firewalld do not stand before it`,
      }),
    },
  ];
}

function isWide(address: string): boolean {
  return address === '0.0.0.0' || address === '::' || address === '';
}
