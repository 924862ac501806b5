/** Systems without an implementation say so, and never answer as if nothing were there. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unsupportedPlatform } from '../../src/platform/unsupported.ts';

test('what is not there says what and where', async () => {
  const platform = unsupportedPlatform('darwin');
  const verbs = {
    processes: () => platform.processes(0),
    process: () => platform.process(1),
    details: () => platform.details(1),
    marked: () => platform.marked('NAME', new Set()),
    listeners: () => platform.listeners(),
    owners: () => platform.owners(new Set([1])),
    claim: () => platform.claim('name'),
  };
  for (const [name, verb] of Object.entries(verbs))
    assert.throws(verb, { code: 'PLATFORM_UNSUPPORTED', message: /is not available on darwin/ }, name);
  assert.deepEqual(await platform.tryBind('127.0.0.1', 0), { bindable: true });
  assert.equal(await platform.punchHole('/dev/null', 0, 1), false);
});
