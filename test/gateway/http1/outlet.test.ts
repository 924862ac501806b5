/** What is written to a socket past Node's own queue: whole and in its order, whoever reads how slowly, and the end behind all of it. */

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { connect as connectSecurely, createServer as createSecureServer } from 'node:tls';
import { Outlet } from '../../../src/gateway/http1/outlet.ts';
import { certificate } from '../../audit/support/certificates.ts';
import { until } from '../../support/until.ts';

for (const secure of [false, true]) {
  const words = secure ? 'TLS' : 'TCP';

  test(`${words}: texts and buffers of all sizes arrive whole and in order, and then the end`, async (t) => {
    const { outlet, reader, drains } = await pair(t, secure);
    const sent = createHash('sha256');
    let heard: (() => string) | null = null;
    // Nobody reads before the socket has had too much once.
    for (let round = 0; round < 300 || heard === null; round += 1) {
      const size = (round * 7919) % 60_000;
      const text = String.fromCharCode(round % 256).repeat(size);
      sent.update(text, 'latin1');
      // Now and then whoever writes does not wait, as one that ends a message must not.
      const before = drains();
      if (outlet.write(round % 3 === 0 ? Buffer.from(text, 'latin1') : text) || round % 2 === 0) continue;
      heard ??= hashOf(reader);
      await until(() => drains() > before);
    }
    outlet.end();
    await once(reader, 'end');
    assert.equal(heard(), sent.digest('hex'));
  });

  test(`${words}: one long write and the end at once, for a reader who begins late`, async (t) => {
    const { outlet, reader } = await pair(t, secure);
    let finished = false;
    const long = Buffer.alloc(20_000_000, 'x');
    assert.equal(outlet.write(long), false);
    outlet.end(() => {
      finished = true;
    });
    assert.equal(outlet.ended, true);
    assert.equal(finished, false);
    const heard = hashOf(reader);
    await once(reader, 'end');
    assert.equal(heard(), createHash('sha256').update(long).digest('hex'));
    await until(() => finished);
  });

  test(`${words}: a reader that resets ends the socket, and nobody is told to write on`, async (t) => {
    const { outlet, reader, drains } = await pair(t, secure);
    assert.equal(outlet.write('x'.repeat(20_000_000)), false);
    reader.destroy();
    await until(() => outlet.socket.closed);
    assert.equal(drains(), 0);
    assert.equal(outlet.write('y'), false);
  });
}

interface Pair {
  readonly outlet: Outlet;
  /** Reads nothing until it is told to. */
  readonly reader: Socket;
  /** How often the outlet said that it is dry. */
  drains(): number;
}

async function pair(t: TestContext, secure: boolean): Promise<Pair> {
  const server = secure
    ? createSecureServer({ ...(await certificate()), allowHalfOpen: true })
    : createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const met = taken(server, secure);
  const { port } = server.address() as AddressInfo;
  const reader = secure
    ? connectSecurely({ port, host: '127.0.0.1', rejectUnauthorized: false })
    : connect(port, '127.0.0.1');
  reader.on('error', () => undefined);
  const socket = await met;
  socket.on('error', () => undefined);
  t.after(() => {
    for (const one of [reader, socket, server]) 'destroy' in one ? one.destroy() : one.close();
  });
  let drains = 0;
  const outlet = new Outlet(socket, () => {
    drains += 1;
  });
  return { outlet, reader, drains: () => drains };
}

async function taken(server: Server, secure: boolean): Promise<Socket> {
  const [socket] = (await once(server, secure ? 'secureConnection' : 'connection')) as [Socket];
  return socket;
}

function hashOf(reader: Socket): () => string {
  const hash = createHash('sha256');
  reader.on('data', (bytes: Buffer) => hash.update(bytes));
  return () => hash.digest('hex');
}
