/** The commands that explain a machine, on macOS and Windows as their tools print it. Binds are answered as those systems do. */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { currentHome } from '../../src/client/home.ts';
import { ownFacts } from '../../src/daemon/doctor.ts';
import { doctor } from '../../src/inspector/doctor/doctor.ts';
import { createInspector } from '../../src/inspector/inspector.ts';
import { createKiller } from '../../src/inspector/kill/kill.ts';
import { parseTarget } from '../../src/inspector/kill/target.ts';
import { parseWaitTarget } from '../../src/inspector/wait/target.ts';
import { waitFor } from '../../src/inspector/wait/wait.ts';
import { darwinPlatform } from '../../src/platform/darwin/platform.ts';
import type { BindAnswer, Platform } from '../../src/platform/platform.ts';
import { windowsPlatform } from '../../src/platform/windows/platform.ts';
import { fixtureTool, MAC, WINDOWS } from './tool-fixtures.ts';

/** What is the test machine's own is answered for the other one. */
function withBinds(platform: Platform, tryListen: (address: string) => BindAnswer): Platform {
  return {
    ...platform,
    interfaces: () => [],
    containers: () => Promise.resolve({ containers: [], gaps: [] }),
    tryListen: async (address) => tryListen(address),
    tryBind: async (address) => tryListen(address),
    lookUp: async () => ({ addresses: ['::1', '127.0.0.1'], code: null }),
  };
}

const refused = (code: string): BindAnswer => ({ bindable: false, code });

/** Somebody on every address of both families: a single address may still be had there. */
function macOf(address: string): BindAnswer {
  if (address === '127.0.0.2') return refused('EADDRNOTAVAIL');
  return address === '0.0.0.0' || address === '::' ? refused('EADDRINUSE') : { bindable: true };
}

function mac(): Platform {
  return withBinds(darwinPlatform(fixtureTool(MAC)), macOf);
}

function windows(): Platform {
  return withBinds(windowsPlatform(fixtureTool(WINDOWS)), (address) =>
    address === '127.0.0.1' ? refused('EADDRINUSE') : { bindable: true },
  );
}

function toolsOf(platform: Platform) {
  return { platform, holdings: () => [], now: Date.now, homeDirectory: '/nowhere' };
}

test('lo why: who holds the port is named', async () => {
  const onMac = await createInspector(toolsOf(mac())).why({ port: 5000 });
  assert.equal(onMac.bindable['0.0.0.0'], false);
  assert.ok(onMac.causes.some(({ text, pid }) => pid === 612 && text.includes('ControlCenter')));
  const onWindows = await createInspector(toolsOf(windows())).why({ port: 3000 });
  assert.ok(onWindows.causes.some(({ text, pid }) => pid === 14_008 && text.includes('node')));
});

test('lo why: a port that is bound and not listened on is laid to whoever bound it, and to nobody else', async () => {
  for (const [platform, pid] of [
    [darwinPlatform(fixtureTool(MAC)), 4711],
    [windowsPlatform(fixtureTool(WINDOWS)), 14_008],
  ] as const) {
    const busy = withBinds(platform, (address) =>
      address === '::1' ? { bindable: true } : refused('EADDRINUSE'),
    );
    const inspector = createInspector(toolsOf(busy));
    const [bound] = (await inspector.why({ port: 9229 })).causes;
    assert.deepEqual([bound?.code, bound?.pid], ['BOUND_NOT_LISTENING', pid]);
    const [other] = (await inspector.why({ port: 4000 })).causes;
    assert.deepEqual([other?.code, other?.pid], ['BOUND_NOT_LISTENING', null]);
  }
});

test('lo explain: the ephemeral range and the listener', async () => {
  const onMac = await createInspector(toolsOf(mac())).explain({ subject: '127.0.0.1:3000' });
  assert.match(onMac.answer, /node \(pid 4711\)/);
  const onWindows = await createInspector(toolsOf(windows())).explain({ subject: '50010' });
  assert.deepEqual([onWindows.port?.reserved, onWindows.port?.privileged], [true, false]);
});

test('lo kill: the plan ends the server and who shares its socket', async () => {
  const run = (): never => assert.fail('no manager has anything to do with it');
  const onMac = createKiller({ ...toolsOf(mac()), run, pid: 22_712 });
  const [plan] = await onMac.plan([parseTarget('3000', 'tcp', [])], false);
  const [step] = plan?.steps ?? [];
  assert.ok(step?.kind === 'process', JSON.stringify(step));
  assert.equal(step.owner.pid, 4711);
  assert.deepEqual(step.members, [{ pid: 4715, name: 'node' }]);
  const onWindows = createKiller({ ...toolsOf(windows()), run, pid: 9120 });
  const [other] = await onWindows.plan([parseTarget('5432', 'tcp', [])], false);
  const [only] = other?.steps ?? [];
  assert.ok(only?.kind === 'process', JSON.stringify(only));
  assert.equal(only.owner.pid, 5216);
});

test('lo wait: by the table, without a knock', async () => {
  const never = (): never => assert.fail('it need not be dialled');
  for (const [platform, target, met] of [
    [mac(), '127.0.0.1:3000', true],
    [mac(), '[::1]:3000', false],
    [windows(), '[::1]:5432', true],
  ] as const) {
    const tools = { ...toolsOf(platform), dial: never, get: never };
    // A look that may knock: none is needed where somebody is seen, and none is made in the ephemeral range.
    const report = await waitFor(
      met ? tools : { ...tools, dial: async () => ({ failed: 'refused', code: 'ECONNREFUSED' }) },
      { target: parseWaitTarget(target), wanted: 'open', timeoutMs: 0 },
    );
    assert.equal(report.met, met, target);
  }
});

test('lo doctor: what has no implementation could not be looked at', async (t) => {
  for (const platform of [darwinPlatform(fixtureTool(MAC)), windowsPlatform(fixtureTool(WINDOWS))]) {
    const home = currentHome({ LOOPYARD_HOME: temporary(t) });
    const own = ownFacts({ platform, home, variables: {}, person: null, connect: async () => null });
    const { report } = await doctor(platform, own);
    const unknown = report.checks.filter(({ verdict }) => verdict === 'unknown');
    assert.ok(report.checks.some(({ verdict }) => verdict === 'ok'));
    assert.ok(unknown.some(({ text }) => text.includes(`not available on ${platform.name}`)));
    assert.deepEqual(
      report.checks.filter(({ text }) => /undefined|TypeError|is not a function/.test(text)),
      [],
    );
  }
});

function temporary(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'other-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}
