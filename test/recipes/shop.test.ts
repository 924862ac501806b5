import assert from 'node:assert/strict';
import { cpSync, symlinkSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { test } from 'node:test';
import { Lab } from '../support/lab.ts';
import { root } from '../support/paths.ts';
import { until } from '../support/until.ts';

interface Order {
  readonly id: number;
  readonly status: string;
}

test('the shop sells, ships, and goes on after its database was killed', async (t) => {
  const lab = Lab.create(t);
  cpSync(join(root, 'examples/shop'), lab.directory, { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(lab.directory, 'node_modules'));
  await lab.must(['up', '--detach']);
  assert.equal((await lab.service('migrate')).state, 'completed');
  const web = (await lab.service('web')).endpoints[0]?.url ?? '';
  let api = (await lab.service('api')).endpoints[0]?.url ?? '';
  const orders = async (): Promise<readonly Order[]> =>
    JSON.parse((await ask('GET', `${api}/orders`)).body) as readonly Order[];

  const page = await ask('GET', `${web}/`);
  assert.match(
    page.body,
    /<h1>Loopback shop<\/h1>[\s\S]*Loopback cable[\s\S]*120 left[\s\S]*answered in <b>\d/,
  );
  const answer = await ask('POST', `${web}/orders`, 'product=1&quantity=2');
  assert.equal(answer.status, 303);
  assert.match(
    (await ask('GET', `${web}${answer.location}`)).body,
    /Order 1: 2 × Loopback cable[\s\S]*118 left/,
  );
  await until(async () => (await orders())[0]?.status === 'shipped');
  assert.equal((await ask('POST', `${api}/orders`, '{"product":3,"quantity":13}')).status, 409);
  assert.equal((await ask('GET', `${web}/?problem=%3Cscript%3E`)).body.includes('<script>'), false);

  const before = await lab.service('db');
  process.kill(before.pid ?? 0, 'SIGKILL');
  await until(async () => {
    const db = await lab.service('db');
    return db.state === 'ready' && db.restarts === before.restarts + 1;
  });
  await until(async () => (await ask('GET', `${api}/healthz`)).status === 200);
  assert.equal((await ask('POST', `${api}/orders`, '{"product":1,"quantity":1}')).status, 201);
  await until(async () => (await orders())[0]?.status === 'shipped');
  assert.match((await ask('GET', `${web}/`)).body, /117 left/);

  await lab.must(['down']);
  await lab.must(['up', '--detach']);
  assert.match(await lab.must(['logs', 'migrate']), /nothing to do, all 3 migrations are applied/);
  // Its port may have been held by a stranger at one start and free at the other.
  api = (await lab.service('api')).endpoints[0]?.url ?? '';
  assert.equal((await orders()).length, 2);
});

interface Reply {
  readonly status: number;
  readonly body: string;
  readonly location: string;
}

function ask(method: string, url: string, body = ''): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          body: text,
          location: response.headers.location ?? '',
        }),
      );
    });
    sent.on('error', reject).end(body);
  });
}
