/** The completion scripts at work in the real shells: commands, options, values, services, and a command behind `--`. */

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { ensureProgram } from '../support/debian.ts';
import { dist } from '../support/paths.ts';
import { lo } from './rig.ts';

const run = promisify(execFile);

/** Gives what the shell offers for a line that ends where the cursor stands. */
type Offer = (line: string) => Promise<readonly string[]>;

async function checkOffers(offer: Offer): Promise<void> {
  assert.ok((await offer('lo ')).includes('up'), 'commands');
  assert.ok((await offer('lo ')).includes('help'), 'help');
  assert.deepEqual(await offer('lo res'), ['reset', 'restart']);
  assert.deepEqual(await offer('lo up --det'), ['--detach']);
  assert.deepEqual(await offer('lo --json logs --fol'), ['--follow']);
  assert.deepEqual(await offer('lo restart '), ['api', 'db-main']);
  assert.deepEqual(await offer('lo logs api d'), ['db-main']);
  assert.deepEqual(await offer('lo -f other.yaml stop a'), ['api']);
  assert.deepEqual(await offer('lo completion '), ['bash', 'fish', 'zsh']);
  assert.deepEqual(await offer('lo help do'), ['doctor', 'down']);
  assert.deepEqual(await offer('lo ps -f loop'), ['loopyard.yaml']);
}

/** Links of the config, kinds and settings of faults; `part`: what the shell puts behind that which stands there. */
async function checkLinkOffers(
  offer: Offer,
  part = (word: string, _line: string): string => word,
): Promise<void> {
  const offers = async (line: string, words: readonly string[]): Promise<void> =>
    assert.deepEqual(await offer(line), words.map((word) => part(word, line)).sort(), line);
  assert.deepEqual(await offer('lo fault '), ['add', 'clear', 'ls', 'rm']);
  assert.deepEqual(await offer('lo link r'), ['rm']);
  await offers('lo fault add api:d', ['api:db-main', 'api:db-main/metrics']);
  await offers('lo fault --for 5s add api:db-main/', ['api:db-main/metrics']);
  await offers('lo fault add :d', [':db-main', ':db-main/metrics']);
  assert.deepEqual(await offer('lo fault add api:db-main lat'), ['latency=']);
  assert.ok((await offer('lo fault add api:db-main ')).includes('reset'));
  await offers('lo fault add api:db-main latency=1s ', [
    'jitter=',
    ...['distribution=', 'distribution=normal', 'distribution=pareto', 'distribution=uniform'],
  ]);
  await offers('lo fault add api:db-main latency=1s distribution=n', ['distribution=normal']);
  assert.deepEqual(await offer('lo fault add api:db-main latency=1s --dir'), ['--direction']);
  assert.deepEqual(await offer('lo fault add api:db-main latency=1s --direction '), ['both', 'down', 'up']);
}

