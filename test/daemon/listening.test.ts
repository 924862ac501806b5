/** What is said about programs that listen wider or elsewhere than told. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Service } from '../../src/core/model.ts';
import { dialable, listeningWarnings, outlivesRun, seenIgnoringPort } from '../../src/daemon/listening.ts';
import { atUsualPorts, type Placement } from '../../src/daemon/placement.ts';
import type { Listening } from '../../src/supervisor/supervisor.ts';

const SERVICE = { name: 'api', bind: 'lease', endpoints: [{ name: 'http', protocol: 'http', port: 3000 }] };
const api = SERVICE as unknown as Service;
const usual = atUsualPorts(api.endpoints, '127.64.0.1');
const leased: Placement = { ...usual, strategy: 'port', host: '127.0.0.1', ports: { http: 20_000 } };

function warn(found: Listening, placement = usual): readonly (readonly [string, string])[] {
  return listeningWarnings(api, placement, { http: found }).map(({ code, text }) => [code, text] as const);
}

test('as told is nothing to speak of', () => {
  assert.deepEqual(warn({ kind: 'as-told' }), []);
});

test('a wildcard is open to the network, at the told port and at any other', () => {
  for (const found of [
    { kind: 'wide', address: '0.0.0.0', port: 3000 },
    { kind: 'elsewhere', address: '0.0.0.0', port: 8000 },
    { kind: 'elsewhere', address: '::', port: 8000 },
  ] as const) {
    const [code, text] = warn(found)[0] ?? [];
    assert.equal(code, 'LISTENS_WIDE');
    assert.match(text ?? '', /others on this network can reach it/);
    assert.equal(/not on port 3000/.test(text ?? ''), found.port !== 3000);
    assert.ok(text?.includes(`:${found.port}`));
  }
});

test('another address is LISTENS_ELSEWHERE, with what it was told and the fix', () => {
  const found: Listening = { kind: 'elsewhere', address: '::1', port: 3000 };
  assert.match(
    warn(found)[0]?.join(' ') ?? '',
    /^LISTENS_ELSEWHERE api was told 127.64.0.1:3000.*\[::1\]:3000/,
  );
  const asIs = { ...api, bind: 'as-is' } as Service;
  assert.match(listeningWarnings(asIs, usual, { http: found })[0]?.fix ?? '', /remove `bind: as-is`/);
});

test('a program that was given another port and listens at its usual one ignores PORT', () => {
  assert.ok(seenIgnoringPort(api, leased, { http: { kind: 'elsewhere', address: '127.0.0.1', port: 3000 } }));
  assert.ok(!seenIgnoringPort(api, leased, { http: { kind: 'wide', address: '0.0.0.0', port: 20_000 } }));
  assert.ok(!seenIgnoringPort(api, leased, { http: { kind: 'as-told' } }));
  assert.ok(!seenIgnoringPort(api, leased, {}));
});

test('an endpoint may have a name that every object answers to', () => {
  const odd = {
    ...api,
    endpoints: [{ name: 'constructor', protocol: 'tcp', port: 1 }],
  } as unknown as Service;
  assert.ok(!seenIgnoringPort(odd, leased, {}));
});

test('wildcards are dialled at an address that answers', () => {
  assert.equal(dialable('0.0.0.0', '127.64.0.1'), '127.64.0.1');
  assert.equal(dialable('::', '127.64.0.1'), '::1');
  assert.equal(dialable('127.0.0.1', '127.64.0.1'), '127.0.0.1');
});

test('where a program listens is over when it is; why it was moved is not', () => {
  const warning = { text: '', fix: '' };
  assert.ok(!outlivesRun({ ...warning, code: 'LISTENS_WIDE' }));
  assert.ok(!outlivesRun({ ...warning, code: 'LISTENS_ELSEWHERE' }));
  assert.ok(outlivesRun({ ...warning, code: 'PORT_HELD_WIDE' }));
});
