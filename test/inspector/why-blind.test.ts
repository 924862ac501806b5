/** `lo why` where it could not look, or the resolver does not answer: what is not seen is never said to be nothing. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Printer } from '../../src/cli/printer/printer.ts';
import { printWhy } from '../../src/cli/view/why-report.ts';
import type { WhyReport } from '../../src/core/inspection.ts';
import { why } from '../../src/inspector/why/why.ts';
import type { Platform } from '../../src/platform/platform.ts';
import { Sink } from '../cli/rig.ts';
import { fakePlatform } from '../support/fake-platform.ts';

const TAKEN = { bindable: false, code: 'EADDRINUSE' } as const;
const GAP = { what: '/proc/self/net/tcp', why: 'it cannot be read: EACCES' };

async function ask(verbs: Partial<Platform>): Promise<WhyReport> {
  const platform = fakePlatform({
    sockets: () => ({ sockets: [], gaps: [] }),
    holders: () => ({ byInode: new Map(), closed: new Map() }),
    unlistedSockets: () => new Map(),
    otherNetworkNamespaces: () => ({ namespaces: [], gaps: [] }),
    blindSpots: () => [],
    portRanges: () => ({ ephemeral: [32_768, 60_999], reserved: [], unprivilegedFrom: 1024 }),
    claim: async (name) => ({ name, release: () => undefined }),
    lookUp: async () => ({ addresses: ['127.0.0.1'], code: null }),
    tryListen: async () => ({ bindable: true }),
    ...verbs,
  });
  const tools = { platform, holdings: () => [], now: () => 0, homeDirectory: '/home/me' };
  return await why(tools, { port: 3000 });
}

function shown(report: WhyReport, columns = 100): string {
  const [out, error] = [new Sink(undefined), new Sink(undefined)];
  const look = { colors: false, live: false, unicode: true, width: () => columns, height: () => 24 };
  printWhy(new Printer(out, error, look, look), report);
  return out.text;
}

test('a table that cannot be read leaves open who holds the port', async () => {
  const report = await ask({
    sockets: () => ({ sockets: [], gaps: [GAP] }),
    tryListen: async () => TAKEN,
  });
  assert.deepEqual(report.causes, []);
  assert.deepEqual(report.unseen, [{ ...GAP, fix: null }]);
  const text = shown(report);
  assert.match(text, /^Port 3000 is taken; by whom could not be seen\.\n/);
  assert.match(text, /^not seen: \/proc\/self\/net\/tcp: it cannot be read: EACCES$/m);
  assert.doesNotMatch(text, /nothing listens/);
});

test('a refusal that the tables do not explain is a bound socket, also when its process is not seen', async () => {
  const report = await ask({ tryListen: async () => TAKEN });
  const [cause] = report.causes;
  assert.deepEqual([cause?.code, cause?.pid, cause?.sure], ['BOUND_NOT_LISTENING', null, 'possible']);
  // Whoever is root already sees no more by asking again.
  assert.equal(cause?.fix, process.geteuid?.() === 0 ? null : 'sudo env "PATH=$PATH" lo why 3000');
  assert.match(shown(report), /^Port 3000 is taken by a bound socket, although nothing listens on it\.\n/);
});

test('a server between bind and listen is looked at again', async () => {
  let asked = 0;
  const report = await ask({
    tryListen: async () => {
      asked += 1;
      return asked <= 7 ? TAKEN : { bindable: true };
    },
  });
  assert.equal(asked, 14);
  assert.deepEqual([report.bindable['127.0.0.1'], report.causes], [true, []]);
});

test('a resolver that fails is told, and the rest with it', async () => {
  const report = await ask({ lookUp: async () => ({ addresses: [], code: 'EAI_AGAIN' }) });
  assert.deepEqual(report.localhost.order, []);
  assert.deepEqual(report.unseen, [{ what: 'where localhost leads', why: 'EAI_AGAIN', fix: null }]);
  assert.equal(report.bindable['::'], true);
});

test('names of others cannot command the terminal', async () => {
  const report = await ask({});
  const cause = {
    code: 'HELD',
    text: 'a\u001b[2Jb\nc',
    evidence: ['\u0007x'],
    fix: null,
    pid: 1,
    sure: 'certain',
  } as const;
  const text = shown({ ...report, causes: [cause] });
  assert.match(text, /^HELD \(certain\): ab c$/m);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there.
  assert.doesNotMatch(text, /[\u0000-\u0009\u000b-\u001f\u007f]/);
});

test('on a narrow screen everything is folded but the fixes', async () => {
  const report = await ask({ tryListen: async () => TAKEN });
  const fix = 'a command that is longer than the screen and goes to the next line only by itself';
  const causes = report.causes.map((cause) => ({ ...cause, fix }));
  const lines = shown({ ...report, causes }, 60).split('\n');
  assert.deepEqual(
    lines.filter((line) => line.length > 60),
    [`  fix: ${fix}`],
  );
  assert.ok(lines.some((line) => /^BOUND_NOT_LISTENING \(possible\): /.test(line)));
});