test('bash completes', async (t) => {
  const place = await makePlace(t, 'bash');
  const offer: Offer = async (line) => {
    // As readline parts them: at `:` and `=` too, which are words themselves.
    const words = line.split(' ').flatMap((word) => word.match(/[:=]+|[^:=]+/g) ?? ['']);
    if (/[:=]$/.test(line)) words.push('');
    const script = `source "$1"; COMP_LINE=$2; COMP_POINT=\${#2}; shift 2; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _lo; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { stdout } = await run(
      'bash',
      ['--norc', '-c', script, 'bash', place.script, line, ...words],
      place,
    );
    return sorted(stdout);
  };
  await checkOffers(offer);
  const standing = (line: string): string => /[^ ]*[:=]|$/.exec(line.replace(/^.* /, ''))?.[0] ?? '';
  await checkLinkOffers(offer, (word, line) => word.slice(standing(line).length));
  assert.ok((await offer('lo exec api -- mkdi')).includes('mkdir'));
});

test('zsh completes', async (t) => {
  const zsh = await ensureProgram(t, { program: 'zsh', package: 'zsh' });
  if (zsh === null) return;
  const place = await makePlace(t, 'zsh');
  // Inside a pseudo terminal of zsh's own: its completion works in its line editor only.
  const driver = join(place.cwd, 'driver.zsh');
  writeFileSync(driver, ZSH_DRIVER);
  const offer: Offer = async (line) => {
    const { stdout } = await run(zsh, ['-f', driver, place.script, line], place);
    return sorted(stdout);
  };
  await checkOffers(offer);
  await checkLinkOffers(offer);
  assert.ok((await offer('lo exec api -- mkdi')).includes('mkdir'));
});

test('fish completes', async (t) => {
  const fish = await ensureProgram(t, { program: 'fish', package: 'fish' });
  if (fish === null) return;
  const place = await makePlace(t, 'fish');
  const offer: Offer = async (line) => {
    const script = `source ${place.script}; complete -C '${line}'`;
    const { stdout } = await run(fish, ['--no-config', '-c', script], place);
    return sorted(stdout.replace(/\t.*$/gm, ''));
  };
  await checkOffers(offer);
  await checkLinkOffers(offer);
});

test('a daemon that runs tells links without a project, and faults in force; none is started', async (t) => {
  const place = await makePlace(t, 'bash');
  const ask = async (...words: readonly string[]): Promise<readonly string[]> =>
    sorted((await run('lo', ['__complete', 'line', ...words], place)).stdout);
  const links = [':db-main', ':db-main/metrics', 'api:db-main', 'api:db-main/metrics'];
  assert.deepEqual(await ask('fault', 'fault', 'add', ''), links);
  assert.deepEqual(await ask('link', 'link', 'rm', ''), []);
  assert.deepEqual(await ask('fault', 'fault', 'rm', 'api:db-main', ''), []);
  assert.equal(existsSync(join(place.cwd, 'home')), false);

  const on = { ...place, env: { ...place.env, LOOPYARD_HTTPS_PORT: '0', LOOPYARD_HTTP_PORT: '0' } };
  try {
    await run('lo', ['link', 'add', '127.0.0.1:9', '--name', 'pg'], on);
    await run('lo', ['fault', 'add', 'pg', 'latency=1s', '--name', 'slow'], on);
    assert.deepEqual(await ask('fault', 'fault', 'add', ''), [...links, 'pg']);
    assert.deepEqual(await ask('link', 'link', 'rm', ''), ['pg']);
    assert.deepEqual(await ask('fault', 'fault', 'rm', ''), ['pg']);
    assert.deepEqual(await ask('fault', 'fault', 'rm', 'pg', ''), ['slow']);
  } finally {
    await run('lo', ['daemon', 'stop', '--all'], on);
  }
});

test('a broken config, or none, completes to nothing without a word', async (t) => {
  const place = await makePlace(t, 'bash');
  const ask = async (): Promise<string> => (await run('lo', ['__complete', 'services'], place)).stdout;
  assert.equal(await ask(), 'api\ndb-main\n');
  writeFileSync(join(place.cwd, 'loopyard.yaml'), 'services: [unclosed');
  assert.equal(await ask(), '');
  rmSync(join(place.cwd, 'loopyard.yaml'));
  assert.equal(await ask(), '');
});

interface Place {
  readonly cwd: string;
  readonly script: string;
  readonly env: Readonly<Record<string, string>>;
}

/** A project, the shell's script, and `lo` on PATH. */
async function makePlace(t: TestContext, shell: string): Promise<Place> {
  const cwd = realpathSync(mkdtempSync(join(tmpdir(), 'complete-')));
  t.after(() => rmSync(cwd, { recursive: true }));
  writeFileSync(
    join(cwd, 'loopyard.yaml'),
    'name: shop\nservices:\n  api: { run: a, needs: [db-main] }\n  db-main: { run: b, access: declared, port: { tcp: 5432, metrics: 9100 } }\n',
  );
  writeFileSync(join(cwd, 'lo'), `#!/bin/sh\nexec '${process.execPath}' '${join(dist, 'lo.js')}' "$@"\n`);
  chmodSync(join(cwd, 'lo'), 0o755);
  const script = join(cwd, `lo.${shell}`);
  writeFileSync(script, (await lo(['completion', shell])).stdout);
  const { PATH = '' } = process.env;
  const env = {
    PATH: `${cwd}:${PATH}`,
    HOME: cwd,
    LANG: 'C.UTF-8',
    LOOPYARD_HOME: join(cwd, 'home'),
    TERM: 'dumb',
  };
  return { cwd, script, env };
}

function sorted(stdout: string): readonly string[] {
  const words = stdout.split('\n').map((word) => word.trim());
  return [...new Set(words.filter((word) => word !== ''))].sort();
}

/** Types the line and a tab into a zsh of its own, and catches what the completion adds. `$1`: the script, `$2`: the line. */
const ZSH_DRIVER = `
zmodload zsh/zpty
zpty inner zsh -f -i
line() { zpty -w inner "$1" }
line "autoload -Uz compinit; compinit -D -u; source '$1'"
line 'compadd() {
  if (( \${@[(I)-[OAD]*]} )); then builtin compadd "$@"; return; fi
  local -a found
  builtin compadd -O found "$@"
  print -rl -- "\${found[@]/#/FOUND:}" >>$HOME/found
  builtin compadd "$@"
}
finish() { print "DO""NE"; exit }; zle -N finish; bindkey "^X" finish; bindkey "^I" complete-word; print REA""DY'
zpty -r inner text '*READY*'
zpty -wn inner "$2"$'\\t'$'\\x18'
zpty -r inner text '*DONE*'
sed -n 's/^FOUND://p' $HOME/found
rm -f $HOME/found
zpty -d inner
`;
