/** What `lo explain` is asked about: every spelling that people type or paste, and what is none. */

import assert from 'node:assert/strict';
import { isIP } from 'node:net';
import { describe, it } from 'node:test';
import { LoopyardError } from '../../src/core/errors.ts';
import { formatIp } from '../../src/core/ip.ts';
import { type Host, parseSubject, type Subject } from '../../src/inspector/explain/subject.ts';

/** `127.0.0.1:80`, `::1`, `localhost :80`; what was read, in a form that is easy to compare. */
function read(text: string): string {
  const { host, port } = parseSubject(text);
  return `${hostText(host)}${port === null ? '' : ` :${port}`}`.trim();
}

function hostText(host: Host | null): string {
  if (host === null) return '';
  if (host.kind === 'name') return host.name;
  return host.addresses.map(formatIp).join(' ') + (host.zone === null ? '' : `%${host.zone}`);
}

function refusal(text: string): LoopyardError {
  try {
    const subject = parseSubject(text);
    assert.fail(`${JSON.stringify(text)} was read as ${JSON.stringify(subject, replaceBigInt)}`);
  } catch (error) {
    if (!(error instanceof LoopyardError)) throw error;
    assert.equal(error.code, 'SUBJECT_INVALID');
    assert.equal(error.exit, 2);
    return error;
  }
}

function replaceBigInt(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}

