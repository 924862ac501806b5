/** `lo ps`: the services of one environment. */

import { prometheusText } from '../../core/prometheus.ts';
import type { Command } from '../command.ts';
import { printStatus } from '../view/status-table.ts';

export const ps: Command = {
  usage: ['', '--metrics'],
  description: [
    'Shows each service of this directory’s environment: its state, where it is reached, its process, since when it is in that state, and why.',
    '`ready` is proven (a connection, a health check, a line of output); `running` means that there is nothing to prove.',
  ],
  positionals: [],
  options: [
    {
      name: 'metrics',
      summary: 'What the gateway counted, of all environments, in Prometheus’ text format',
    },
  ],
  rest: null,
  examples: [
    { command: 'lo ps', meaning: 'The services of the environment here or above.' },
    {
      command: 'lo ps --json | jq -r .services[].endpoints[].url',
      meaning: 'Every URL, for a script.',
    },
    {
      command: 'lo ps --metrics > loopyard.prom',
      meaning: 'Requests, errors and latency of each route, for Prometheus.',
    },
  ],
  exits: {},
  needsDaemon: true,
  run: async (context) => {
    const workbench = await context.connect();
    if (context.args.flag('metrics')) {
      const report = await workbench.traffic();
      if (context.json) context.printer.document(report);
      else if (report.gateway !== null) context.printer.raw(prometheusText(report.gateway));
      return 0;
    }
    const status = await workbench.ps(context.target);
    if (context.json) context.printer.document(status);
    else printStatus(context.printer, status, context.world.now());
    return 0;
  },
};
