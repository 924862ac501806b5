/** The variables that programs are given, as the design pins them. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Service } from '../../src/core/model.ts';
import { inheritedVariables, listenVariables, needVariables } from '../../src/daemon/variables.ts';

test('a need is told as host, port, url and the port of each endpoint', () => {
  const place = (name: string, port: number) => ({
    name,
    protocol: 'http' as const,
    host: '127.64.0.1',
    port,
    url: `http://127.64.0.1:${port}`,
  });
  assert.deepEqual(
    needVariables({ service: 'my-api', endpoints: [place('http', 80), place('admin-ui', 81)] }),
    {
      MY_API_HOST: '127.64.0.1',
      MY_API_PORT: '80',
      MY_API_URL: 'http://127.64.0.1:80',
      MY_API_HTTP_PORT: '80',
      MY_API_ADMIN_UI_PORT: '81',
    },
  );
  assert.deepEqual(needVariables({ service: 'worker', endpoints: [] }), {});
});

test('a service is told its host, its first port and each by name, leased ones instead of usual ones', () => {
  const endpoints = [
    { name: 'http', protocol: 'http', port: 3000 },
    { name: 'metrics-2', protocol: 'tcp', port: 9100 },
  ];
  const service = { name: 'api', endpoints } as unknown as Service;
  assert.deepEqual(listenVariables(service, '127.0.0.1', { http: 20_001, 'metrics-2': 20_002 }), {
    HOST: '127.0.0.1',
    PORT: '20001',
    PORT_HTTP: '20001',
    PORT_METRICS_2: '20002',
  });
  assert.equal(listenVariables(service, '127.64.0.1', {}).PORT_METRICS_2, '9100');
  assert.deepEqual(listenVariables({ ...service, endpoints: [] }, '127.64.0.1', {}), {});
});

test('all of the caller but Loopyard’s own; colours unless the caller has said something about them', () => {
  const caller = { PATH: '/bin', LOOPYARD_RUN: 'x.api-1', LOOPYARD_HOME: '/h', MY_LOOPYARD_X: '1' };
  assert.deepEqual(inheritedVariables(caller), { PATH: '/bin', MY_LOOPYARD_X: '1', FORCE_COLOR: '1' });
  for (const said of [{ NO_COLOR: '1' }, { FORCE_COLOR: '0' }, { NO_COLOR: '' }])
    assert.deepEqual(inheritedVariables(said), said);
});
