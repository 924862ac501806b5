/** Rows of /proc/net/{tcp,tcp6,udp,udp6}. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SocketFacts } from '../../src/platform/facts.ts';
import { parseSocket } from '../../src/platform/linux/socket-row.ts';

interface Fields {
  readonly slot?: string;
  readonly local?: string;
  readonly remote?: string;
  readonly state?: string;
  readonly uid?: string;
  readonly inode?: string;
}

/** As a little-endian machine writes it. */
function row(fields: Fields): string {
  const { slot = '   0:', local = '0100007F:1F90', remote = '00000000:0000', state = '0A' } = fields;
  const { uid = ' 1000', inode = '4711' } = fields;
  return `${slot} ${local} ${remote} ${state} 00000000:00000000 00:00000000 00000000 ${uid}        0 ${inode} 1 0000000000000000 100 0 0 10 0`;
}

function read(text: string, family: 4 | 6 = 4, protocol: 'tcp' | 'udp' = 'tcp'): SocketFacts | null {
  // Not at the beginning of the bytes, and others after it: as in a block of a table.
  const bytes = Buffer.from(`xx${text}\n 7: `, 'latin1');
  return parseSocket(bytes, 2, 2 + text.length, protocol, family);
}

const NOWHERE = '00000000000000000000000000000000:0000';

test('addresses of both families read as people write them', () => {
  const address = (local: string): string | undefined =>
    local.length > 13
      ? read(row({ local, remote: NOWHERE }), 6)?.local.address
      : read(row({ local }))?.local.address;
  assert.equal(address('0100007F:1F90'), '127.0.0.1');
  assert.equal(address('0300407F:1F90'), '127.64.0.3');
  assert.equal(address('00000000:1F90'), '0.0.0.0');
  assert.equal(address('FEFFFFFF:1F90'), '255.255.255.254');
  assert.equal(address('00000000000000000000000000000000:0050'), '::');
  assert.equal(address('00000000000000000000000001000000:0050'), '::1');
  assert.equal(address('0000000000000000FFFF00000100407F:0050'), '::ffff:127.64.0.1');
  assert.equal(address('B80D0120000000000000000001000000:0050'), '2001:db8::1');
  assert.equal(address('000080FE00000000FF005450B6AD1DFE:0050'), 'fe80::5054:ff:fe1d:adb6');
});

test('a row holds both places, state, user and inode', () => {
  assert.deepEqual(
    read(row({ slot: '31234:', remote: '0200007F:D431', state: '01', uid: '70000', inode: '99999999' })),
    {
      protocol: 'tcp',
      family: 4,
      state: 'established',
      local: { address: '127.0.0.1', port: 8080 },
      remote: { address: '127.0.0.2', port: 54321 },
      uid: 70000,
      inode: 99999999,
    },
  );
  assert.equal(read(row({}))?.remote, null, 'a listener has no peer');
});

test('states are named; a UDP socket without a peer is bound', () => {
  const state = (state: string, protocol: 'tcp' | 'udp' = 'tcp') => read(row({ state }), 4, protocol)?.state;
  assert.deepEqual(
    ['01', '02', '03', '06', '07', '08', '0A', '0B', '0C'].map((word) => state(word)),
    [
      'established',
      'syn-sent',
      'syn-received',
      'time-wait',
      'close',
      'close-wait',
      'listen',
      'closing',
      'syn-received',
    ],
  );
  assert.deepEqual([state('07', 'udp'), state('01', 'udp')], ['bound', 'established']);
});

test('what does not read as a socket is none', () => {
  for (const text of [
    '',
    ' ',
    '   0:',
    row({ local: '0100007:1F90' }),
    row({ local: '0100007F1:1F90' }),
    row({ local: '0100007F:1F9' }),
    row({ local: '0100007F:1F901' }),
    row({ local: '0100007f:1F90' }),
    row({ local: 'ZZ00007F:1F90' }),
    row({ local: '0100007F' }),
    row({ remote: '-' }),
    row({ state: '00' }),
    row({ state: '0D' }),
    row({ state: '0A0' }),
    row({ state: 'xx' }),
    row({ uid: 'x' }),
    row({ uid: '-1' }),
    row({ inode: '' }).slice(0, 91),
    row({ inode: '12a' }),
    row({ inode: '1234567890123456' }),
    '\0'.repeat(150),
    'A'.repeat(150),
  ])
    assert.equal(read(text), null, JSON.stringify(text));
  assert.equal(read(row({}), 6), null, 'four bytes in the table of IPv6');
  assert.equal(
    read(row({ local: '00000000000000000000000001000000:0050', remote: NOWHERE })),
    null,
    'sixteen bytes in that of IPv4',
  );
});

test('a row that is cut at any byte is whole or none', () => {
  const whole = row({});
  const inodeEnds = whole.indexOf('4711') + 4;
  for (let length = 0; length < whole.length; length += 1) {
    const found = read(whole.slice(0, length));
    if (length <= inodeEnds) assert.equal(found, null, `${length} bytes`);
    else assert.notEqual(found, null);
  }
});
