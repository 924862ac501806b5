/** Which addresses are given: stable, without clashes, over more than one block. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  addressOf,
  assignSlots,
  BLOCK_COUNT,
  blockCandidates,
  blockOf,
  blockPrefix,
  blocksNeeded,
  FIRST_LEASED_PORT,
  LAST_LEASED_PORT,
  NO_LEASE,
  portCandidates,
} from '../../src/core/leases.ts';

test('every block is tried once, in an order that differs by identity', () => {
  const one = [...blockCandidates('1000\n/home/a\nshop')];
  assert.equal(new Set(one).size, BLOCK_COUNT);
  assert.notDeepEqual(one.slice(0, 3), [...blockCandidates('1001\n/home/a\nshop')].slice(0, 3));
});

test('blocks and addresses are inverse to each other and stay inside 127.64.0.0/10', () => {
  for (let block = 0; block < BLOCK_COUNT; block += 1)
    assert.equal(blockOf(`${blockPrefix(block)}.7`), block);
  assert.equal(blockOf('127.63.0.1'), null);
  assert.equal(blockOf('127.128.0.1'), null);
  assert.equal(blockOf('10.64.0.1'), null);
});

test('addresses stay when services are added, removed and put in another order', () => {
  const base = { ...NO_LEASE, blocks: [5] };
  const first = assignSlots(base, ['db', 'api', 'web']);
  const later = assignSlots(first, ['web', 'cache', 'db']);
  for (const key of ['db', 'web']) assert.equal(addressOf(later, key), addressOf(first, key));
  const back = assignSlots(later, ['api', 'web', 'cache', 'db']);
  assert.equal(addressOf(back, 'api'), addressOf(first, 'api'));
  assert.equal(new Set(['api', 'web', 'cache', 'db'].map((key) => addressOf(back, key))).size, 4);
});

test('300 services need two blocks and get 300 addresses', () => {
  const keys = Array.from({ length: 300 }, (_, index) => `s${index}`);
  assert.equal(blocksNeeded(keys.length), 2);
  const lease = assignSlots({ ...NO_LEASE, blocks: [9, 77] }, keys);
  const addresses = new Set(keys.map((key) => addressOf(lease, key)));
  assert.equal(addresses.size, 300);
  assert.ok(!addresses.has(undefined));
  assert.throws(() => assignSlots({ ...NO_LEASE, blocks: [9] }, keys), RangeError);
});

test('slots of services that are gone serve again once no fresh one is left', () => {
  const many = Array.from({ length: 254 }, (_, index) => `old${index}`);
  const full = assignSlots({ ...NO_LEASE, blocks: [1] }, many);
  const next = assignSlots(full, ['old3', 'fresh']);
  assert.equal(addressOf(next, 'old3'), addressOf(full, 'old3'));
  assert.ok(addressOf(next, 'fresh'));
});

test('leased ports lie below every ephemeral range', () => {
  const ports = [...portCandidates('x')];
  assert.equal(new Set(ports).size, LAST_LEASED_PORT - FIRST_LEASED_PORT + 1);
  assert.ok(Math.min(...ports) >= 20_000 && Math.max(...ports) < 32_768);
});

test('a service may have a name that every object answers to', () => {
  const lease = assignSlots({ ...NO_LEASE, blocks: [5] }, ['db', 'constructor']);
  assert.equal(addressOf(lease, 'constructor'), `${blockPrefix(5)}.2`);
  assert.equal(addressOf(NO_LEASE, 'constructor'), undefined);
});
