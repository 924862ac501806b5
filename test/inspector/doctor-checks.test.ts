/** What the doctor's checks say: of a machine where nothing is wrong, of what cannot be asked, of Node and shell. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { CHECKS } from '../../src/inspector/doctor/all.ts';
import { examine } from '../../src/inspector/doctor/examine.ts';
import { root } from '../support/paths.ts';
import { type Changes, expect, facts } from './doctor-rig.ts';

test('on a machine where nothing is wrong every check is good', async () => {
  const { checks } = await examine(facts());
  assert.deepEqual(
    checks.filter(({ verdict }) => verdict !== 'ok'),
    [],
  );
  assert.equal(new Set(checks.map(({ id }) => id)).size, CHECKS.length);
  for (const { id, text, fix } of checks) {
    assert.equal(fix, null, id);
    assert.doesNotMatch(text, /\.$|undefined|null|\[object/, id);
  }
});

test('a check that throws or never answers is unknown, and the others are not touched', async () => {
  const { checks } = await examine(
    facts({
      health: {
        hostsFile: () => new Promise(() => undefined),
        tryShell: async () => {
          throw new Error('out of memory');
        },
        program: () => {
          throw new Error('no such thing');
        },
      },
    }),
    CHECKS.filter(({ id }) => ['hosts', 'shell', 'node', 'names'].includes(id)),
    50,
  );
  const byId = new Map(checks.map((check) => [check.id, check]));
  assert.deepEqual(
    ['hosts', 'shell', 'node', 'names'].map((id) => [byId.get(id)?.verdict, byId.get(id)?.text]),
    [
      ['unknown', 'could not look: no answer within 0.05 s'],
      ['unknown', 'could not look: out of memory'],
      ['unknown', 'could not look: no such thing'],
      ['ok', 'names below localhost lead to this machine, in Node and curl'],
    ],
  );
});

function node(version: string): Changes {
  const program = facts().health.program();
  return { health: { program: () => ({ ...program, node: version }) } };
}

test('Node.js', async () => {
  await expect('node', node('v20.18.3'), 'fail', /v20\.18\.3 is too old: 20\.19/, /nodejs\.org/);
  await expect('node', node('v18.20.0'), 'fail', /too old/, /nodejs\.org/);
  await expect('node', node('v20.19.0'), 'ok', /v20\.19\.0/, null);
  await expect('node', node('v26.0.0'), 'ok', /v26/, null);
});

test('sh and setsid', async () => {
  const health = { tryShell: async () => ({ works: false, code: 'ENOENT' }) as const };
  await expect('shell', { health }, 'fail', /ENOENT; services cannot run/, 'sudo apt install util-linux');
});

test('proxies are a problem only where NO_PROXY leaves localhost to them', async () => {
  const own = (variables: Record<string, string>): Changes => ({ own: { variables: () => variables } });
  const good = 'localhost,.localhost,127.0.0.0/8,::1';
  await expect('proxy', own({ http_proxy: '' }), 'ok', /none/, null);
  await expect(
    'proxy',
    own({ http_proxy: 'http://p:1' }),
    'warn',
    /http_proxy set, but.*localhost.*127/,
    /NO_PROXY/,
  );
  await expect('proxy', own({ HTTPS_PROXY: 'x', NO_PROXY: good }), 'ok', /leaves localhost out/, null);
  await expect('proxy', own({ HTTPS_PROXY: 'x', no_proxy: '*' }), 'ok', /leaves localhost out/, null);
  await expect(
    'proxy',
    own({ ALL_PROXY: 'x', NO_PROXY: good, no_proxy: 'corp' }),
    'warn',
    /localhost/,
    /no_proxy/,
  );
  await expect(
    'proxy',
    own({ ALL_PROXY: 'x', NO_PROXY: 'localhost, 127.0.0.1, ::1' }),
    'warn',
    /does not name 127\.0\.0\.0\/8:/,
    /127\.0\.0\.0\/8/,
  );
});

test('the guide names every check, in the order of the page, and nothing else', () => {
  const guide = readFileSync(join(root, 'docs', 'guide', 'doctor.md'), 'utf8');
  const rows = [...guide.matchAll(/^\| (.+?) \| .+ \|$/gm)].map(([, title = '']) =>
    title.replaceAll('\\', ''),
  );
  assert.deepEqual(
    rows.filter((title) => title !== 'check'),
    CHECKS.map(({ title }) => title),
  );
});
