/** What reports say and hide: SARIF by its published schema, JUnit, fingerprints, severities, secrets. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import Ajv from 'ajv-draft-04';
import addFormats from 'ajv-formats';
import type { ListenerCheck } from '../../src/audit/check.ts';
import { CHECKS } from '../../src/audit/checks/all.ts';
import { junit } from '../../src/audit/report/junit.ts';
import { sarif } from '../../src/audit/report/sarif.ts';
import type { Target } from '../../src/audit/target.ts';
import { inconclusive, notApplicable, safe, vulnerable } from '../../src/audit/verdict.ts';
import type { AuditFinding, AuditReport } from '../../src/core/audit.ts';
import { withoutSecrets } from '../../src/core/secrets.ts';
import { fixture } from '../support/paths.ts';
import { type Examined, examine, listenerOf } from './support/examine.ts';
import { talker } from './support/servers.ts';

const PLACE = { file: 'loopyard.yaml', line: 4, column: 3 };
const SERVICE = { name: 'db', endpoint: 'redis', project: 'shop', recipe: null };

function checkOf(
  id: ListenerCheck['id'],
  examineIt: ListenerCheck['examine'],
  speaks: ListenerCheck['speaks'] = 'any',
): ListenerCheck {
  return {
    id,
    title: `Title of ${id} <&> "quoted"`,
    about: 'listener',
    transport: 'tcp',
    severity: { loopback: 'low', network: 'critical' },
    intrusive: false,
    references: ['CWE-306', 'https://example.org/advisory'],
    speaks,
    requests: 1,
    fix: 'mend it',
    probe: 'Looks.',
    rule: 'Judges.',
    examine: examineIt,
  };
}

const VULNERABLE = checkOf('STO-01', () => vulnerable('proven', ['one \u0007 sign', 'another']));
const SAFE = checkOf('STO-02', () => safe('good'));
const NOT_APPLICABLE = checkOf('STO-03', () => notApplicable('another kind'));
const INCONCLUSIVE = checkOf('STO-04', () => inconclusive('no answer'));
const ALL = [VULNERABLE, SAFE, NOT_APPLICABLE, INCONCLUSIVE];

async function reportOf(target: Partial<Target> = {}): Promise<{ report: AuditReport; examined: Examined }> {
  const examined = await examine(ALL, [
    { port: 6379, target: { name: 'db', service: SERVICE, place: PLACE, ...target } },
  ]);
  const skipped = examined.events.flatMap((event) => (event.type === 'skipped' ? [event.skipped] : []));
  return {
    report: { schema: 1, findings: examined.all, checked: examined.checked, skipped, notes: [] },
    examined,
  };
}

interface SarifLog {
  readonly runs: readonly {
    readonly tool: {
      readonly driver: { readonly rules: readonly { id: string; properties: Record<string, unknown> }[] };
    };
    readonly results: readonly {
      readonly ruleId: string;
      readonly level: string;
      readonly partialFingerprints: Record<string, string>;
      readonly locations: readonly {
        readonly physicalLocation?: {
          readonly artifactLocation: { readonly uri: string };
          readonly region: { readonly startLine: number };
        };
      }[];
      readonly suppressions?: readonly unknown[];
    }[];
  }[];
}

function logOf(
  report: AuditReport,
  checks = ALL,
  config: string | null = 'apps/shop/loopyard.yaml',
): SarifLog {
  const uriOf = ({ file }: { file: string }): string => `apps/my shop/${file}`;
  return sarif(report, { version: '1.2.3', checks, config, uriOf }) as SarifLog;
}

let compiled: ReturnType<typeof schemaValidator> | null = null;

/** Compiled once: it is large. */
function schemaValidator() {
  const ajv = new Ajv.default({ allErrors: true, strict: false, unicodeRegExp: false });
  addFormats.default(ajv as never);
  return ajv.compile(JSON.parse(readFileSync(fixture('audit', 'sarif-2.1.0.json'), 'utf8')));
}

function assertValid(log: object): void {
  compiled ??= schemaValidator();
  assert.ok(compiled(JSON.parse(JSON.stringify(log))), JSON.stringify(compiled.errors, null, 1));
}

