/** What the gateway answers by itself, over real sockets: strangers, redirects, pages in place of a service, loops, what it counts. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { appendFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { prometheusText } from '../../src/core/prometheus.ts';
import { LATENCY_BOUNDS } from '../../src/core/traffic.ts';
import { until } from '../support/until.ts';
import { GatewayRig, program, type Reply, route } from './gateway-rig.ts';

test('a Host that nobody has gets a plain 404 that lists nothing, whatever the handshake asked for', async (t) => {
  const rig = await GatewayRig.create(t);
  await rig.certify('web.localhost');
  const port = await program(t, (_, response) => response.end('web'));
  rig.serve(route('web', port), route('secret', null, { names: [] }));
  assert.equal((await rig.ask('https://web.localhost/')).body, 'web');
  const strange = { headers: { host: 'bank.example' } };
  for (const reply of [
    await rig.ask('http://bank.example/'),
    await rig.ask('http://127.0.0.1/'),
    await rig.ask('http://secret.localhost/'),
    await rig.ask('https://web.localhost/', strange),
  ]) {
    assert.equal(reply.status, 404);
    assert.equal(reply.body, '404 Not Found\n');
    assert.equal(reply.headers.server, undefined);
  }
  await assert.rejects(rig.ask('https://bank.example/'), /ECONNRESET|disconnected|alert/);
  await assert.rejects(
    rig.ask('https://web.localhost/', { servername: '' }),
    /ECONNRESET|disconnected|alert/,
  );
});

test('both families answer, and plain HTTP is sent to HTTPS with its method and path', async (t) => {
  const rig = await GatewayRig.create(t);
  const port = await program(t, (_, response) => response.end('web'));
  // Without a certificate there is nowhere to send anybody.
  rig.serve(route('web', port));
  assert.equal((await rig.ask('http://web.localhost/')).body, 'web');
  await rig.certify('web.localhost');
  rig.serve(route('web', port));
  const { doors } = rig.gateway.status();
  const addresses = ['127.0.0.1', '::1'].filter((address) =>
    doors.some((door) => door.address === address && door.error === null),
  );
  assert.ok(addresses.includes('127.0.0.1'));
  if (addresses.length < 2) t.diagnostic(`no IPv6 here: ${JSON.stringify(doors)}`);
  for (const address of addresses) {
    assert.equal((await rig.ask('https://web.localhost/', { address })).body, 'web', address);
    const sent = await rig.ask('http://web.localhost/a?b=%20', { address, method: 'POST', body: 'x' });
    assert.equal(sent.status, 308);
    assert.equal(sent.headers.location, `https://web.localhost:${rig.gateway.ports.https}/a?b=%20`);
    assert.equal(sent.headers['cache-control'], 'no-store');
  }
});

test('a request is held while its service starts, with its body, and goes on once that is ready', async (t) => {
  const rig = await GatewayRig.create(t);
  const port = await program(t, (request, response) => request.pipe(response));
  rig.serve(route('web', null, { state: 'starting' }));
  const held = rig.ask('http://web.localhost/', { method: 'POST', body: 'kept' });
  await until(() => rig.open() === 1);
  // Another change meanwhile is no reason to let go.
  rig.serve(route('web', null, { state: 'starting' }), route('api', null));
  rig.serve(route('web', port));
  assert.deepEqual(await held.then(({ status, body }) => [status, body]), [200, 'kept']);
});

test('a held request learns that the service failed, that its name is gone, or that it took too long', async (t) => {
  const rig = await GatewayRig.create(t);
  const starting = route('web', null, { state: 'starting', words: 'web is starting' });
  const hold = async (): Promise<{ readonly asked: Promise<Reply> }> => {
    rig.serve(starting);
    const asked = rig.ask('http://web.localhost/');
    await until(() => rig.open() === 1);
    return { asked };
  };
  const failed = await hold();
  rig.serve(route('web', null, { words: 'web ended with code 1' }));
  const page = await failed.asked;
  assert.equal(page.status, 503);
  assert.match(page.body, /web ended with code 1/);
  assert.doesNotMatch(page.body, /http-equiv/, 'it will not come by itself');
  const gone = await hold();
  rig.serve();
  assert.equal((await gone.asked).status, 404);

  const hasty = await GatewayRig.create(t, 1);
  hasty.serve(starting);
  const late = await hasty.ask('http://web.localhost/');
  assert.equal(late.status, 503);
  assert.match(late.body, /http-equiv="refresh"/, 'a browser asks again while it starts');
});

test('the page says the state and the last lines of the log, and nothing in it is run or left as it was written', async (t) => {
  const rig = await GatewayRig.create(t);
  const log = join(rig.directory, 'web.log');
  writeFileSync(log, Array.from({ length: 100 }, (_, n) => `line ${n}\n`).join(''));
  appendFileSync(log, '\x1b[31m<script>alert("x")</script>\x1b[0m & \x07bell\n');
  rig.serve(route('web', null, { log, words: 'web is failed: <b>"it"</b>' }));
  const page = await rig.ask('http://web.localhost/');
  assert.equal(page.status, 503);
  assert.match(
    String(page.headers['content-security-policy']),
    /^default-src 'none'; style-src [^;]*; frame-ancestors 'none'$/,
  );
  assert.equal(page.headers['x-content-type-options'], 'nosniff');
  assert.equal(page.headers['cache-control'], 'no-store');
  assert.equal(page.headers['retry-after'], '2');
  assert.match(page.body, /web is failed: &lt;b&gt;&quot;it&quot;&lt;\/b&gt;/);
  assert.match(page.body, /line 99\n&lt;script&gt;alert\(&quot;x&quot;\)&lt;\/script&gt; &amp; bell/);
  assert.doesNotMatch(page.body, /<script|line 79\b/);
  assert.ok(!/\p{Cc}/u.test(page.body.replaceAll('\n', '')), 'no control characters');
  const head = await rig.ask('http://web.localhost/', { method: 'HEAD' });
  assert.deepEqual([head.status, head.body], [503, '']);
  assert.equal(head.headers['content-length'], String(Buffer.byteLength(page.body)));
});

test('a program that is gone, or speaks something else, is a 502 that says so', async (t) => {
  const rig = await GatewayRig.create(t);
  const odd = createServer((socket) => socket.resume().end('SSH-2.0-x\r\n\r\n'));
  odd.listen(0, '127.0.0.1');
  await once(odd, 'listening');
  t.after(() => odd.close());
  const { port } = odd.address() as AddressInfo;
  rig.serve(route('odd', port));
  const strange = await rig.ask('http://odd.localhost/');
  assert.equal(strange.status, 502);
  assert.match(strange.body, /odd is ready: its reply is not HTTP/);
  odd.close();
  await once(odd, 'close');
  const gone = await rig.ask('http://odd.localhost/');
  assert.equal(gone.status, 502);
  assert.match(gone.body, /ECONNREFUSED/);
  assert.match(String(gone.headers['content-security-policy']), /default-src 'none'/);
});

test('what leads back to the gateway is answered 508, at once or after some rounds', async (t) => {
  const rig = await GatewayRig.create(t);
  await rig.certify('self.localhost', 'safe.localhost', 'round.localhost', 'web.localhost');
  const { https, http } = rig.gateway.ports;
  const around = await relay(t, http ?? 0);
  const port = await program(t, (_, response) => response.end('web'));
  rig.serve(...[route('self', http), route('safe', https), route('round', around.port), route('web', port)]);
  for (const name of ['self', 'safe']) {
    const reply = await rig.ask(`https://${name}.localhost/`);
    assert.deepEqual([reply.status, reply.body], [508, '508 Loop Detected\n'], name);
  }
  const reply = await rig.ask('https://round.localhost/');
  assert.equal(reply.status, 508);
  assert.ok(around.rounds() > 0 && around.rounds() < 10, `${around.rounds()} rounds`);
  assert.equal((await rig.ask('https://web.localhost/')).body, 'web');
  const loops = rig.gateway.status().routes.filter(({ errors }) => errors > 0);
  assert.equal(loops.length, 3);
});

test('every request is counted once, by route, and Prometheus can read it', async (t) => {
  const rig = await GatewayRig.create(t);
  const port = await program(t, (request, response) => {
    response.statusCode = request.url === '/broken' ? 500 : request.url === '/none' ? 404 : 200;
    response.end();
  });
  rig.serve(route('web', port), route('down', null), route('quoted', null, { id: 'a"b\\c\n' }));
  for (const path of ['/', '/none', '/broken']) await rig.ask(`http://web.localhost${path}`);
  for (let round = 0; round < 2; round += 1) await rig.ask('http://down.localhost/');
  await rig.ask('http://other.localhost/');
  await until(() => rig.gateway.status().connections === 0);
  const status = rig.gateway.status();
  const counts = status.routes.map(({ id, requests, errors, open }) => [id, requests, errors, open]);
  assert.deepEqual(counts, [
    ['shop-1/web', 3, 1, 0],
    ['shop-1/down', 2, 2, 0],
    ['a"b\\c\n', 0, 0, 0],
  ]);
  for (const { latency, requests, totalMs } of status.routes) {
    assert.equal(latency.length, LATENCY_BOUNDS.length + 1);
    assert.equal(
      latency.reduce((sum, count) => sum + count, 0),
      requests,
    );
    assert.equal(totalMs > 0, requests > 0);
  }
  const text = prometheusText(status);
  assert.match(text, /^loopyard_requests_total\{route="shop-1\/web"\} 3$/m);
  assert.match(text, /^loopyard_errors_total\{route="shop-1\/down"\} 2$/m);
  assert.match(text, /^loopyard_request_seconds_bucket\{route="shop-1\/web",le="\+Inf"\} 3$/m);
  assert.match(text, /^loopyard_request_seconds_count\{route="shop-1\/web"\} 3$/m);
  assert.match(text, /^loopyard_request_seconds_sum\{route="shop-1\/web"\} 0?\.?\d/m);
  assert.match(text, /^loopyard_connections 0$/m);
  assert.match(text, /^loopyard_event_loop_lag_seconds [\d.e-]+$/m);
  assert.match(text, /route="a\\"b\\\\c\\n"/);
  const buckets = [...text.matchAll(/_bucket\{route="shop-1\/web",le="[^"]*"\} (\d+)/g)].map(([, n]) =>
    Number(n),
  );
  assert.deepEqual(
    buckets,
    [...buckets].sort((one, other) => one - other),
    'they are cumulative',
  );
  // The format's own rule: every line is a comment or NAME{LABELS} VALUE.
  for (const line of text.trimEnd().split('\n'))
    assert.match(
      line,
      /^(?:# (?:HELP|TYPE) \w+ .+|\w+(?:\{\w+="(?:[^"\\]|\\.)*"(?:,\w+="[^"]*")*\})? [\d.e+-]+)$/,
    );
  rig.serve(route('web', port));
  assert.deepEqual(
    rig.gateway.status().routes.map(({ id, requests }) => [id, requests]),
    [['shop-1/web', 3]],
    'what is gone is not told of, what stays goes on',
  );
});

/** Passes bytes on to a port, as a container's forwarding would. Each connection is a round. */
async function relay(t: TestContext, port: number): Promise<{ readonly port: number; rounds(): number }> {
  let rounds = 0;
  const server = createServer((socket) => {
    rounds += 1;
    const onward = connect(port, '127.0.0.1');
    socket.on('error', () => onward.destroy()).on('close', () => onward.destroy());
    onward.on('error', () => socket.destroy()).on('close', () => socket.destroy());
    socket.pipe(onward).pipe(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return { port: (server.address() as AddressInfo).port, rounds: () => rounds };
}
