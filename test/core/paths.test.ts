/** Where state and sockets lie, from variables alone. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { homePaths } from '../../src/core/paths.ts';

function pathsOf(variables: Record<string, string>): { readonly home: string; readonly socket: string } {
  return homePaths({ variables, homedir: '/home/me' }, (home) => `/tmp/short-${home.length}`);
}

test('LOOPYARD_HOME holds everything, else XDG_STATE_HOME and XDG_RUNTIME_DIR, else ~/.local/state', () => {
  const xdg = { XDG_STATE_HOME: '/state', XDG_RUNTIME_DIR: '/run/user/1' };
  assert.deepEqual(pick({ ...xdg, LOOPYARD_HOME: '/own/' }), ['/own', '/own/daemon.sock']);
  assert.deepEqual(pick(xdg), ['/state/loopyard', '/run/user/1/loopyard/daemon.sock']);
  assert.deepEqual(pick({}), [
    '/home/me/.local/state/loopyard',
    '/home/me/.local/state/loopyard/daemon.sock',
  ]);
});

test('empty variables count as missing', () => {
  const empty = { LOOPYARD_HOME: '', XDG_STATE_HOME: '', XDG_RUNTIME_DIR: '' };
  assert.deepEqual(pathsOf(empty), pathsOf({}));
});

test('a home whose socket path would be cut gets a short one, counted in bytes', () => {
  const fits = `/${'x'.repeat(107 - '//daemon.sock.tmp-0000000'.length)}`;
  assert.equal(pathsOf({ LOOPYARD_HOME: fits }).socket, `${fits}/daemon.sock`);
  assert.equal(pathsOf({ LOOPYARD_HOME: `${fits}x` }).socket, `/tmp/short-${fits.length + 1}/daemon.sock`);
  const umlauts = `/${'ä'.repeat(fits.length - 2)}`;
  assert.equal(pathsOf({ LOOPYARD_HOME: umlauts }).socket, `/tmp/short-${umlauts.length}/daemon.sock`);
});

function pick(variables: Record<string, string>): readonly string[] {
  const { home, socket } = pathsOf(variables);
  return [home, socket];
}
