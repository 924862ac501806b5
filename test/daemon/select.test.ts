/** Names of services in a request. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newEnvironment } from '../../src/core/environment.ts';
import type { Service } from '../../src/core/model.ts';
import { checkServices } from '../../src/daemon/select.ts';

const names = ['db', 'api', 'web'];
const services = names.map((name) => ({ name, needs: [] }) as unknown as Service);
const environment = { state: newEnvironment(services, 0) };

test('none means all, in the order of the file; each counts once', () => {
  assert.deepEqual(checkServices(environment, []), names);
  assert.deepEqual(checkServices(environment, ['web', 'db', 'web']), ['web', 'db']);
});

test('one that does not exist is named, with the nearest or with all', () => {
  assert.throws(() => checkServices(environment, ['db', 'appi']), {
    code: 'SERVICE_UNKNOWN',
    hint: 'did you mean `api`?',
  });
  assert.throws(() => checkServices(environment, ['../../x']), {
    code: 'SERVICE_UNKNOWN',
    hint: 'the services are: db, api, web',
  });
  assert.throws(() => checkServices(environment, ['constructor']), { code: 'SERVICE_UNKNOWN' });
});
