/**
 * What `lo trust` plans on other Linux systems than the one at hand, with `sudo` and without, in a mount namespace where /etc and
 * /usr/local are layers of their own. Their programs are fakes that note how they were called.
 */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { TrustStep } from '../../src/core/trust.ts';
import { linuxTrust } from '../../src/platform/linux/trust-stores.ts';
import { ensureProgram } from '../support/debian.ts';
import { Lab } from '../support/lab.ts';

const WAYS = {
  Fedora: ['/etc/pki/ca-trust/source/anchors', 'update-ca-trust', 'pem', 'update-ca-trust extract'],
  Arch: ['/etc/ca-certificates/trust-source/anchors', 'trust', 'crt', 'trust extract-compat'],
} as const;

for (const [system, [directory, program, ending, update]] of Object.entries(WAYS)) {
  test(`${system}: the certificate is put where its program looks, and taken away again`, async (t) => {
    const scene = layers(t, directory, program);
    if (scene === null) return;
    const { code, stdout, stderr } = await scene.lab.lo(['trust', '--yes'], scene.options);
    assert.equal(code, 0, stderr);
    const [added = '', there = '', removed = '', left = ''] = stdout.split('=====\n');
    assert.match(
      added,
      new RegExp(`install -m 0644 .*ca\\.pem ${directory}/loopyard-\\w+\\.${ending}\n +${update}`),
    );
    assert.match(added, /system store: added/);
    assert.match(there, new RegExp(`^loopyard-\\w+\\.${ending}\n${update}\n$`));
    assert.match(removed, /system store: removed/);
    assert.equal(left, `${update}\n${update}\n`);
  });
}

test('who is not root is shown sudo, or, where there is none, the commands for somebody who is', async (t) => {
  if ((await ensureProgram(t, { program: 'update-ca-certificates', package: 'ca-certificates' })) === null)
    return;
  const { getuid } = process;
  t.after(() => Object.assign(process, { getuid }));
  process.getuid = () => 1000;
  const bin = mkdtempSync(join(tmpdir(), 'sudo-'));
  t.after(() => rmSync(bin, { recursive: true }));
  const wish = {
    certificate: join(bin, 'ca.pem'),
    label: 'loopyard-test',
    remove: false,
    home: null,
    made: [],
  };
  const plan = async (): Promise<TrustStep | undefined> =>
    (await linuxTrust().plan({ ...wish, variables: { PATH: bin } }))[0];
  if (!['/usr/sbin/sudo', '/sbin/sudo'].some(existsSync)) {
    const without = await plan();
    assert.equal(without?.state, 'impossible');
    assert.match(without?.fix ?? '', /^as root: install -m 0644 .*ca\.pem .* && update-ca-certificates$/);
  }
  writeFileSync(join(bin, 'sudo'), '#!/bin/sh\n');
  chmodSync(join(bin, 'sudo'), 0o755);
  assert.deepEqual(
    (await plan())?.acts.map(([first, second]) => [first, second]),
    [
      ['sudo', 'install'],
      ['sudo', 'update-ca-certificates'],
    ],
  );
});

interface Layers {
  readonly lab: Lab;
  readonly options: { readonly through: readonly string[]; readonly env: Readonly<Record<string, string>> };
}

/** Runs `lo` with its arguments, then with `--remove`, and lists anchors and calls after each. Null: skipped, layers cannot be made. */
function layers(t: TestContext, directory: string, program: string): Layers | null {
  const lab = Lab.create(t);
  const root = mkdtempSync(join(tmpdir(), 'layers-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  const bin = join(root, 'bin');
  mkdirSync(bin);
  mkdirSync(join(root, 'space'));
  writeFileSync(join(bin, program), `#!/bin/sh\necho ${program} "$@" >> ${root}/calls\n`);
  chmodSync(join(bin, program), 0o755);
  const enter = `
    mount -t tmpfs none ${root}/space && mkdir ${root}/space/up ${root}/space/work
    mount -t overlay overlay -o lowerdir=/etc,upperdir=${root}/space/up,workdir=${root}/space/work /etc
    mkdir -p ${directory} && mount -t tmpfs none /usr/local/share`;
  try {
    execFileSync('unshare', ['--mount', 'sh', '-ec', enter], { stdio: 'pipe' });
  } catch {
    t.skip('layers over /etc cannot be made here');
    return null;
  }
  const look = `echo =====; ls ${directory}; cat ${root}/calls`;
  const script = `${enter}\n"$@"; ${look}; echo =====; "$@" --remove; ${look}`;
  const env = { HOME: join(root, 'person'), PATH: `${bin}:${process.env.PATH}` };
  return { lab, options: { through: ['unshare', '--mount', 'sh', '-ec', script, 'sh'], env } };
}
