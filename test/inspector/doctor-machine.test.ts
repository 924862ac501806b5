/** What the doctor's checks of the machine say of what they are told. */

import { test } from 'node:test';
import { ANSWERS, type Changes, expect, facts } from './doctor-rig.ts';

test('watches, files and processes', async () => {
  const watch = (code: string) => ({ health: { tryWatch: async () => ({ works: false, code }) as const } });
  await expect('inotify', watch('ENOSPC'), 'fail', /ENOSPC; 1000 of 65536/, /max_user_watches=524288/);
  await expect('inotify', watch('EMFILE'), 'fail', /EMFILE/, /max_user_instances=1024/);
  const used = { health: { usage: () => ({ threads: 1, watches: 60_000, watchers: 120 }) } };
  await expect(
    'inotify',
    used,
    'warn',
    /nearly all watches.*nearly all watchers/,
    /watches=.*\n.*instances=/,
  );
  const limits = (hard: number, soft: number): Changes => ({
    health: { limits: () => ({ files: { soft: hard, hard }, processes: { soft, hard: soft } }) },
  });
  await expect('open-files', limits(1024, 1), 'warn', /1024 files each, enough for 328 services/, /prlimit/);
  await expect('processes', limits(1, 1000), 'warn', /900 of 1000.*about 8 Node/, /ulimit -u 4000/);
  await expect(
    'open-files',
    {
      own: { daemon: async () => ANSWERS },
      health: { limits: (pid) => ({ files: { soft: 1, hard: pid === 77 ? 9999 : 1 }, processes: null }) },
    },
    'ok',
    /the daemon and its services may open 9999/,
    null,
  );
  const none = { health: { limits: () => ({ files: null, processes: null }) } };
  await expect('open-files', none, 'unknown', /cannot be read/, null);
  await expect('processes', none, 'unknown', /cannot be read/, null);
});

test('user namespaces: the setting that forbids them is named', async () => {
  const refused = (reasons: object, container: string | null = null): Changes => ({
    health: {
      tryUserNamespace: async () => ({
        works: false,
        words: 'unshare failed',
        reasons: { clone: null, apparmor: null, most: null, ...reasons },
      }),
      surroundings: () => ({ container, wsl: false, family: null, kernel: '6' }),
    },
  });
  const check = 'user-namespaces';
  await expect(
    check,
    refused({ most: 0 }),
    'warn',
    /unshare failed.*is 0/,
    'sudo sysctl -w user.max_user_namespaces=15000',
  );
  await expect(
    check,
    refused({ clone: 0 }),
    'warn',
    /userns_clone/,
    'sudo sysctl -w kernel.unprivileged_userns_clone=1',
  );
  await expect(
    check,
    refused({ apparmor: 1, clone: 1 }),
    'warn',
    /AppArmor/,
    /restrict_unprivileged_userns=0/,
  );
  await expect(check, refused({}, 'docker'), 'warn', /this container \(docker\)/, null);
  await expect(check, refused({}), 'warn', /no setting explains it/, null);
  const missing = {
    health: {
      tryUserNamespace: async () =>
        ({ works: null, why: 'the program unshare (util-linux) is not there' }) as const,
    },
  };
  await expect(check, missing, 'unknown', /not there/, 'sudo apt install util-linux');
});

test('Docker', async () => {
  const at = (state: object, settings: object = {}): Changes => ({
    health: {
      ask: async (path, ping) =>
        path === '/var/run/docker.sock' && ping ? (state as never) : { state: 'absent' },
      docker: async () => ({ userlandProxy: null, unreadable: null, ...settings }),
    },
  });
  await expect(
    'docker',
    at({ state: 'answers', version: '1.50' }),
    'ok',
    /API 1\.50\); published ports are listeners/,
    null,
  );
  await expect(
    'docker',
    at({ state: 'answers', version: null }, { userlandProxy: false }),
    'ok',
    /no listener/,
    null,
  );
  await expect('docker', at({ state: 'silent', afterMs: 2000 }), 'unknown', /within 2 s/, /restart docker/);
  await expect('docker', at({ state: 'refused', code: 'EACCES' }), 'warn', /may not ask/, /usermod/);
  await expect(
    'docker',
    at({ state: 'refused', code: 'ECONNREFUSED' }),
    'warn',
    /does not serve/,
    'sudo systemctl start docker',
  );
  const host = { own: { variables: () => ({ DOCKER_HOST: 'tcp://10.0.0.1:2375' }) } };
  await expect('docker', host, 'unknown', /not asked/, null);
});

test('the clock, and what is around', async () => {
  const clock = (change: object) => ({ health: { clock: () => ({ ...facts().health.clock(), ...change }) } });
  await expect('clock', clock({ boot: '' }), 'warn', /number its boots/, null);
  await expect('clock', clock({ now: 0 }), 'warn', /1970/, 'sudo timedatectl set-ntp true');
  await expect(
    'surroundings',
    {
      health: { surroundings: () => ({ container: 'podman', wsl: true, family: null, kernel: '5' }) },
      platform: { interfaces: () => [{ name: 'wg0', kind: 'vpn', addresses: [] } as never] },
    },
    'ok',
    /kernel 5; in a container \(podman\).*WSL.*wg0/,
    null,
  );
});