describe('explain: what is asked about', () => {
  it('addresses and ports, alone and together', () => {
    for (const [text, expected] of [
      ['127.0.0.1', '127.0.0.1'],
      ['127.0.0.1:62893', '127.0.0.1 :62893'],
      ['  127.0.0.1:1 ', '127.0.0.1 :1'],
      ['0.0.0.0:65535', '0.0.0.0 :65535'],
      ['3000', ':3000'],
      [':3000', ':3000'],
      ['::', '::'],
      ['::1', '::1'],
      ['[::1]', '::1'],
      ['[::1]:5432', '::1 :5432'],
      ['[::]:3000', ':: :3000'],
      ['::ffff:127.0.0.1', '::ffff:127.0.0.1'],
      ['::FFFF:7F00:1', '::ffff:127.0.0.1'],
      ['[::ffff:7f00:1]:80', '::ffff:127.0.0.1 :80'],
      ['fe80::1%eth0', 'fe80::1%eth0'],
      ['[fe80::1%wlp3s0]:22', 'fe80::1%wlp3s0 :22'],
      ['2001:db8:0:0:0:0:0:1', '2001:db8::1'],
      // As ss, lsof and netstat print them.
      ['*:3000', '0.0.0.0 :: :3000'],
      ['*', '0.0.0.0 ::'],
      [':::3000', ':: :3000'],
    ])
      assert.equal(read(text ?? ''), expected, text);
  });

  it('names', () => {
    for (const [text, expected] of [
      ['localhost', 'localhost'],
      ['LOCALHOST.:80', 'localhost :80'],
      ['web.shop.localhost', 'web.shop.localhost'],
      ['web.shop.localhost:8443', 'web.shop.localhost :8443'],
      ['my_box', 'my_box'],
      ['a-b.example.org', 'a-b.example.org'],
      ['xn--mnchen-3ya.example', 'xn--mnchen-3ya.example'],
      ['münchen.example:80', 'xn--mnchen-3ya.example :80'],
      ['3com.example', '3com.example'],
      ['0xcafe.example', '0xcafe.example'],
      ['1.2.3.4.example', '1.2.3.4.example'],
      ['constructor', 'constructor'],
    ])
      assert.equal(read(text ?? ''), expected, text);
  });

  it('URLs, with the port of their scheme, without what they hold in secret', () => {
    for (const [text, expected, shown] of [
      ['http://localhost:3000/x', 'localhost :3000', 'http://localhost:3000/x'],
      ['http://localhost', 'localhost :80', 'http://localhost'],
      ['HTTPS://[::1]/', '::1 :443', 'HTTPS://[::1]/'],
      ['http://localhost:/a', 'localhost :80', 'http://localhost:/a'],
      [
        'postgres://app:s3cret@127.0.0.1:5433/app?password=x',
        '127.0.0.1 :5433',
        'postgres://***@127.0.0.1:5433/app',
      ],
      ['redis://:s3cret@localhost', 'localhost :6379', 'redis://***@localhost'],
      ['tcp://0.0.0.0:2375', '0.0.0.0 :2375', 'tcp://0.0.0.0:2375'],
      ['foo://localhost', 'localhost', 'foo://localhost'],
      ['constructor://localhost', 'localhost', 'constructor://localhost'],
      ['http://127.1#top', '127.0.0.1 :80', 'http://127.1'],
      ['http://[fe80::1%25eth0]:80/', 'fe80::1%eth0 :80', 'http://[fe80::1%25eth0]:80/'],
      ['localhost:3000/login?token=x', 'localhost :3000', 'localhost:3000/login'],
      ['ann:s3cret@127.0.0.1:22', '127.0.0.1 :22', '***@127.0.0.1:22'],
      ['http://a@b@localhost', 'localhost :80', 'http://***@localhost'],
    ] as const) {
      assert.equal(read(text), expected, text);
      assert.equal(parseSubject(text).text, shown);
    }
  });

  it('other spellings of IPv4 are read as the C library reads them, and said', () => {
    for (const [text, address] of [
      ['127.1', '127.0.0.1'],
      ['127.0.1', '127.0.0.1'],
      ['127.65535', '127.0.255.255'],
      ['0x7f.1', '127.0.0.1'],
      ['0X7F.0.0.0x1', '127.0.0.1'],
      ['0x7f000001', '127.0.0.1'],
      ['2130706433', '127.0.0.1'],
      ['017700000001', '127.0.0.1'],
      ['0177.0.0.1', '127.0.0.1'],
      ['010.0.0.1', '8.0.0.1'],
      ['0.0', '0.0.0.0'],
      ['4294967295', '255.255.255.255'],
      ['127.0.0.1.', '127.0.0.1'],
      ['１２７.０.０.１', '127.0.0.1'],
      ['①②⑦.⓪.⓪.①', '127.0.0.1'],
    ] as const) {
      assert.equal(read(text), address, text);
      const [note = ''] = parseSubject(text).notes;
      assert.ok(note.startsWith(`\`${text}\` is another spelling of ${address}`) || text.endsWith('.'), note);
      assert.equal(note.includes('octal'), /(^|\.)0\d/.test(text), note);
    }
    assert.equal(read('127.1:80'), '127.0.0.1 :80');
    assert.deepEqual(parseSubject('127.0.0.1:80').notes, []);
  });

  it('an address that looks like another address with a port is told of', () => {
    assert.equal(read('::1:5432'), '::1:5432');
    assert.deepEqual(parseSubject('::1:5432').notes, [
      'this reads as one address; port 5432 of ::1 is written `[::1]:5432`',
    ]);
    assert.deepEqual(parseSubject('2001:db8::1').notes, []);
  });

  it('what is none is refused with the next step', () => {
    for (const [text, reason, fix] of [
      ['', /empty/, /lo explain/],
      ['   ', /empty/, /lo explain/],
      ['127.0.0.1:', /no port stands behind/, /1 to 65535/],
      ['localhost:http', /`http` is not a port/, /1 to 65535/],
      ['127.0.0.1:0', /port 0 is none/, /lo explain 0\.0\.0\.0/],
      ['0', /port 0 is none/, /lo explain 0\.0\.0\.0/],
      [':0', /port 0 is none/, /./],
      ['70000', /ports end at 65535/, /1 to 65535/],
      [':70000', /ports end at 65535/, /./],
      ['127.0.0.1:65536', /ports end at 65535/, /./],
      ['127.0.0.1:99999999999999999999', /ports end at 65535/, /./],
      ['127.0.0.1:080', /`080` is not a port/, /./],
      ['127.0.0.1:+80', /`\+80` is not a port/, /./],
      ['99999999999', /ports end at/, /./],
      ['256.1.1.1', /`256\.1\.1\.1` is not an IPv4 address/, /0 to 255/],
      ['1.2.3.4.5', /not an IPv4 address/, /./],
      ['08.0.0.1', /not an IPv4 address/, /./],
      ['0x.1', /not an IPv4 address/, /./],
      ['1..2', /not an IPv4 address/, /./],
      ['127.0.0.0/8', /a network/, /lo explain 127\.0\.0\.0/],
      ['::1/128', /a network/, /lo explain ::1/],
      ['[::1', /brackets/, /./],
      ['[::1]3000', /brackets/, /./],
      ['[127.0.0.1]:80', /`127\.0\.0\.1` is not an IPv6 address/, /`127\.0\.0\.1:80`/],
      ['[localhost]:80', /not an IPv6 address/, /`localhost:80`/],
      ['::ffff:127.0.0.1:80', /not an IPv6 address/, /`\[::ffff:127\.0\.0\.1\]:80`/],
      ['1:2:3:4:5:6:7:8:9', /not an IPv6 address/, /`\[1:2:3:4:5:6:7:8\]:9`/],
      ['fe80::1%', /name of an interface/, /./],
      ['127.0.0.1%lo', /neither an address nor a name/, /./],
      ['a b', /white space/, /./],
      ['a\tb', /white space/, /./],
      ['a\u0000b', /white space/, /./],
      ['-x.example', /neither/, /./],
      ['a..b', /neither/, /./],
      ['.', /neither/, /./],
      ['/etc/passwd', /neither/, /./],
      ['http:///x', /no host/, /./],
      ['http://:80/', /no host/, /./],
      ['file:///etc/hosts', /no host/, /./],
      [`${'a'.repeat(64)}.example`, /neither/, /./],
      [`${'a.'.repeat(127)}aa`, /neither/, /./],
      ['a'.repeat(1025), /too long/, /./],
    ] as const) {
      const error = refusal(text);
      assert.match(error.message, reason, JSON.stringify(text));
      assert.match(error.hint, fix, JSON.stringify(text));
      assert.ok(error.message.length < 300);
    }
  });

  it('a refused URL does not show its password', () => {
    for (const text of ['postgres://app:s3cret@[::1/x', 'http://app:s3cret@/', 'app:s3cret@local host']) {
      const error = refusal(text);
      assert.ok(!JSON.stringify(error.toDocument()).includes('s3cret'), error.message);
    }
  });
});

