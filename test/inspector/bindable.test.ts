/** The truth table of binds: what is computed from the socket tables, beside what the kernel says to real servers. */

import assert from 'node:assert/strict';
import { describe, it, test } from 'node:test';
import { type Ask, canBind } from '../../src/inspector/why/bindable.ts';
import { ASKS, takesIpv4 } from '../../src/inspector/why/trials.ts';
import type { Row } from '../fixtures/programs/bind-table.ts';
import { bundledProgram } from '../support/bundled-program.ts';
import { OwnMachine } from './own-machine.ts';

/** Holder -> who is refused, `X`, in the order of `ORDER`. As measured on Linux. */
const TABLE: Readonly<Record<string, string>> = {
  '0.0.0.0': 'XXXX..X',
  '127.0.0.1': 'XX.X..X',
  '127.0.0.2': 'X.XX...',
  '::': 'XXXXXXX',
  ':: only': '...XXX.',
  '::1': '...XXX.',
  '::ffff:127.0.0.1': 'XX.X..X',
};

const ORDER = Object.keys(TABLE);

test('all 49 pairs of holder and newcomer, and every two holders side by side', async (t) => {
  const machine = await OwnMachine.create(t);
  if (machine === null) return;
  const program = await bundledProgram('bind-table', machine.directory);
  const rows = JSON.parse(machine.run(process.execPath, program)) as readonly Row[];
  const single = rows.filter(({ holders }) => holders.length === 1);
  const seen = single.map(({ holders, trials }) => [keyOf(holders[0] ?? assert.fail()), patternOf(trials)]);
  assert.deepEqual(Object.fromEntries(seen), TABLE);
  assert.equal(single.flatMap(({ trials }) => trials).length, 49);
  // Without the two that share `::`, since their addresses do not tell them apart.
  assert.equal(rows.length - single.length, 10);
  for (const { holders, trials } of rows) {
    const words = holders.map(keyOf).join(' and ');
    for (const { predicted, answer, ...asked } of trials) {
      const both = `${words} held, ${keyOf(asked)} asked: ${JSON.stringify({ predicted, answer })}`;
      if (predicted !== null) assert.equal(predicted, answer.bindable, both);
      // Nothing but a lone `::` may leave it open, and only where IPv4 is asked for.
      else assert.ok(words.includes('::') && !/^(::1|:: only)$/.test(keyOf(asked)), both);
    }
    if (words === '::') assert.equal(takesIpv4(trials), true);
    if (words === ':: only') assert.equal(takesIpv4(trials), false);
  }
});

describe('canBind: without trying', () => {
  const ask = (address: string, ipv6Only = false): Ask => ({ address, ipv6Only });
  const rows: readonly (readonly [string, Ask, readonly string[], boolean | null])[] = [
    ['nobody holds it', ask('::'), [], true],
    ['IPv4 asked beside ::', ask('127.0.0.1'), ['::'], null],
    ['all of IPv4 asked beside ::', ask('0.0.0.0'), ['::'], null],
    ['a second holder decides what :: leaves open', ask('127.0.0.1'), ['::', '127.0.0.1'], false],
    ['the order does not matter', ask('127.0.0.1'), ['127.0.0.1', '::'], false],
    ['IPv6 asked beside ::', ask('::1'), ['::'], false],
    ['an address of a network', ask('192.168.1.5'), ['127.0.0.1'], true],
    ['the wildcard beside an address of a network', ask('0.0.0.0'), ['192.168.1.5'], false],
    ['a mapped wildcard is the wildcard of IPv4', ask('::ffff:0.0.0.0'), ['127.0.0.2'], false],
    ['two link-local addresses', ask('fe80::1'), ['fe80::2'], true],
  ];
  for (const [name, asked, addresses, expected] of rows) {
    it(name, () => {
      const listeners = addresses.map((address) => ({ address }));
      assert.equal(canBind(asked, listeners), expected);
    });
  }
});

function keyOf({ address, ipv6Only }: Ask): string {
  return ipv6Only ? `${address} only` : address;
}

function patternOf(trials: Row['trials']): string {
  return ORDER.map((key) => {
    const trial = trials.find((one) => keyOf(one) === key);
    assert.ok(trial !== undefined && ASKS.length === trials.length);
    if (trial.answer.bindable) return '.';
    assert.equal(trial.answer.code, 'EADDRINUSE');
    return 'X';
  }).join('');
}
