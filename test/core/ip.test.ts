/** Reading and writing addresses, held against Node's own (inet_pton and inet_ntop of libuv). */

import assert from 'node:assert/strict';
import { isIP, SocketAddress } from 'node:net';
import { describe, it } from 'node:test';
import { contains, formatBlock, formatIp, mappedIpv4, parseBlock, parseIp } from '../../src/core/ip.ts';

function rewritten(text: string): string | null {
  const ip = parseIp(text);
  return ip === null ? null : formatIp(ip);
}

/** Numbers from a seed, the same in each run. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

describe('addresses as numbers', () => {
  it('every plain form is read and written in its shortest', () => {
    for (const [text, short] of [
      ['127.0.0.1', '127.0.0.1'],
      ['0.0.0.0', '0.0.0.0'],
      ['255.255.255.255', '255.255.255.255'],
      ['::', '::'],
      ['::1', '::1'],
      ['0:0:0:0:0:0:0:1', '::1'],
      ['::ffff:127.0.0.1', '::ffff:127.0.0.1'],
      ['::FFFF:7f00:1', '::ffff:127.0.0.1'],
      ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
      ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
      ['fe80::5054:ff:fe1d:adb6', 'fe80::5054:ff:fe1d:adb6'],
      ['1::', '1::'],
      ['64:ff9b::10.0.0.1', '64:ff9b::a00:1'],
    ])
      assert.equal(rewritten(text ?? ''), short);
  });

  it('what is no address is none', () => {
    for (const text of [
      '',
      '1',
      '127.1',
      '127.0.0.01',
      '127.0.0.256',
      '127.0.0.1.',
      ' 127.0.0.1',
      ':::',
      '1::2::3',
      ':1',
      '1:',
      '1:2:3:4:5:6:7',
      '1:2:3:4:5:6:7:8:9',
      '1:2:3:4:5:6:7::8:9',
      '::12345',
      '::1.2.3.4:1',
      '::1%lo',
      '[::1]',
      '::g',
      '0x7f.1',
    ])
      assert.equal(parseIp(text), null, text);
  });

  it('reads the same texts as Node, and writes them as it does', () => {
    const below = numbers(20_261_123);
    const pieces = [
      '0',
      '1',
      'ffff',
      'db8',
      '::',
      ':',
      ':',
      '.',
      '127',
      '10.0.0.1',
      'a',
      '00',
      '256',
      '12345',
    ];
    let addresses = 0;
    for (let round = 0; round < 20_000; round += 1) {
      const text = Array.from({ length: 1 + below(12) }, () => pieces[below(pieces.length)]).join('');
      const ip = parseIp(text);
      assert.equal(ip?.family ?? 0, isIP(text), text);
      addresses += ip === null ? 0 : 1;
    }
    assert.ok(addresses > 100, `${addresses} of them were addresses`);
    for (let round = 0; round < 5_000; round += 1) {
      const groups = Array.from({ length: 8 }, () => (below(2) === 0 ? 0 : below(65_536)));
      // Deprecated forms apart, which Node writes with dots.
      if (groups.slice(0, 6).every((group) => group === 0)) continue;
      const text = groups.map((group) => group.toString(16)).join(':');
      assert.equal(rewritten(text), new SocketAddress({ address: text, family: 'ipv6' }).address);
    }
  });

  it('blocks hold what begins as they do', () => {
    for (const [block, inside, outside] of [
      ['127.64.0.0/10', '127.127.255.255', '127.128.0.0'],
      ['10.1.2.3/8', '10.255.0.1', '11.0.0.0'],
      ['0.0.0.0/0', '255.0.0.1', '::'],
      ['255.255.255.255/32', '255.255.255.255', '255.255.255.254'],
      ['fe80::/10', 'febf::1', 'fec0::1'],
      ['2001:db8::/32', '2001:db8:ffff::', '2001:db9::'],
    ]) {
      const parsed = parseBlock(block ?? '');
      const [one, other] = [parseIp(inside ?? ''), parseIp(outside ?? '')];
      assert.ok(parsed !== null && one !== null && other !== null);
      assert.deepEqual([contains(parsed, one), contains(parsed, other)], [true, false], block);
    }
    assert.equal(formatBlock(parseBlock('192.168.1.77/24') ?? assert.fail()), '192.168.1.0/24');
    for (const text of ['10.0.0.0', '10.0.0.0/33', '::/129', '/8', '10.0.0.0/', '10.0.0.0/8/8'])
      assert.equal(parseBlock(text), null, text);
  });

  it('the IPv4 address inside a mapped one is found, and only there', () => {
    const inner = (text: string): string | null => {
      const mapped = mappedIpv4(parseIp(text) ?? assert.fail());
      return mapped === null ? null : formatIp(mapped);
    };
    assert.equal(inner('::ffff:127.0.0.1'), '127.0.0.1');
    assert.equal(inner('::ffff:7f00:1'), '127.0.0.1');
    assert.equal(inner('::127.0.0.1'), null);
    assert.equal(inner('64:ff9b::127.0.0.1'), null);
    assert.equal(inner('127.0.0.1'), null);
  });
});
