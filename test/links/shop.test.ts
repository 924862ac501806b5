/** The shop over links: what slows its database slows its page, by as much, and is over with the fault. */

import assert from 'node:assert/strict';
import { cpSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { root } from '../support/paths.ts';
import { until } from '../support/until.ts';
import { get, LinkLab } from './rig.ts';

/** Far above what the page takes on a busy machine. */
const DELAY_MS = 2000;

test('a fault on api:db is in the response time of the page, and gone after rm', async (t) => {
  const lab = new LinkLab(t, '');
  cpSync(join(root, 'examples/shop'), lab.lab.directory, { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(lab.lab.directory, 'node_modules'));
  await lab.up();
  assert.deepEqual(
    (await lab.list()).links.map(({ name, listening }) => [name, listening]),
    [
      ['migrate:db', true],
      ['api:db', true],
      ['web:api', true],
      ['worker:db', true],
    ],
  );
  const web = await lab.url('web');
  await lab.must(['fault', 'add', 'api:db', `latency=${DELAY_MS}ms`]);
  assert.ok((await answeredIn(web)) >= DELAY_MS - 10);
  await lab.must(['fault', 'rm', 'api:db', 'latency']);
  await until(async () => (await answeredIn(web)) < DELAY_MS);
  const { accepted, bytesOut } = await lab.link('api:db');
  assert.ok(accepted > 0 && bytesOut > 0);
});

/** As the page itself says of the API, ms. */
async function answeredIn(url: string): Promise<number> {
  const page = await get(url);
  const [, ms] = /answered in <b>([\d.]+) ms/.exec(page) ?? [];
  assert.ok(ms !== undefined, page);
  return Number(ms);
}
