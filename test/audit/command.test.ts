/** `lo audit` and `lo attack` as commands, in this process and against real servers: words, filters, formats, the baseline, the question. */

import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { AuditReport } from '../../src/core/audit.ts';
import { Rig, type RigOptions } from '../cli/rig.ts';
import { http, talker } from './support/servers.ts';

/** The day on which the rig lives: 2026-01-02. */
const entry = (target: string, expires: string): string =>
  `# ours\naccepted:\n  - check: STO-01\n    target: ${target} # the fixture\n    reason: test data\n    expires: ${expires}\n`;

interface Room {
  readonly directory: string;
  readonly port: number;
  lo(args: readonly string[], options?: Partial<RigOptions>): Promise<Finished>;
}

interface Finished {
  readonly code: number;
  readonly out: string;
  readonly error: string;
}

/** A directory without a project, and a server that has STO-01. */
async function room(t: TestContext): Promise<Room> {
  const directory = mkdtempSync(join(tmpdir(), 'audit-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const { port } = await talker(t, (said) => {
    const [, word] = /ECHO\r\n(\$\d+\r\n.*\r\n)/.exec(said.toString('latin1')) ?? [];
    return word === undefined ? '-ERR unknown command\r\n' : `+PONG\r\n${word}`;
  });
  const lo = async (args: readonly string[], options: Partial<RigOptions> = {}): Promise<Finished> => {
    const rig = new Rig(args, { connect: async () => null, directory, ...options });
    const code = await rig.ended;
    return { code, out: rig.stdout.text, error: rig.stderr.text };
  };
  return { directory, port, lo };
}

test('exit codes follow --fail-on and --severity', async (t) => {
  const { port, lo } = await room(t);
  const base = ['audit', String(port), '--check', 'STO-01'];
  for (const [more, code] of [
    [[], 1],
    [['--fail-on', 'low'], 1],
    [['--fail-on', 'medium'], 0],
    [['--fail-on', 'never'], 0],
    [['--severity', 'medium'], 0],
  ] as const) {
    const { code: got, out, error } = await lo([...base, ...more]);
    assert.equal(got, code, `${more.join(' ')}: ${out}${error}`);
  }
});

test('wrong words: what is meant is said', async (t) => {
  const { port, lo } = await room(t);
  for (const [words, pattern] of [
    [['--check', 'STO-1'], /no check or group `STO-1`.*\n.*did you mean `STO-01`/],
    [['--check', 'stoo'], /did you mean `STO`/],
    [['--check', 'STO-01', '--skip', 'STO'], /no check is left/],
    [['--check', 'WEB-01'], /lo attack --check WEB-01/],
    [['--fail-on', 'hgih'], /did you mean `--fail-on high`/],
    [['--severity', 'bad'], /write one of info, low/],
    [['--format', 'sarf'], /did you mean `--format sarif`/],
    [['--json', '--format', 'junit'], /two formats/],
    [['--until', '2027-01-31'], /belongs to --accept/],
    [['--accept', 'x', '--until', '2027-02-29'], /no day/],
    [['--accept', 'x', '--until', '2025-12-31'], /is over/],
    [['--baseline', 'nothing.yaml'], /nothing\.yaml.*does not exist/],
  ] as const) {
    const { code, error, out } = await lo(['audit', String(port), ...words]);
    assert.equal(code, 2, words.join(' '));
    assert.match(error + out, pattern, words.join(' '));
  }
  assert.equal(
    (await lo(['audit', 'api'])).code,
    2,
    'a service of no environment, and a name that leads nowhere',
  );
  const free = await lo(['audit', '1']);
  assert.deepEqual([free.code, /nothing listens there/.test(free.error)], [3, true]);
  const left = await lo(['audit', String(port), '--port', '1']);
  assert.deepEqual([left.code, /no listener is left by --port 1/.test(left.error)], [3, true]);
});

test('the baseline: accepted until its day, and told when it is over', async (t) => {
  const { directory, port, lo } = await room(t);
  const file = join(directory, 'loopyard.audit.yaml');
  const audit = ['audit', String(port), '--check', 'STO-01'];
  const report = JSON.parse((await lo([...audit, '--json'])).out) as AuditReport;
  const name = report.findings[0]?.target.name ?? '';
  writeFileSync(file, entry(name, '2026-01-02'));
  const last = await lo(audit);
  assert.deepEqual([last.code, /nothing found, 1 accepted/.test(last.out)], [0, true], last.out);
  const all = await lo([...audit, '--all']);
  assert.match(all.out, /accepted until 2026-01-02: test data/);
  writeFileSync(file, entry(name, '2026-01-01'));
  const over = await lo(audit);
  assert.equal(over.code, 1);
  assert.match(
    over.out,
    /loopyard\.audit\.yaml:3: STO-01 of .* was accepted until 2026-01-01 \(test data\), and counts again/,
  );
  const other = await lo([...audit, '--baseline', 'loopyard.audit.yaml', '--json']);
  assert.equal((JSON.parse(other.out) as AuditReport).notes.length, 1);
});

