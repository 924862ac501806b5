/** Many services, many lines, many environments. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Lab } from '../support/lab.ts';

/** A tiny TCP server in sh's reach costs a process each; one perl-free way is a node that serves many: but each must be its own run. */
const SLEEPER = 'sleep 1000';

test('300 services get 300 addresses over two blocks, are up and go down', {
  timeout: 300_000,
}, async (t) => {
  const lab = Lab.create(t);
  const names = Array.from({ length: 300 }, (_, index) => `s${index}`);
  const services = names.map(
    (name, index) => `  ${name}: { run: ${SLEEPER}${index % 10 === 0 ? '' : `, needs: [s${index - 1}]`} }`,
  );
  lab.write('loopyard.yaml', `name: many\nservices:\n${services.join('\n')}\n`);
  const from = performance.now();
  await lab.must(['up', '--detach']);
  t.diagnostic(`up after ${(performance.now() - from).toFixed(0)} ms`);
  const status = await lab.ps();
  assert.equal(status.services.filter((service) => service.state === 'running').length, 300);
  const list = await lab.json<{ environments: { blocks: string[] }[] }>(['ls']);
  assert.equal(list.environments[0]?.blocks.length, 2);
  const down = performance.now();
  await lab.must(['down']);
  t.diagnostic(`down after ${(performance.now() - down).toFixed(0)} ms`);
});

test('one million lines arrive, each once', { timeout: 300_000 }, async (t) => {
  const lab = Lab.create(t);
  lab.write('loopyard.yaml', 'name: loud\nservices:\n  loud: { run: seq 1 1000000, task: true }\n');
  await lab.must(['up', '--detach']);
  const text = await lab.must(['logs', 'loud', '--tail', 'all', '--plain']);
  const numbers = text
    .trim()
    .split('\n')
    .map((line) => Number(/(\d+)$/.exec(line)?.[1]));
  assert.equal(numbers.length, 1_000_000);
  assert.ok(numbers.every((number, index) => number === index + 1));
});

test('one line of 50 MB neither stops the log nor fills the memory', { timeout: 300_000 }, async (t) => {
  const lab = Lab.create(t);
  lab.write(
    'loopyard.yaml',
    'name: loud\nservices:\n  loud: { run: "head -c 50000000 /dev/zero | tr \'\\\\0\' x; echo; echo after", task: true }\n',
  );
  await lab.must(['up', '--detach']);
  const tail = await lab.must(['logs', 'loud', '--tail', '1', '--plain']);
  assert.match(tail, /after\s*$/);
});
