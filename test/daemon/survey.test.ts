/** What is said about ports that a service declares and does not serve, or serves and does not declare. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Service } from '../../src/core/model.ts';
import { outlivesRun } from '../../src/daemon/listening.ts';
import { atUsualPorts } from '../../src/daemon/placement.ts';
import { surveyWarnings } from '../../src/daemon/survey-warnings.ts';
import type { Survey } from '../../src/supervisor/supervisor.ts';

const ENDPOINTS = [
  { name: 'http', protocol: 'http', port: 3000 },
  { name: 'dev-tools', protocol: 'tcp', port: 9100 },
] as const;
const api = { name: 'api', endpoints: ENDPOINTS } as unknown as Service;
const plain = { name: 'web', endpoints: [] } as unknown as Service;
const told = {
  http: { address: '127.64.0.1', port: 3000 },
  'dev-tools': { address: '127.64.0.1', port: 9100 },
};
const runtime = { placement: atUsualPorts(ENDPOINTS, '127.64.0.1'), told, listening: {} };
const QUIET: Survey = { unserved: [], wide: [] };

function say(survey: Partial<Survey>, service = api, known: Parameters<typeof surveyWarnings>[1] = runtime) {
  return surveyWarnings(service, known, { ...QUIET, ...survey });
}

test('what is declared and served is nothing to speak of', () => {
  assert.deepEqual(say({}), []);
  assert.deepEqual(say({ wide: [{ address: '::', port: 3000 }] }), []);
  const elsewhere = { http: { kind: 'elsewhere', address: '::', port: 8080 } } as const;
  const found = { ...runtime, listening: elsewhere };
  assert.deepEqual(say({ unserved: ['http'], wide: [{ address: '::', port: 8080 }] }, api, found), []);
});

test('a declared endpoint that nobody serves, with the variable that tells where', () => {
  const [second, none] = say({ unserved: ['dev-tools'] });
  assert.equal(none, undefined);
  assert.equal(second?.code, 'ENDPOINT_UNSERVED');
  assert.match(second?.text ?? '', /an endpoint that nobody serves: dev-tools \(127\.64\.0\.1:9100\)$/);
  assert.match(second?.fix ?? '', /\$HOST and \$PORT_DEV_TOOLS, or remove dev-tools from `port:`/);
  assert.match(say({ unserved: ['http', 'dev-tools'] })[0]?.fix ?? '', /\$PORT, \$PORT_DEV_TOOLS/);
});

test('an undeclared port that is open to all', () => {
  const [warning] = say({ wide: [{ address: '::', port: 9229 }] });
  assert.equal(warning?.code, 'LISTENS_UNDECLARED');
  assert.match(warning?.text ?? '', /every address \(\[::\]:9229\).*others on this network can reach it/);
  assert.match(warning?.fix ?? '', /port: \{ http: 3000, dev-tools: 9100, other: 9229 \}.*127\.64\.0\.1/);
  const nothing = { placement: null, told: {}, listening: {} };
  const [first] = say({ wide: [{ address: '0.0.0.0', port: 3000 }] }, plain, nothing);
  assert.equal(first?.fix, 'declare it: `port: 3000`');
});

test('both are over with their run', () => {
  for (const warning of [...say({ unserved: ['http'] }), ...say({ wide: [{ address: '::', port: 1 }] })])
    assert.ok(!outlivesRun(warning), warning.code);
});
