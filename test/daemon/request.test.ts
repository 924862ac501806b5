/** What the fields of a request must be. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ROUTES, type RouteName } from '../../src/core/api.ts';
import { checkRequest, KINDS } from '../../src/daemon/request.ts';

function check(name: RouteName, body: Readonly<Record<string, unknown>>): () => void {
  const route = ROUTES.find((one) => one.name === name);
  assert.ok(route);
  return () => checkRequest(route, body);
}

test('every field of every route has a kind, and every kind a field', () => {
  const fields = new Set(ROUTES.flatMap((route) => Object.keys(route.request)));
  assert.deepEqual([...fields].sort(), Object.keys(KINDS).sort());
});

test('what is missing or of another kind is named, with what it must be', () => {
  const cases: readonly (readonly [RouteName, Readonly<Record<string, unknown>>, RegExp])[] = [
    ['ps', {}, /`directory` is missing, it must be an absolute path/],
    ['ps', { directory: 'shop' }, /`directory` is "shop"/],
    ['ps', { directory: '/a\0b' }, /`directory`/],
    ['ps', { directory: '/a', environment: 5 }, /`environment` is 5, it must be a string/],
    ['stop', { directory: '/a', services: 'api' }, /`services` is "api", it must be a list of strings/],
    ['stop', { directory: '/a', services: [1] }, /`services`/],
    ['start', { directory: '/a', services: [], variables: { A: 1 } }, /`variables`/],
    ['logs', { directory: '/a', services: [], follow: true, tail: 1.5 }, /`tail`/],
    ['shutdown', {}, /`all` is missing, it must be true or false/],
    ['reset', { directory: '/a', variables: {} }, /`service` is missing/],
  ];
  for (const [name, body, words] of cases)
    assert.throws(check(name, body), (error: Error & { code?: string }) => {
      assert.match(error.message, words);
      return error.code === 'REQUEST_INVALID';
    });
});

test('optional fields may be missing, unknown ones may come', () => {
  check('ps', { directory: '/a', newer: true })();
  check('env', { directory: '/a', service: null, variables: { PATH: '/bin' } })();
  check('ls', { anything: 1 })();
});

test('a value that is shown is cut', () => {
  assert.throws(
    check('ps', { directory: ['x'.repeat(10_000)] }),
    (error: Error) => error.message.length < 300,
  );
});
