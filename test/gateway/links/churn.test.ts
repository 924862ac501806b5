/** A short, seeded run of the fuzz: faults change at random while bytes flow, and each byte arrives once and in order. */

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { type ChurnOptions, churn, type Promised } from './churn.ts';

/** `npm run fuzz` asks for more. */
const OPERATIONS = Number(process.env.FUZZ_OPERATIONS ?? 1500);
/** This one has a fault that ends a direction taken away while another still holds the end. */
const SEED = Number(process.env.FUZZ_SEED ?? 14);
/** MB. What one run of this size needs at most, far below what keeping any payload would. */
const MOST_GROWTH = 60;

/** Of the operations: what loses nothing is where most can go wrong. */
const SHARES: readonly (readonly [Promised, number, string])[] = [
  ['whole', 0.5, 'no byte is lost, repeated or out of order'],
  ['broken', 0.4, 'what arrives is what was sent first'],
  ['changed', 0.1, 'as many bytes arrive as were sent'],
];
/** Of the operations, while connections move between processes. */
const MOVING = 0.2;

for (const [promised, share, words] of SHARES) {
  const operations = Math.ceil(OPERATIONS * share);
  test(`${operations} changes of faults during traffic, seed ${SEED}: ${words}; nothing hangs, nothing is left`, async (t) => {
    await measured(t, { operations, seed: SEED, promised, carriers: false });
  });
}

for (const [promised, , words] of SHARES.slice(0, 2)) {
  const operations = Math.ceil(OPERATIONS * MOVING);
  test(`${operations} changes, seed ${SEED}, while connections move to other processes and back: ${words}`, async (t) => {
    const moves = await measured(t, { operations, seed: SEED, promised, carriers: true });
    t.diagnostic(`${moves} times`);
    assert.ok(moves > 0);
  });
}

/** Also that nothing is kept. */
async function measured(t: TestContext, options: ChurnOptions): Promise<number> {
  await churn({ ...options, operations: Math.ceil(options.operations / 10), seed: SEED + 1 });
  const before = memory();
  const { bytes, connections, moves } = await churn(options);
  const grown = memory() - before;
  t.diagnostic(
    `${bytes} bytes over ${connections} connections; heap and buffers grew by ${grown.toFixed(1)} MB`,
  );
  assert.ok(connections >= 8 && bytes > 0);
  assert.ok(grown < MOST_GROWTH, `grew by ${grown} MB`);
  return moves;
}

/** MB of objects and buffers that are in use. */
function memory(): number {
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 1e6;
}