/** Numbers from a seed, the same in each run. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const PIECES = [
  ...['0', '1', '7', '08', '010', '127', '255', '256', '0x7f', '0x', '2130706433', '65535', '65536', '3000'],
  ...[
    ':',
    ':',
    '::',
    '.',
    '.',
    '[',
    ']',
    '/',
    '//',
    '@',
    '%',
    '#',
    '?',
    '\\',
    '-',
    '_',
    '*',
    ' ',
    '\u0000',
    '\u001b',
  ],
  ...[
    'localhost',
    'a',
    'ffff',
    'fe80',
    'http://',
    'postgres://',
    'eth0',
    'ü',
    '①',
    '。',
    '\u202e',
    '\ud800',
    '😀',
  ],
];

describe('explain: whatever is asked', () => {
  it('gives a place that is one, or the error of the table', () => {
    const below = numbers(3_000);
    let places = 0;
    for (let round = 0; round < 40_000; round += 1) {
      const text = Array.from({ length: 1 + below(8) }, () => PIECES[below(PIECES.length)]).join('');
      const subject = subjectOrNull(text);
      if (subject === null) continue;
      places += 1;
      assertPlace(subject, text);
    }
    assert.ok(places > 2000, `${places} of them were places`);
  });

  it('reads hosts as URLs do', () => {
    const below = numbers(8_080);
    const parts = [
      '0',
      '1',
      '7',
      '09',
      '010',
      '127',
      '255',
      '256',
      '0x7f',
      '0xfff',
      '4294967295',
      '4294967296',
      'a',
      'a1',
    ];
    let addresses = 0;
    for (let round = 0; round < 20_000; round += 1) {
      const host = Array.from({ length: 1 + below(5) }, () => parts[below(parts.length)]).join('.');
      const hostname = hostnameOf(`http://${host}/`);
      // With a port, so that a number alone is no port.
      const subject = subjectOrNull(`${host}:80`);
      const mine = subject === null ? null : hostText(subject.host);
      assert.equal(mine, hostname, host);
      addresses += mine !== null && isIP(mine) === 4 ? 1 : 0;
    }
    assert.ok(addresses > 1000, `${addresses} of them were addresses`);
  });
});

function subjectOrNull(text: string): Subject | null {
  try {
    return parseSubject(text);
  } catch (error) {
    const isRefusal = error instanceof LoopyardError && error.code === 'SUBJECT_INVALID';
    assert.ok(isRefusal, `${JSON.stringify(text)}: ${error}`);
    return null;
  }
}

function assertPlace({ host, port }: Subject, text: string): void {
  assert.ok(host !== null || port !== null, text);
  assert.ok(port === null || (Number.isInteger(port) && port >= 1 && port <= 65_535), text);
  if (host?.kind === 'name') assert.match(host.name, /^[a-z0-9_.-]{1,253}$/, text);
  if (host?.kind === 'addresses')
    for (const ip of host.addresses) assert.equal(isIP(formatIp(ip)), ip.family, text);
}

function hostnameOf(url: string): string | null {
  return URL.canParse(url) ? new URL(url).hostname : null;
}
