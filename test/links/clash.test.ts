/** A listener of ours in the way of a program that wants every address: told as what it is. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { WhyReport } from '../../src/core/inspection.ts';
import { portClash } from '../../src/daemon/links/port-clash.ts';
import { freePort, LinkLab, ON } from './rig.ts';

test('who wants a port on every address that a link has is told which link, and how both can be', async (t) => {
  const port = await freePort();
  const lab = new LinkLab(
    t,
    `name: shop\nservices:\n  tool: { run: node server.mjs, port: ${port}, bind: as-is, restart: never, env: { WIDE: "1" } }\n`,
  );
  await lab.must(['link', 'add', '9', '--listen', `127.77.7.7:${port}`, '--name', 'mine']);
  const up = await lab.lo(['up', '--detach']);
  assert.equal(up.code, 1, up.stdout + up.stderr);
  const tool = await lab.lab.service('tool', ON);
  assert.equal(tool.state, 'failed');
  const warning = tool.warnings.find(({ code }) => code === 'LINK_HOLDS_PORT');
  const said = `tool asks for port ${port} on every address, and the link mine of ours listens on 127.77.7.7:${port}`;
  assert.equal(warning?.text, said, JSON.stringify(tool));
  assert.match(warning?.fix ?? '', /\$HOST:\$PORT.*direct: true/);
});

test('ports, why, explain and kill know that a listener is a link', async (t) => {
  const lab = new LinkLab(t);
  await lab.up();
  const { listen } = await lab.link('api:db');
  const place = `${listen.address}:${listen.port}`;
  assert.match(await lab.must(['ports', '--port', '5432']), /link api:db of shop/);
  const why = JSON.parse(await lab.must(['why', '5432', '--json'], 1)) as WhyReport;
  const cause = why.causes.find(({ code }) => code === 'OURS_GATEWAY');
  assert.match(cause?.text ?? '', new RegExp(`the link api:db of shop on ${place.replaceAll('.', '\\.')}`));
  assert.match(cause?.text ?? '', /: where api reaches db\.$/);
  assert.match(
    cause?.fix ?? '',
    /^lo run --port 5432 -- COMMAND .*`lo stop db --environment \S+` ends the link$/,
  );
  // What would be refused, or would end every link, is proposed nowhere.
  const pid = (await lab.gateway()).pid;
  const ours = why.causes.filter((one) => one.pid === pid);
  for (const { code, fix } of ours) assert.doesNotMatch(fix ?? '', /^(?:lo )?kill /, code);
  assert.ok(ours.every(({ code }) => code !== 'HELD'));
  assert.match(await lab.must(['explain', place]), /link api:db of shop/);
  const gateway = await lab.gateway();
  const kill = await lab.lo(['kill', place, '--yes', '--force']);
  assert.notEqual(kill.code, 0);
  assert.match(
    kill.stderr,
    /the gateway of Loopyard serves the link api:db of shop[\s\S]*lo stop db --environment/,
  );
  assert.equal((await lab.gateway()).pid, gateway.pid);
});

test('words of a clash: only where the program says so, and a link that listens has the port', () => {
  const links = (port: number, listening: boolean) =>
    [{ id: 'shop-1/api:db', listening, listen: { address: '127.64.1.3', port } }] as never;
  const said = ['Error: listen EADDRINUSE: address already in use :::5432', '    at x'];
  assert.match(portClash('db', [5432], said, links(5432, true))?.text ?? '', /127\.64\.1\.3:5432$/);
  assert.ok(portClash('db', [5432], ['bind() failed (98: Address already in use)'], links(5432, true)));
  assert.equal(portClash('db', [5432], said, links(5432, false)), null);
  assert.equal(portClash('db', [3000], said, links(5432, true)), null);
  assert.equal(portClash('db', [5432], ['Error: no such table'], links(5432, true)), null);
});
