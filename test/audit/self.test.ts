/** Loopyard and its examples stand its own audit and its own attacks: daemon, gateway by name and by address, the shop. */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import type { AuditReport } from '../../src/core/audit.ts';
import type { PortsReport } from '../../src/core/inspection.ts';
import type { EnvironmentStatus } from '../../src/core/status.ts';
import { Lab } from '../support/lab.ts';
import { root } from '../support/paths.ts';
import { until } from '../support/until.ts';

const ON = {
  cwd: join(root, 'examples/shop'),
  env: { LOOPYARD_GATEWAY: 'on', LOOPYARD_HTTPS_PORT: '0', LOOPYARD_HTTP_PORT: '0' },
};

test('nothing is found on the shop, on the gateway that serves its names, and on the daemon', async (t) => {
  const lab = Lab.create(t);
  await lab.must(['up', '--detach'], 0, ON);
  const names = await namesOf(lab);
  const doors = await doorsOf(lab, names);
  await findsNothing(lab, ['audit'], 3);
  const words = ['db', 'api', 'web', ...names.map((name) => `${name}/`), ...doors];
  await findsNothing(lab, ['attack', '--yes', ...words], words.length);
  const { services } = await lab.ps(ON);
  for (const { name, state } of services)
    assert.ok(
      state === 'ready' || state === 'running' || state === 'completed',
      `${name} is ${state} afterwards`,
    );
  // The daemon has no door on TCP at all.
  const daemon = await lab.daemonPid(ON);
  const { listeners } = await lab.json<PortsReport>(['ports', '--pid', String(daemon)], ON);
  assert.deepEqual(listeners, []);
});

/** `https://web.shop.localhost:40123` of each HTTP service. */
async function namesOf(lab: Lab): Promise<readonly string[]> {
  let names: readonly string[] = [];
  await until(async () => {
    const { services } = await lab.json<EnvironmentStatus>(['ps'], ON);
    names = services.flatMap(({ endpoints }) => endpoints.flatMap((endpoint) => endpoint.names.slice(0, 1)));
    return names.length > 0;
  });
  return names;
}

/** Every place where the gateway listens for names; links lead to services, which are tried themselves. */
async function doorsOf(lab: Lab, [first = '']: readonly string[]): Promise<readonly string[]> {
  const { port } = new URL(first);
  const at = await lab.json<PortsReport>(['ports', '--port', port], ON);
  const pid = at.listeners[0]?.owners.at(-1)?.pid;
  const { listeners } = await lab.json<PortsReport>(['ports', '--pid', String(pid)], ON);
  const doors = listeners.filter(({ gateway }) => gateway?.link === null);
  const places = doors.map(({ address, port }) =>
    address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`,
  );
  assert.ok(places.length >= 2, 'HTTPS and HTTP');
  return places;
}

async function findsNothing(lab: Lab, args: readonly string[], targets: number): Promise<void> {
  const { stdout, stderr, code } = await lab.lo([...args, '--json'], ON);
  const report = JSON.parse(stdout) as AuditReport;
  const told = report.findings.filter(({ accepted }) => accepted === undefined);
  assert.deepEqual(told, [], `${args.join(' ')}: ${JSON.stringify(told, null, 1)}`);
  assert.equal(code, 0, stdout + stderr);
  // One server on both families is one target.
  assert.ok(
    report.checked.targets > 0 && report.checked.targets <= targets,
    `${report.checked.targets} targets`,
  );
}