test('SARIF: the published schema accepts it, with all real checks as rules, with findings and with none', async () => {
  const { report } = await reportOf();
  assertValid(logOf(report));
  assertValid(sarif(report, { version: '1.2.3', checks: CHECKS, config: null, uriOf: ({ file }) => file }));
  assertValid(logOf({ ...report, findings: [], skipped: [] }));
  assert.throws(() => assertValid({ ...logOf(report), version: '9' }), 'the schema is really asked');
});

test('SARIF: one result for each finding, at the line of the config, with what GitHub reads', async () => {
  const { report } = await reportOf({ reachableAt: ['192.0.2.7'] });
  const [run] = logOf(report).runs;
  const [result, ...more] = run?.results ?? [];
  assert.deepEqual(more, []);
  assert.equal(result?.ruleId, 'STO-01');
  assert.equal(result?.level, 'error');
  assert.deepEqual(result?.locations[0]?.physicalLocation, {
    artifactLocation: { uri: 'apps/my%20shop/loopyard.yaml', uriBaseId: '%SRCROOT%' },
    region: { startLine: 4, startColumn: 3 },
  });
  const rule = run?.tool.driver.rules.find(({ id }) => id === 'STO-01');
  assert.equal(rule?.properties['security-severity'], '9.5', 'critical');
  assert.deepEqual(rule?.properties.tags, ['security', 'external/cwe/cwe-306']);
});

test('SARIF: what no service declares stands at the top of the config, and an accepted finding is suppressed', async () => {
  const { report } = await reportOf({ service: null, place: null });
  const located = logOf(report).runs[0]?.results[0]?.locations[0]?.physicalLocation;
  assert.deepEqual(
    [located?.artifactLocation.uri, located?.region.startLine],
    ['apps/shop/loopyard.yaml', 1],
  );
  assert.equal(logOf(report, ALL, null).runs[0]?.results[0]?.locations[0]?.physicalLocation, undefined);
  const accepted = { reason: 'test data', expires: '2027-01-31' };
  const findings = report.findings.map((finding) => ({ ...finding, accepted }));
  const log = logOf({ ...report, findings });
  assert.equal(log.runs[0]?.results[0]?.suppressions?.length, 1);
  assertValid(log);
});

test('fingerprints: the same on another machine and at another address, not for another service or check', async () => {
  const one = (await reportOf()).report.findings;
  const elsewhere = (
    await reportOf({ address: '127.99.1.2', port: 6380, listeners: [listenerOf('127.99.1.2', 6380)] })
  ).report.findings;
  const other = (await reportOf({ name: 'cache' })).report.findings;
  const of = (all: readonly AuditFinding[]): readonly string[] => all.map(({ fingerprint }) => fingerprint);
  assert.deepEqual(of(one), of(elsewhere));
  assert.equal(new Set([...of(one), ...of(other)]).size, 2 * ALL.length);
  assert.equal(
    of(one)[0],
    'cded42400ab73ed95e8945711644fb0e',
    'a change makes every known finding a new one in code scanning',
  );
});

test('JUnit: a suite for each target, a case for each check; only what counts fails', async () => {
  const { examined } = await reportOf();
  const xml = junit(examined.all, ({ verdict }) => verdict === 'vulnerable');
  assert.match(xml, /<testsuite name="db" tests="4" failures="1" errors="0" skipped="2">/);
  assert.match(xml, /name="STO-01 Title of STO-01 &lt;&amp;&gt; &quot;quoted&quot;"/);
  assert.match(xml, /<failure type="low" message="one \ufffd sign">/);
  assert.equal(xml.match(/<skipped /g)?.length, 2);
  assert.doesNotMatch(
    junit(examined.all, () => false),
    /<failure/,
  );
});