test('--accept writes what is found, keeps comments, and adds nothing twice', async (t) => {
  const { directory, port, lo } = await room(t);
  const file = join(directory, 'loopyard.audit.yaml');
  const audit = ['audit', String(port), '--check', 'STO-01'];
  const first = await lo([...audit, '--accept', 'only: test "data"']);
  assert.equal(first.code, 0);
  assert.match(first.error, /1 finding is accepted until 2026-04-02, in loopyard\.audit\.yaml/);
  assert.equal((await lo(audit)).code, 0);
  writeFileSync(file, `${readFileSync(file, 'utf8')}# the end\n`);
  const again = await lo([...audit, '--accept', 'again']);
  assert.match(again.error, /nothing to accept/);
  const text = readFileSync(file, 'utf8');
  assert.match(text, /# the end\n$/);
  assert.equal(text.match(/check: STO-01/g)?.length, 1);
  assert.match(text, /^# Findings of `lo audit`/);
});

test('a broken baseline hides nothing: every mistake is shown with its place', async (t) => {
  const { directory, port, lo } = await room(t);
  writeFileSync(
    join(directory, 'loopyard.audit.yaml'),
    'accepted:\n  - check: STO-01\n    target: x\n    expires: 2026-02-30\n    reson: y\n  - 3\nother: 1\n',
  );
  const { code, error } = await lo(['audit', String(port)]);
  assert.equal(code, 2);
  for (const pattern of [
    /loopyard\.audit\.yaml:4:14 error: .*expected a day/,
    /:5:5 error: unknown key `reson`.*\n.*\n.*\n.*did you mean `reason`/,
    /:6:5 error: an accepted finding is a map/,
    /:7:1 error: `other` is unknown here/,
    /AUDIT_BASELINE_INVALID/,
  ])
    assert.match(error, pattern);
});

test('lo attack shows what it will send, and asks', async (t) => {
  const { lo, directory } = await room(t);
  const asked: string[] = [];
  const { port } = await http(t, ({ url, headers }, response) => {
    asked.push(headers.host ?? '');
    response.statusCode = url === '/' ? 200 : 404;
    response.end(url === '/' ? '<h1>Hello</h1>' : 'not here');
  });
  const attack = ['attack', String(port), '--check', 'WEB-01'];
  const nobody = await lo(attack);
  assert.equal(nobody.code, 2);
  assert.match(nobody.error, /NEEDS_CONFIRMATION/);
  assert.match(nobody.out, /WEB-01 +\d+ +Answers under foreign host names/);
  const no = await lo(attack, { terminal: 100, input: 'n\n' });
  assert.equal(no.code, 1);
  assert.match(no.error, /Attack 1 server\? \[y\/N\]/);
  assert.deepEqual(asked, [], 'nothing is sent before the answer');
  const yes = await lo(attack, { terminal: 100, input: 'y\n' });
  assert.equal(yes.code, 1);
  assert.match(yes.out, /medium/);
  assert.ok(asked.some((host) => host === 'rebind-check.example'));
  assert.equal(existsSync(join(directory, 'loopyard.audit.yaml')), false);
});

test('lo audit never sends what is intrusive', async (t) => {
  const { lo } = await room(t);
  const hosts = new Set<string>();
  const { port } = await http(t, ({ headers }, response) => {
    hosts.add(headers.host ?? '');
    response.end('<h1>Hello</h1>');
  });
  await lo(['audit', String(port)]);
  assert.deepEqual([...hosts], [`localhost:${port}`]);
  const list = JSON.parse((await lo(['audit', '--list', '--json'])).out) as {
    checks: readonly { intrusive: boolean }[];
  };
  assert.ok(list.checks.length > 0 && list.checks.every(({ intrusive }) => !intrusive));
});

test('on a terminal it shows what is looked at now, and leaves only results', async (t) => {
  const { port, lo } = await room(t);
  const { out } = await lo(['audit', String(port), '--check', 'STO-01'], { terminal: 100 });
  assert.match(out, /0 of 1 looked at, now /);
  const plain = await lo(['audit', String(port), '--check', 'STO-01']);
  assert.doesNotMatch(plain.out, /looked at/);
  assert.equal(plain.error, '');
});
