/** EXP-09: a tunnel carries a local port to the internet. Read from command lines; nothing is sent. */

import type { MachineCheck, MachineContext, MachineOutcome } from '../check.ts';
import { tunnelOf } from '../fixes/tunnels.ts';
import { vulnerable } from '../verdict.ts';

export const exp09: MachineCheck = {
  id: 'EXP-09',
  title: 'A tunnel publishes a local port',
  about: 'machine',
  severity: { loopback: 'high', network: 'high' },
  intrusive: false,
  references: ['CWE-668'],
  requests: 0,
  fix: 'end it when it is no longer needed, and let it ask for a login',
  probe: 'Reads the command lines of running processes.',
  rule: 'Vulnerable when a program that is known to publish runs with a local port on its command line, and something listens on that port. A tunnel that names no port is told once, when the whole machine is looked at.',
  examine: async (context) =>
    context.facts.processes().flatMap(({ command, pid }) => outcomesOf(command, pid, context)),
};

function outcomesOf(
  command: readonly string[],
  pid: number,
  { targets, wholeMachine }: MachineContext,
): readonly MachineOutcome[] {
  const tunnel = tunnelOf(command);
  if (tunnel === null) return [];
  const { program, port, where, fix } = tunnel;
  const target =
    port === null ? undefined : targets.find((one) => one.transport === 'tcp' && one.port === port);
  const running = `${program} runs (pid ${pid}) and publishes ${where}`;
  if (target !== undefined)
    return [
      {
        about: target,
        outcome: vulnerable('proven', [running, `${target.name} listens on port ${port}`], {
          key: program,
          fix,
        }),
      },
    ];
  // A port that nobody serves is published for nothing; who wants to know of it asks for the whole machine.
  if (port !== null || !wholeMachine) return [];
  return [
    {
      about: program,
      outcome: vulnerable(
        'behavioural',
        [running, 'its command line names no port: what it opens is decided elsewhere'],
        {
          severity: { loopback: 'medium', network: 'medium' },
          fix,
        },
      ),
    },
  ];
}
