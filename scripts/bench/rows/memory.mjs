/** Row: what the daemon and the gateway hold and do while nothing happens, with no services and with 100. */

import { setTimeout as delay } from 'node:timers/promises';
import { loServices } from '../fleet.mjs';
import { cpuMs, pssMb, wakeUps } from '../measure.mjs';

const SIZE = 100;
const IDLE_MS = 10_000;
/** What a start leaves behind (timers, garbage) is not idleness. */
const SETTLE_MS = 5000;
const BOTH_MB = 90;
const SERVICE_MB = 0.5;

export async function memory({ sandbox, programs }) {
  const project = sandbox.project(loServices(programs.server, SIZE, false));
  await sandbox.run(project, ['ls']);
  const { pid } = await sandbox.json(project, ['daemon', 'status']);
  const empty = pssMb(pid);
  await sandbox.run(project, ['up', '--detach']);
  const full = pssMb(pid);
  const waiters = sandbox.processes('loopyard-waiter').map(pssMb);
  await delay(SETTLE_MS);
  const [cpu, wakes] = [cpuMs(pid), wakeUps(pid)];
  await delay(IDLE_MS);
  const idle = { cpu: cpuMs(pid) - cpu, wakes: (wakeUps(pid) - wakes) / (IDLE_MS / 1000) };
  const settled = pssMb(pid);
  const gateway = sandbox.processes('gateway.js').reduce((sum, one) => sum + pssMb(one), 0);
  await sandbox.run(project, ['down']);
  await sandbox.stopDaemon(project);
  const perService = waiters.reduce((sum, one) => sum + one, 0) / SIZE;
  const mb = (name, value, digits = 1) => ({ name, value, unit: 'MB', digits });
  return [
    {
      title: 'idle memory (proportional set size) and work',
      lines: [
        mb('daemon, no services', empty),
        mb(`daemon, ${SIZE} services, just started`, full),
        mb(`daemon, ${SIZE} services, idle for ${(SETTLE_MS + IDLE_MS) / 1000} s`, settled),
        mb(`gateway, with their names`, gateway),
        { ...mb('waiter of a service', perService, 2), text: `${waiters.length} waiters` },
        { name: `daemon's CPU in ${IDLE_MS / 1000} idle seconds`, value: idle.cpu, unit: 'ms' },
        { name: 'times that it went to sleep', value: idle.wakes, unit: '/s', digits: 1 },
      ],
      budgets: [
        {
          text: `daemon and gateway <= ${BOTH_MB} MB`,
          value: Math.max(empty, full, settled) + gateway,
          unit: 'MB',
          most: BOTH_MB,
        },
        {
          text: `per service <= ${SERVICE_MB} MB (waiter, and the daemon's growth)`,
          value: perService + Math.max(0, settled - empty) / SIZE,
          unit: 'MB',
          most: SERVICE_MB,
        },
      ],
    },
  ];
}
