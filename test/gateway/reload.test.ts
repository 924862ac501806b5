/** A new snapshot while traffic flows: what is under way goes on where it is, what comes next goes by the new routes. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { until } from '../support/until.ts';
import { GatewayRig, program, route } from './gateway-rig.ts';

const GET = 'GET / HTTP/1.1\r\nHost: web.localhost\r\n\r\n';

test('a connection of a client lives through it: the next request on it goes to the new place', async (t) => {
  const rig = await GatewayRig.create(t);
  const [one, two] = [
    await program(t, (_, response) => response.end('one')),
    await program(t, (_, response) => response.end('two')),
  ];
  rig.serve(route('web', one));
  const client = await dial(t, rig);
  client.write(GET);
  await client.hears(/one$/);
  for (let round = 0; round < 20; round += 1) rig.serve(route('web', two), route(`x${round}`, null));
  client.write(GET);
  await client.hears(/one[\s\S]*two$/);
  rig.serve(route('web', null, { words: 'web is stopped' }));
  client.write(GET);
  await client.hears(/web is stopped[\s\S]*<\/html>\n$/);
  assert.equal(client.socket.closed, false);
});

test('a reply under way ends as it began, though its route leads elsewhere or is gone', async (t) => {
  const rig = await GatewayRig.create(t);
  const replies: ServerResponse[] = [];
  const port = await program(t, (_, response) => {
    response.write('first ');
    replies.push(response);
  });
  for (const next of [[route('web', await program(t, (_, response) => response.end('new')))], []]) {
    rig.serve(route('web', port));
    const client = await dial(t, rig);
    client.write(GET);
    await client.hears(/first /);
    rig.serve(...next);
    replies.pop()?.end('last');
    await client.hears(/last\r\n0\r\n\r\n$/);
    client.socket.destroy();
  }
});

test('a WebSocket lives through it', async (t) => {
  const rig = await GatewayRig.create(t);
  const echo = createServer((socket) => {
    let head = '';
    socket.setEncoding('latin1').on('data', (text: string) => {
      if (head.endsWith('\r\n\r\n')) socket.write(text);
      else head += text;
      if (head.endsWith('\r\n\r\n') && text.endsWith('\r\n\r\n'))
        socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
    });
  });
  echo.listen(0, '127.0.0.1');
  await once(echo, 'listening');
  t.after(() => echo.close());
  rig.serve(route('web', (echo.address() as AddressInfo).port));
  const client = await dial(t, rig);
  client.write(GET.replace('\r\n\r\n', '\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'));
  await client.hears(/ 101 [\s\S]*\r\n\r\n$/);
  rig.serve(route('other', null));
  client.write('hello');
  await client.hears(/hello$/);
});

test('an older snapshot never takes the place of a newer one', async (t) => {
  const rig = await GatewayRig.create(t);
  const port = await program(t, (_, response) => response.end('new'));
  rig.serve(route('web', port));
  const old = { schema: 1, revision: 1, routes: [], certificates: [], links: [] } as const;
  assert.equal(rig.gateway.apply(old), false);
  assert.equal((await rig.ask('http://web.localhost/')).body, 'new');
});

interface Client {
  readonly socket: Socket;
  write(text: string): void;
  hears(pattern: RegExp): Promise<void>;
}

async function dial(t: TestContext, rig: GatewayRig): Promise<Client> {
  const socket = connect(rig.gateway.ports.http ?? 0, '127.0.0.1');
  t.after(() => socket.destroy());
  let heard = '';
  socket.setEncoding('latin1').on('data', (text: string) => {
    heard += text;
  });
  await once(socket, 'connect');
  return {
    socket,
    write: (text) => socket.write(text, 'latin1'),
    hears: (pattern) => until(() => pattern.test(heard)),
  };
}