test('severity: worse where networks or browsers reach it, less inside a container, never more than medium by a version', async () => {
  const severity = async (
    target: Partial<Target>,
    checks: readonly ListenerCheck[] = [VULNERABLE],
  ): Promise<string> => {
    const { all } = await examine(checks, [{ port: 1, target }]);
    return all.find(({ check }) => check === checks[0]?.id)?.severity ?? '';
  };
  const lan = { reachableAt: ['192.0.2.7'] };
  assert.equal(await severity({}), 'low');
  assert.equal(await severity(lan), 'critical');
  const container = { runtime: 'docker', id: null, name: null, target: null } as const;
  const medium = checkOf('DBG-01', () =>
    vulnerable('proven', ['a', 'b'], { severity: { loopback: 'medium', network: 'high' } }),
  );
  const inside = { listeners: [listenerOf('127.0.0.1', 1, { container })] };
  assert.equal(await severity(inside, [medium]), 'low');
  assert.equal(
    await severity(lan, [checkOf('DBG-02', () => vulnerable('version-inferred', ['a', 'b']))]),
    'medium',
  );
  const door = checkOf('WEB-01', () => vulnerable('behavioural', ['a', 'b']));
  const wide = checkOf('EXP-01', () =>
    vulnerable('proven', ['a', 'b'], { severity: { loopback: 'medium', network: 'medium' } }),
  );
  assert.equal(await severity({}, [wide, VULNERABLE]), 'high', 'a data store behind the open door');
  assert.equal(await severity({}, [wide]), 'medium');
  const probing = checkOf('STO-01', () => vulnerable('proven', ['a', 'b']), ['other', 'silent', 'http']);
  assert.equal(await severity({ address: null }, [probing, door]), 'info', 'nothing was sent');
});

test('a web page that reaches the port makes what is behind it worse', async (t) => {
  const place = await talker(t, () => 'hello\r\n');
  const probing = checkOf('STO-01', () => vulnerable('proven', ['a', 'b']), ['other']);
  const door = checkOf('WEB-01', () => vulnerable('behavioural', ['a', 'b']));
  const alone = await examine([probing], [place]);
  const both = await examine([probing, door], [place]);
  assert.deepEqual([alone.found[0]?.severity, both.found[0]?.severity], ['low', 'medium']);
});

test('evidence: what is sent and received is kept, cut and without secrets', async (t) => {
  const secret = 's3cr3t-value';
  const place = await talker(
    t,
    () =>
      `HTTP/1.1 200 OK\r\nSet-Cookie: session=${secret}; HttpOnly\r\nAuthorization: Bearer ${secret}\r\nX-Api-Key: ${secret}\r\n\r\n` +
      `DB_PASSWORD=${secret}\n{"access_token": "${secret}"}\nredis://u:${secret}@db/0\n/?token=${secret}\n` +
      `-----BEGIN PRIVATE KEY-----\n${secret}\n-----END PRIVATE KEY-----\n${'x'.repeat(5000)}\u0000`,
  );
  const asking = checkOf(
    'STO-01',
    async ({ connect }) => {
      const wire = await connect();
      wire.send(`GET /?api_key=${secret} HTTP/1.1\r\nCookie: a=${secret}\r\n\r\n\x00\xff`);
      await wire.receive((bytes) => bytes.includes(0));
      wire.close();
      return vulnerable('proven', ['a', 'b']);
    },
    'any',
  );
  const { found } = await examine([asking], [place]);
  const [exchange, ...more] = found[0]?.evidence.exchanges ?? [];
  assert.deepEqual(more, []);
  assert.ok(exchange);
  assert.doesNotMatch(`${exchange.sent}${exchange.received}`, new RegExp(secret));
  assert.match(exchange.sent, /^GET \/\?api_key=\*+ HTTP\/1\.1\\r\nCookie: \*+\\r\n\\r\n\\x00\\xff$/);
  assert.match(exchange.received, /session=\*+; HttpOnly/);
  assert.match(exchange.received, /… \d+ more$/);
  assert.ok(exchange.received.length < 2500);
});

test('words that only look like secrets stay', () => {
  for (const text of [
    'GET /keyboard HTTP/1.1',
    'passing tests: 3',
    'content-length: 12',
    '{"name": "tokenizer"}',
    'key value store',
  ])
    assert.equal(withoutSecrets(text), text);
});
