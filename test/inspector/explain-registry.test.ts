/** What addresses and ports are by the registries: tables with their sources. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseIp } from '../../src/core/ip.ts';
import { isBlockedByBrowsers } from '../../src/inspector/explain/browser-ports.ts';
import { portFacts } from '../../src/inspector/explain/port-facts.ts';
import registry from '../../src/inspector/explain/service-names.json' with { type: 'json' };
import { registeredNames } from '../../src/inspector/explain/service-names.ts';
import { purposeOf } from '../../src/inspector/explain/special-purpose.ts';
import type { PortRanges } from '../../src/platform/facts.ts';

function kindOf(address: string): string {
  const { kind, source } = purposeOf(parseIp(address) ?? assert.fail(address));
  return source === null ? kind : `${kind} ${source}`;
}

describe('explain: addresses by the registries', () => {
  // IANA IPv4 and IPv6 Special-Purpose Address Registries, last updated 2025-10-09: first and last address of every row, and the
  // neighbours of the blocks that people meet most.
  it('of IPv4', () => {
    for (const [kind, ...addresses] of [
      ['unspecified RFC 1122', '0.0.0.0'],
      ['this-network RFC 791', '0.0.0.1', '0.255.255.255'],
      ['private-use RFC 1918', '10.0.0.0', '10.255.255.255', '172.16.0.0', '172.31.255.255'],
      ['private-use RFC 1918', '192.168.0.0', '192.168.255.255'],
      ['shared RFC 6598', '100.64.0.0', '100.127.255.255'],
      ['loopback RFC 1122', '127.0.0.0', '127.0.0.1', '127.64.3.2', '127.255.255.255'],
      ['link-local RFC 3927', '169.254.0.0', '169.254.169.254', '169.254.255.255'],
      ['protocol RFC 6890', '192.0.0.11', '192.0.0.255'],
      ['service-continuity RFC 7335', '192.0.0.0', '192.0.0.7'],
      ['dummy RFC 7600', '192.0.0.8'],
      ['anycast RFC 7723', '192.0.0.9'],
      ['anycast RFC 8155', '192.0.0.10'],
      ['translation RFC 8880', '192.0.0.170', '192.0.0.171'],
      ['documentation RFC 5737', '192.0.2.0', '192.0.2.255', '198.51.100.7', '203.0.113.255'],
      ['as112 RFC 7535', '192.31.196.0', '192.31.196.255'],
      ['amt RFC 7450', '192.52.193.0', '192.52.193.255'],
      ['deprecated RFC 7526', '192.88.99.0', '192.88.99.1', '192.88.99.255'],
      ['anycast RFC 6751', '192.88.99.2'],
      ['as112 RFC 7534', '192.175.48.0', '192.175.48.255'],
      ['benchmarking RFC 2544', '198.18.0.0', '198.19.255.255'],
      ['multicast RFC 5771', '224.0.0.1', '225.0.0.0', '238.255.255.255'],
      ['multicast RFC 6762', '224.0.0.251'],
      ['multicast RFC 2365', '239.0.0.0', '239.255.255.255'],
      ['reserved RFC 1112', '240.0.0.0', '255.255.255.254'],
      ['broadcast RFC 919', '255.255.255.255'],
      ['global', '1.1.1.1', '9.255.255.255', '11.0.0.0', '100.63.255.255', '100.128.0.0', '126.255.255.255'],
      ['global', '128.0.0.0', '169.253.255.255', '172.15.255.255', '172.32.0.0', '192.0.1.0', '192.0.3.0'],
      ['global', '192.167.255.255', '192.169.0.0', '198.17.255.255', '198.20.0.0', '223.255.255.255'],
    ])
      for (const address of addresses) assert.equal(kindOf(address), kind, address);
  });

  it('of IPv6', () => {
    for (const [kind, ...addresses] of [
      ['loopback RFC 4291', '::1'],
      ['unspecified RFC 4291', '::'],
      ['deprecated RFC 4291', '::2', '::127.0.0.1'],
      ['ipv4-mapped RFC 4291', '::ffff:0.0.0.0', '::ffff:255.255.255.255'],
      ['translation RFC 6052', '64:ff9b::', '64:ff9b::ffff:ffff'],
      ['translation RFC 8215', '64:ff9b:1::', '64:ff9b:1:ffff:ffff:ffff:ffff:ffff'],
      ['discard RFC 6666', '100::', '100::ffff:ffff:ffff:ffff'],
      ['dummy RFC 9780', '100:0:0:1::1'],
      ['protocol RFC 2928', '2001:1::', '2001:1ff:ffff::'],
      ['tunnel RFC 4380', '2001::', '2001:0:ffff::'],
      ['anycast RFC 7723', '2001:1::1'],
      ['anycast RFC 8155', '2001:1::2'],
      ['anycast RFC 9665', '2001:1::3'],
      ['benchmarking RFC 5180', '2001:2::', '2001:2:0:ffff::'],
      ['amt RFC 7450', '2001:3::', '2001:3:ffff::'],
      ['as112 RFC 7535', '2001:4:112::1'],
      ['deprecated RFC 4843', '2001:10::', '2001:1f:ffff::'],
      ['identifier RFC 7343', '2001:20::', '2001:2f:ffff::'],
      ['identifier RFC 9374', '2001:30::', '2001:3f:ffff::'],
      ['documentation RFC 3849', '2001:db8::', '2001:db8:ffff::'],
      ['tunnel RFC 3056', '2002::', '2002:7f00:1::'],
      ['as112 RFC 7534', '2620:4f:8000::1'],
      ['documentation RFC 9637', '3fff::', '3fff:fff:ffff::'],
      ['segment-routing RFC 9602', '5f00::', '5f00:ffff::'],
      ['unique-local RFC 4193', 'fc00::', 'fd12:3456::1', 'fdff:ffff::'],
      ['link-local RFC 4291', 'fe80::', 'fe80::5054:ff:fe1d:adb6', 'febf::'],
      ['deprecated RFC 3879', 'fec0::', 'feff::'],
      ['multicast RFC 4291', 'ff00::', 'ff02::1', 'ffff::'],
      ['global', '2000::', '2001:200::', '2606:4700::1111', '3ffe:ffff::', '3fff:1000::'],
      ['unassigned RFC 4291', '200::', '1000::', '4000::', '5eff::', 'fb00::', 'fe00::', '64:ff9c::'],
    ])
      for (const address of addresses) assert.equal(kindOf(address), kind, address);
  });
});

describe('explain: registered names', () => {
  it('of ports that everybody knows, of the newest, and of those with several names', async () => {
    for (const [port, tcp, udp] of [
      [22, 'ssh', 'ssh'],
      [53, 'domain', 'domain'],
      [80, 'http', 'http'],
      [443, 'https', 'https'],
      [512, 'exec', 'biff'],
      [631, 'ipp', 'ipp'],
      [1433, 'ms-sql-s', 'ms-sql-s'],
      [3000, 'hbci', 'hbci'],
      [3306, 'mysql', 'mysql'],
      [3478, 'stun', 'stun'],
      [5432, 'postgresql', 'postgresql'],
      [5672, 'amqp', 'amqp'],
      [6379, 'redis', null],
      [8080, 'http-alt', 'http-alt'],
      [11_434, 'ollama', null],
      [27_017, 'mongodb', null],
      [48_556, 'com-bardac-dw', 'com-bardac-dw'],
      [4, null, null],
      [9229, null, null],
      [49_152, null, null],
      [65_535, null, null],
    ] as const) {
      const { registered, registryDate } = await registeredNames(port);
      assert.deepEqual([registered.tcp?.name ?? null, registered.udp?.name ?? null], [tcp, udp], `${port}`);
      assert.match(registryDate, /^20\d\d-\d\d-\d\d$/);
    }
    assert.equal((await registeredNames(5432)).registered.tcp?.text, 'PostgreSQL Database');
  });

  it('the data is whole: each row reads, by port, none twice', () => {
    const seen = new Set<string>();
    let last = 0;
    for (const row of registry.rows) {
      const [, port = '', transports = '', name = ''] = /^(\d+) (t|u|tu|ut) (\S+)( \S.*)?$/.exec(row) ?? [];
      assert.ok(Number(port) >= Math.max(1, last) && Number(port) < 49_152 && name !== '', row);
      last = Number(port);
      for (const transport of transports) {
        assert.ok(!seen.has(`${port}${transport}`), row);
        seen.add(`${port}${transport}`);
      }
    }
    assert.ok(registry.rows.length > 6000, `${registry.rows.length} rows`);
  });
});

const RANGES: PortRanges = {
  ephemeral: [32_768, 60_999],
  reserved: [[40_000, 40_010]],
  unprivilegedFrom: 1024,
};

describe('explain: ports', () => {
  const none = { registered: { tcp: null, udp: null }, registryDate: '2026-01-01' };

  it('the ranges of RFC 6335', () => {
    for (const [port, range] of [
      [1, 'system'],
      [1023, 'system'],
      [1024, 'user'],
      [49_151, 'user'],
      [49_152, 'dynamic'],
      [65_535, 'dynamic'],
    ] as const)
      assert.equal(portFacts(port, none, RANGES).range, range);
  });

  it('what this machine does with them', () => {
    const facts = (port: number, change: Partial<PortRanges> = {}): readonly boolean[] => {
      const { ephemeral, reserved, privileged } = portFacts(port, none, { ...RANGES, ...change });
      return [ephemeral, reserved, privileged];
    };
    assert.deepEqual(facts(32_767), [false, false, false]);
    assert.deepEqual(facts(32_768), [true, false, false]);
    assert.deepEqual(facts(60_999), [true, false, false]);
    assert.deepEqual(facts(61_000), [false, false, false]);
    assert.deepEqual(facts(40_005), [false, true, false]);
    assert.deepEqual(facts(1023), [false, false, true]);
    assert.deepEqual(facts(1024), [false, false, false]);
    assert.deepEqual(facts(80, { unprivilegedFrom: 80 }), [false, false, false]);
    assert.deepEqual(facts(79, { unprivilegedFrom: 80 }), [false, false, true]);
    assert.deepEqual(facts(40_000, { ephemeral: null }), [false, true, false]);
  });

  it('custom is told beside the registry', () => {
    for (const [port, custom] of [
      [3000, /development servers/],
      [5173, /^Vite$/],
      [9229, /inspector of Node\.js/],
      [5432, /^$/],
      [62_893, /^$/],
    ] as const)
      assert.match(portFacts(port, none, RANGES).customary ?? '', custom);
  });

  it('browsers refuse the bad ports of the Fetch standard, and no other', () => {
    for (const port of [1, 22, 25, 2049, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6669, 6679, 6697, 10_080])
      assert.ok(isBlockedByBrowsers(port), `${port}`);
    for (const port of [80, 443, 3000, 5173, 5432, 6001, 6664, 6670, 8080, 8443, 10_081])
      assert.ok(!isBlockedByBrowsers(port), `${port}`);
    const all = Array.from({ length: 65_536 }, (_, port) => port).filter(isBlockedByBrowsers);
    assert.equal(all.length, 82);
  });
});
