/** Where names lead, and above all that nobody else is ever asked. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { findName, isAnsweredHere, type NamePlatform } from '../../src/inspector/explain/names.ts';
import { specialName } from '../../src/inspector/explain/special-names.ts';
import type { HostsEntry, LookUpAnswer } from '../../src/platform/facts.ts';

describe('explain: who would answer for a name', () => {
  it('only what the first source to answer has on this machine is looked up', () => {
    for (const [sources, who, here] of [
      // Debian without more.
      ['files dns', { inHostsFile: true }, true],
      ['files dns', { isOfThisMachine: true }, false],
      ['files dns', {}, false],
      // Ubuntu, Fedora.
      ['files mdns4_minimal dns', { isOfThisMachine: true }, false],
      ['files mdns4_minimal myhostname dns', { isOfThisMachine: true }, true],
      ['files mdns4_minimal myhostname dns', {}, false],
      ['files mdns4_minimal dns', { inHostsFile: true, isMulticast: true }, true],
      ['mdns4_minimal files dns', { inHostsFile: true, isMulticast: true }, false],
      ['mdns4_minimal files dns', { inHostsFile: true }, true],
      ['mdns4 files dns', { inHostsFile: true }, false],
      ['files dns myhostname', { isOfThisMachine: true }, false],
      // As systemd recommends.
      ['mymachines resolve files myhostname dns', { isOfThisMachine: true }, true],
      ['mymachines resolve files myhostname dns', { inHostsFile: true }, true],
      ['mymachines resolve files myhostname dns', {}, false],
      ['dns files', { inHostsFile: true }, false],
      ['sss files', { inHostsFile: true }, false],
      ['', { inHostsFile: true }, false],
      // A system without such a list: its hosts file comes first.
      [null, { inHostsFile: true }, true],
      [null, { isOfThisMachine: true }, false],
    ] as const)
      assert.equal(
        isAnsweredHere({
          sources: sources === null ? null : sources.split(' '),
          inHostsFile: false,
          isOfThisMachine: false,
          isMulticast: false,
          ...who,
        }),
        here,
        `${sources} ${JSON.stringify(who)}`,
      );
  });
});

const HOSTS: readonly HostsEntry[] = [
  { line: 1, address: '127.0.0.1', names: ['localhost'] },
  { line: 2, address: '::1', names: ['localhost', 'ip6-localhost'] },
  { line: 4, address: '10.9.9.9', names: ['Build.Example'] },
  { line: 7, address: 'broken', names: ['broken.example'] },
];

function platform(answer: LookUpAnswer | null, change: Partial<NamePlatform> = {}): NamePlatform {
  return {
    name: 'linux',
    hostsFile: () => ({ path: '/etc/hosts', entries: HOSTS, gap: null }),
    nameSources: () => ['files', 'dns'],
    hostName: () => 'Laptop',
    lookUp: (name) => {
      assert.ok(answer !== null, `${name} was looked up`);
      return Promise.resolve(answer);
    },
    ...change,
  };
}

describe('explain: names', () => {
  it('of the hosts file are resolved, and the lines told', async () => {
    const both = { addresses: ['::1', '127.0.0.1'], code: null };
    const found = await findName('localhost', platform(both));
    assert.deepEqual(found.name, {
      name: 'localhost',
      addresses: ['::1', '127.0.0.1'],
      source: '/etc/hosts, lines 1 and 2',
    });
    const other = await findName('build.example', platform({ addresses: ['10.9.9.9'], code: null }));
    assert.equal(other.name.source, '/etc/hosts, line 4');
  });

  it('of others are not looked up', async () => {
    for (const name of [
      'example.org',
      'build',
      'laptop',
      'broken.example',
      'localhost.example',
      'printer.local',
    ]) {
      const { name: found, asked, notes } = await findName(name, platform(null));
      assert.deepEqual([found.addresses, found.source, asked], [[], 'not looked up', false], name);
      assert.match(notes.join('\n'), new RegExp(`\`getent ahosts ${name}\` asks`));
    }
  });

  it('are told how to be looked up on each system', async () => {
    for (const [name, command] of [
      ['linux', '`getent ahosts example.org` asks'],
      ['darwin', '`dscacheutil -q host -a name example.org` asks'],
      ['win32', '`nslookup example.org` asks'],
      ['other', 'so nobody was asked'],
    ] as const) {
      const { notes } = await findName('example.org', platform(null, { name }));
      assert.ok(notes.at(-1)?.endsWith(command), notes.join());
    }
  });

  it('below localhost are loopback by definition, without a question to a name server', async () => {
    const { name, notes } = await findName('web.shop.localhost', platform(null));
    assert.deepEqual(name.addresses, ['127.0.0.1', '::1']);
    assert.equal(name.source, 'always loopback, RFC 6761');
    assert.match(notes[0] ?? '', /`127\.0\.0\.1 web\.shop\.localhost` in \/etc\/hosts/);
    const asked = await findName(
      'web.shop.localhost',
      platform(
        { addresses: ['127.0.0.1'], code: null },
        { nameSources: () => ['files', 'myhostname', 'dns'] },
      ),
    );
    assert.deepEqual(asked.name.addresses, ['127.0.0.1']);
    assert.equal(asked.name.source, 'the resolver of this machine');
  });

  it('of this machine are resolved where it answers itself', async () => {
    const answer = { addresses: ['192.168.1.5'], code: null };
    const found = await findName('laptop', platform(answer, { nameSources: () => ['myhostname', 'dns'] }));
    assert.deepEqual(found.name.addresses, ['192.168.1.5']);
  });

  it('a localhost that leads away is told of', async () => {
    const { notes } = await findName(
      'localhost',
      platform({ addresses: ['127.0.0.1', '10.0.0.7'], code: null }),
    );
    assert.match(notes.join('\n'), /should be loopback .* yet leads to 10\.0\.0\.7/);
    const { notes: quiet } = await findName(
      'localhost',
      platform({ addresses: ['127.9.9.9', '::1'], code: null }),
    );
    assert.doesNotMatch(quiet.join('\n'), /yet leads/);
  });

  it('a resolver that fails is told of', async () => {
    const { name, notes } = await findName('localhost', platform({ addresses: [], code: 'EAI_AGAIN' }));
    assert.deepEqual(name.addresses, []);
    assert.match(notes.join('\n'), /EAI_AGAIN/);
  });

  it('special ones by their last part', () => {
    for (const [name, source] of [
      ['localhost', 'RFC 6761'],
      ['a.localhost', 'RFC 6761'],
      ['printer.local', 'RFC 6762'],
      ['local', 'RFC 6762'],
      ['shop.test', 'RFC 6761'],
      ['nas.home.arpa', 'RFC 8375'],
      ['x.dev', 'HSTS preload list'],
      ['notlocal', undefined],
      ['example.org', undefined],
      ['local.example.org', undefined],
    ] as const)
      assert.equal(specialName(name)?.source, source, name);
  });
});
