/** Many services with two links each: all listen, all answer, and what a link costs is printed. `npm run chaos` has 300 with 600 links. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { test } from 'node:test';
import { dial, LinkLab, ON } from './rig.ts';

const CALLERS = Number(process.env.LINK_SERVICES ?? '20');
const CALLED = 10;

test(`${CALLERS} services with ${2 * CALLERS} links: up, all links answer`, {
  timeout: 300_000,
}, async (t) => {
  const lab = new LinkLab(t, projectOf(CALLERS));
  const began = performance.now();
  await lab.up();
  t.diagnostic(`up after ${(performance.now() - began).toFixed(0)} ms`);
  const { links } = await lab.list();
  assert.equal(links.length, 2 * CALLERS);
  assert.deepEqual(
    links.filter(({ listening }) => !listening),
    [],
  );
  const places = new Set(links.map(({ listen }) => `${listen.address}:${listen.port}`));
  assert.equal(places.size, links.length);
  const { services } = await lab.lab.ps(ON);
  const servers = await Promise.all(
    services.slice(0, CALLED).map(({ name, endpoints }) => serve(name, endpoints[0]?.address ?? '')),
  );
  t.after(() => {
    for (const server of servers) server.close();
  });
  for (const { to, listen } of links) assert.equal(await hear(listen.address, listen.port), to);
  const { pid } = await lab.gateway();
  const kilobytes = Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1]);
  t.diagnostic(
    `the gateway has ${kilobytes} KB, ${(kilobytes / links.length).toFixed(1)} KB for each link in all`,
  );
});

/** The first are called by the others; their listeners are the test's, so that a service costs a `sleep`. */
function projectOf(callers: number): string {
  const called = Array.from(
    { length: CALLED },
    (_, at) => `  d${at}: { run: sleep 1000, port: { tcp: 7700 }, ready: { exec: "true" } }`,
  );
  const calling = Array.from({ length: callers }, (_, at) => {
    const needs = `[d${at % CALLED}, d${(at + 1) % CALLED}]`;
    return `  c${at}: { run: sleep 1000, needs: ${needs} }`;
  });
  return `name: many\nservices:\n${[...called, ...calling].join('\n')}\n`;
}

/** Says its name to whoever connects. */
async function serve(name: string, host: string): Promise<Server> {
  const server = createServer((socket) => socket.end(name));
  await new Promise<void>((resolve) => server.listen(7700, host, resolve));
  return server;
}

async function hear(address: string, port: number): Promise<string> {
  const socket = await dial(address, port);
  let text = '';
  for await (const part of socket.setEncoding('utf8')) text += part;
  return text;
}
