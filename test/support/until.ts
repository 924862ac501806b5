/** Waits for something in the world that has no event, such as a process of somebody else being gone. */

import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';

/** Looks every few ms until `test` holds; fails after `withinMs`. */
export async function until(test: () => boolean | Promise<boolean>, withinMs = 20_000): Promise<void> {
  const deadline = performance.now() + withinMs;
  for (let pause = 2; !(await test()); pause = Math.min(50, pause * 1.5)) {
    assert.ok(performance.now() < deadline, `not within ${withinMs} ms: ${test}`);
    await delay(pause);
  }
}
