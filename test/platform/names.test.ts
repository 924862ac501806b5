/** The hosts file and the list of name sources, as text; that the real files are read is shown by `lo explain`. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseHosts, parseSources } from '../../src/platform/linux/names.ts';

test('hosts: lines with names, with the number of their line', () => {
  const text = [
    '# a comment',
    '127.0.0.1\tlocalhost loopback # trailing',
    '',
    '  ::1 localhost ip6-localhost\r',
    '10.0.0.1',
    '#10.0.0.2 off',
    'nonsense words here',
  ].join('\n');
  assert.deepEqual(parseHosts(text), [
    { line: 2, address: '127.0.0.1', names: ['localhost', 'loopback'] },
    { line: 4, address: '::1', names: ['localhost', 'ip6-localhost'] },
    { line: 7, address: 'nonsense', names: ['words', 'here'] },
  ]);
  assert.deepEqual(parseHosts(''), []);
});

test('nsswitch: the sources of host names in order, without actions', () => {
  for (const [text, sources] of [
    ['hosts: files dns\n', ['files', 'dns']],
    [
      'passwd: files\nhosts:\tfiles mdns4_minimal [NOTFOUND=return] dns # why\n',
      ['files', 'mdns4_minimal', 'dns'],
    ],
    ['hosts: resolve [!UNAVAIL=return] files myhostname dns', ['resolve', 'files', 'myhostname', 'dns']],
    // The C library's own default.
    ['#hosts: dns\n', ['files', 'dns']],
    ['', ['files', 'dns']],
  ] as const)
    assert.deepEqual(parseSources(text), sources, text);
});
