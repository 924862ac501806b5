/** How a program is told to listen on one address: the commands that `lo why` gives for those it knows. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ListenerDocument, OwnerDocument } from '../../src/core/inspection.ts';
import { narrowing } from '../../src/inspector/causes/narrow.ts';

function listener(command: readonly string[], change: Partial<ListenerDocument> = {}): ListenerDocument {
  const owner: OwnerDocument = {
    pid: 7,
    user: 'ann',
    name: 'node',
    command,
    cwd: "/home/ann/her shop's",
    started: null,
    parents: [],
    origin: '',
    stale: false,
  };
  return {
    protocol: 'tcp',
    family: 4,
    address: '0.0.0.0',
    port: 3000,
    scope: 'wildcard',
    interface: null,
    interfaceKind: null,
    owners: [owner],
    ownerVisible: true,
    hidden: null,
    user: 'ann',
    service: null,
    container: null,
    unit: null,
    ...change,
  };
}

const RESTART = "lo kill 3000 && cd '/home/ann/her shop'\\''s' && ";

describe('narrowing', () => {
  const rows: readonly (readonly [string, readonly string[], string | null])[] = [
    [
      'a flag that is missing',
      ['node', '/shop/.bin/vite'],
      `${RESTART}node /shop/.bin/vite --host 127.0.0.1`,
    ],
    ['a flag without a value', ['node', 'vite', '--host'], `${RESTART}node vite --host 127.0.0.1`],
    [
      'a flag before another',
      ['node', 'vite', '--host', '--open'],
      `${RESTART}node vite --host 127.0.0.1 --open`,
    ],
    [
      'a flag with a value',
      ['uvicorn', '--host', '0.0.0.0', 'app:app'],
      `${RESTART}uvicorn --host 127.0.0.1 app:app`,
    ],
    ['a flag with = and a value', ['flask', 'run', '--host=0.0.0.0'], `${RESTART}flask run --host=127.0.0.1`],
    ['a short flag', ['node', '/x/next', 'dev', '-H', '0.0.0.0'], `${RESTART}node /x/next dev -H 127.0.0.1`],
    ['a word that must be quoted', ['flask', 'run', 'a b'], `${RESTART}flask run 'a b' --host 127.0.0.1`],
    ['any other program of Node', ['/usr/bin/node', 'server.js'], "server.listen(3000, '127.0.0.1')"],
    ['a program that is not known', ['/opt/server'], null],
    ['a name that only looks alike', ['/opt/my-vite-server'], null],
  ];
  for (const [name, command, expected] of rows) {
    it(name, () => assert.equal(narrowing(listener(command), 3000), expected));
  }

  it('a published port of a container', () => {
    const container = {
      runtime: 'docker',
      id: null,
      name: null,
      target: { address: '172.17.0.2', port: 80 },
    } as const;
    assert.equal(
      narrowing(listener(['docker-proxy'], { container }), 3000),
      "-p 127.0.0.1:3000:80   # in place of the container's -p or ports:",
    );
  });

  it('what a unit runs is told by the unit, not by a command line', () => {
    const unit = { name: 'web.service', manager: 'system', socket: false } as const;
    assert.equal(narrowing(listener(['node', 'server.js'], { unit }), 3000), null);
  });
});
