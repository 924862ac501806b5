/** What the doctor's checks of the network say of what they are told: verdict, reason and fix. */

import { test } from 'node:test';
import type { Door } from '../../src/core/gateway.ts';
import type { GatewayAnswer } from '../../src/inspector/doctor/own.ts';
import type { HostsLine, NameWay } from '../../src/platform/health.ts';
import { type Changes, DIRECTORY, expect, facts, paths } from './doctor-rig.ts';

test('loopback addresses and families', async () => {
  const only = (...good: readonly string[]): NonNullable<Changes['health']> => ({
    tryLoop: async (address) =>
      good.includes(address) ? { works: true } : { works: false, code: 'EADDRNOTAVAIL' },
  });
  const up = 'sudo ip link set lo up';
  await expect('addresses', { health: only() }, 'warn', /127\.64\.0\.1 \(EADDRNOTAVAIL\)/, up);
  await expect('addresses', { health: only() }, 'warn', /leased ports on 127\.0\.0\.1/, up);
  const shut = { tryLoop: async () => ({ works: false, code: 'ENETUNREACH' }) as const };
  await expect(
    'addresses',
    { health: shut },
    'warn',
    /\(ENETUNREACH\); services there cannot be reached$/,
    up,
  );
  await expect('families', { health: only() }, 'fail', /127\.0\.0\.1 cannot be used/, up);
  const six = (state: 'on' | 'off' | 'absent') => ({
    health: { ...only('127.0.0.1'), loopbackIPv6: () => state },
  });
  const on = 'sudo sysctl -w net.ipv6.conf.lo.disable_ipv6=0';
  await expect('families', six('off'), 'warn', /switched off/, on);
  await expect('families', six('absent'), 'warn', /without IPv6/, null);
  await expect('families', six('on'), 'warn', /::1/, 'sudo ip -6 address add ::1/128 dev lo');
  await expect('localhost', six('on'), 'warn', /::1 cannot be used/, /sed -i/);
});

test('where localhost and names below it lead', async () => {
  const lookup = (answer: Awaited<ReturnType<ReturnType<typeof facts>['health']['lookup']>>) => ({
    health: { lookup: async () => answer },
  });
  await expect('localhost', lookup({ addresses: ['127.0.0.1'] }), 'ok', /^localhost is 127\.0\.0\.1$/, null);
  await expect('localhost', lookup({ addresses: ['10.1.1.1'] }), 'fail', /leads to 10\.1\.1\.1/, /hosts/);
  await expect('localhost', lookup({ code: 'ENOTFOUND' }), 'fail', /ENOTFOUND/, /tee -a \/etc\/hosts/);
  await expect('localhost', lookup({ silentMs: 3000 }), 'unknown', /within 3 s/, /tee -a/);
  await expect('names', lookup({ addresses: ['10.1.1.1'] }), 'fail', /RFC 6761/, /myhostname/);
  await expect('names', lookup({ silentMs: 3000 }), 'unknown', /10\.0\.0\.1/, /myhostname/);
  const bare = { order: ['files', 'dns'], resolved: false, nameservers: [] };
  await expect(
    'names',
    { health: { lookup: async () => ({ code: 'ENOTFOUND' }), nameService: async () => bare } },
    'warn',
    /no nss-myhostname and no systemd-resolved/,
    'sudo apt install libnss-myhostname',
  );
  await expect(
    'names',
    {
      health: {
        lookup: async () => ({ code: 'ENOTFOUND' }),
        nameService: async () => ({ order: null, resolved: false, nameservers: [] }),
      },
    },
    'warn',
    /Node does not find .*; curl does\..*no nsswitch\.conf/,
    'lo setup --hosts',
  );
  const ways = (there: number, ...answers: readonly NameWay[]): Changes => ({
    health: {
      lookup: async () => ({ code: 'ENOTFOUND' }),
      tryNames: async () => answers,
      nameService: async () => bare,
    },
    own: { hostsNames: () => ({ served: 3, there }) },
  });
  const library: NameWay = { way: 'library', answer: { code: 'ENOTFOUND' } };
  const chromium: NameWay = { way: 'chromium', answer: { silentMs: 7000 } };
  await expect(
    'names',
    ways(0, library, chromium),
    'warn',
    /^Node and the C library do not find names below localhost \(ENOTFOUND\)\. /,
    'sudo apt install libnss-myhostname',
  );
  await expect('names', ways(2, library), 'warn', /^2 of 3 names are in the hosts file/, 'lo setup --hosts');
  await expect('names', ways(3, library), 'ok', /^3 names of services in the hosts file/, null);
  const astray = { way: 'curl', answer: { addresses: ['::1', '10.1.1.1'] } } as const;
  await expect('names', ways(3, astray), 'fail', /lead to 10\.1\.1\.1 in curl: /, /myhostname/);
  const late = { health: { tryNames: async () => [chromium] } };
  await expect('names', late, 'unknown', /within 7 s in Chromium; Node does/, /\S/);
  const browsing: Changes = {
    own: { wishes: () => ({ browser: true }) },
    health: {
      tryNames: async ({ browser, withinMs }) =>
        browser && withinMs > 4000 ? [{ way: 'chromium', answer: { addresses: ['::1'] } }] : [],
    },
  };
  await expect('names', browsing, 'ok', /, in Node and Chromium$/, null);
  await expect('names', {}, 'ok', /^names below localhost lead to this machine, in Node and curl$/, null);
});

test('the hosts file', async () => {
  const file = (change: object): Changes => {
    const base = { state: 'read', path: '/etc/hosts', bytes: 60, entries: 2, crlf: false } as const;
    const lines: readonly HostsLine[] = [
      { line: 1, address: '127.0.0.1', names: ['localhost'] },
      { line: 2, address: '::1', names: ['localhost'] },
    ];
    return { health: { hostsFile: async () => ({ ...base, lines, ...change }) } };
  };
  const line = (number: number, address: string, ...names: readonly string[]): HostsLine => ({
    line: number,
    address,
    names,
  });
  await expect(
    'hosts',
    file({ lines: [] }),
    'warn',
    /127\.0\.0\.1 and ::1/,
    "printf '\\n127.0.0.1 localhost\\n::1 localhost\\n' | sudo tee -a /etc/hosts",
  );
  const doubled = [
    line(1, '127.0.0.1', 'localhost'),
    line(2, '::1', 'localhost'),
    line(9, '127.0.0.1', 'localhost'),
  ];
  await expect(
    'hosts',
    file({ lines: doubled }),
    'warn',
    /lines 1 and 9/,
    "sudo sed -i '9s/^/# /' /etc/hosts",
  );
  const strange = [
    line(3, '192.168.1.4', 'localhost'),
    line(1, '127.0.0.1', 'localhost'),
    line(2, '::1', 'localhost'),
  ];
  await expect(
    'hosts',
    file({ lines: strange }),
    'fail',
    /line 3 gives 192/,
    "sudo sed -i '3s/^/# /' /etc/hosts",
  );
  await expect('hosts', file({ crlf: true }), 'warn', /CRLF/, "sudo sed -i 's/\\r$//' /etc/hosts");
  await expect('hosts', file({ bytes: 5e6, entries: 90_000 }), 'warn', /5\.0 MB, 90000 entries/, /dnsmasq/);
  const state = (answer: object) => ({ health: { hostsFile: async () => answer as never } });
  await expect('hosts', state({ state: 'missing', path: '/etc/hosts' }), 'warn', /missing/, /tee/);
  await expect(
    'hosts',
    state({ state: 'unreadable', path: '/etc/hosts', code: 'EACCES' }),
    'warn',
    /EACCES/,
    'sudo chmod 644 /etc/hosts',
  );
});

test('port ranges', async () => {
  const ranges = (
    first: number,
    last: number,
    ...reserved: readonly (readonly [number, number])[]
  ): Changes => ({
    platform: { portRanges: () => ({ ephemeral: [first, last], reserved, unprivilegedFrom: 1024 }) },
  });
  const usual = "sudo sysctl -w net.ipv4.ip_local_port_range='32768 60999'";
  await expect('port-ranges', ranges(32_000, 60_999), 'warn', /overlaps with ports that are leased/, usual);
  await expect('port-ranges', ranges(1024, 4999), 'warn', /3000, 3001, 3306, 4000, 4200$/, usual);
  await expect('port-ranges', ranges(1024, 65_535), 'warn', /overlaps.*; servers' usual ports/, usual);
  await expect('port-ranges', ranges(32_000, 60_999, [32_000, 32_767]), 'ok', /never 32000-32767/, null);
  const none = { ephemeral: null, reserved: [], unprivilegedFrom: 1024 };
  await expect('port-ranges', { platform: { portRanges: () => none } }, 'unknown', /cannot be read/, null);
});

test('low ports', async () => {
  const bind = (code: string | null): NonNullable<Changes['platform']> => ({
    tryBind: async () => (code === null ? { bindable: true } : { bindable: false, code }),
  });
  await expect(
    'low-ports',
    { platform: bind('EACCES') },
    'warn',
    /may not listen on 443 and 80/,
    /port_start=80/,
  );
  await expect(
    'low-ports',
    { platform: bind('EADDRINUSE') },
    'warn',
    /below 1024 need a privilege.*443 and 80 held/,
    /port_start/,
  );
  const root = { ...facts().health.program(), lowPorts: true };
  await expect(
    'low-ports',
    { platform: bind('EADDRINUSE'), health: { program: () => root } },
    'ok',
    /held by another program \(`lo why 443`\)/,
    null,
  );
  const door = (port: number): Door => ({ address: '127.0.0.1', port, secure: port === 443, error: null });
  const doors = [door(443), door(80)];
  await expect(
    'low-ports',
    {
      platform: bind('EADDRINUSE'),
      own: { gateway: async () => ({ state: 'answers', version: '1', build: 'b', pid: 5, doors }) },
    },
    'ok',
    /^this user may listen on ports below 1024$/,
    null,
  );
});

test('certificate stores: nothing to trust before there is a CA, and then each store by itself', async () => {
  const { certificate } = facts().own.place();
  const there = paths({ [certificate]: { ...DIRECTORY, kind: 'file', mode: 0o644 } });
  const told = { variables: () => ({ NODE_EXTRA_CA_CERTS: '/s/variable' }) };
  const stores = (...all: readonly (readonly [string, boolean | null, string | null])[]): Changes => ({
    own: told,
    health: {
      path: there,
      trustStores: async () =>
        all.map(([kind, holds, why]) => ({
          kind: kind as 'nss',
          name: kind,
          path: `/s/${kind}`,
          holds,
          why,
        })),
    },
  });
  await expect(
    'trust',
    {},
    'ok',
    /^no Loopyard CA yet; nothing to trust \(stores here: system bundle\)$/,
    null,
  );
  await expect('trust', stores(['system', true, null]), 'ok', /is in each store/, null);
  const silent = { ...stores(['system', true, null]), own: {} };
  const set = `export NODE_EXTRA_CA_CERTS=${certificate}`;
  await expect('trust', silent, 'warn', /in: Node\.js \(NODE_EXTRA_CA_CERTS is not set\)$/, set);
  const other = stores(['variable', false, null]);
  await expect(
    'trust',
    other,
    'warn',
    /in: variable/,
    `cat ${certificate} | sudo tee -a /s/variable > /dev/null`,
  );
  await expect(
    'trust',
    stores(['system', false, null], ['nss', false, null], ['java', false, null], ['variable', true, null]),
    'warn',
    /not trusted in: system \(\/s\/system\), nss \(\/s\/nss\), java/,
    [
      'lo trust',
      `sudo keytool -importcert -noprompt -alias loopyard -keystore /s/java -storepass changeit -file ${certificate}`,
    ].join('\n'),
  );
  await expect(
    'trust',
    stores(['system', true, null], ['nss', null, 'certutil is needed to look into it']),
    'unknown',
    /could not look for the Loopyard CA in nss/,
    'sudo apt install libnss3-tools',
  );
});

test('firewalls that cannot be read are unknown, never off', async () => {
  const firewall = (...all: readonly object[]): Changes => ({
    health: {
      firewall: async () =>
        all.map(
          (one) =>
            ({
              name: 'nft',
              state: 'on',
              why: null,
              rules: null,
              againstLoopback: [],
              refusesIncoming: null,
              ...one,
            }) as const,
        ),
    },
  });
  await expect('firewall', firewall(), 'unknown', /no program is here/, null);
  await expect(
    'firewall',
    firewall({ state: 'unreadable', why: 'Operation not permitted' }, { name: 'ufw', state: 'off' }),
    'unknown',
    /nft cannot be read: Operation not permitted, ufw is off/,
    'sudo nft list ruleset',
  );
  await expect(
    'firewall',
    firewall({ rules: 2, againstLoopback: ['iif "lo" drop'] }),
    'warn',
    /nft: iif "lo" drop/,
    'sudo nft list ruleset',
  );
});

test('the gateway: who it is, and which doors it has', async () => {
  const door = (port: number, error: string | null = null, address = '127.0.0.1') => ({
    address,
    port,
    secure: port % 100 === 43,
    error,
  });
  const at = (answer: GatewayAnswer): Changes => ({ own: { gateway: async () => answer } });
  const served = (doors: readonly ReturnType<typeof door>[], build = 'b1') =>
    at({ state: 'answers', version: '1.0.0', build, pid: 5, doors });
  await expect('gateway', {}, 'ok', /not running; it starts with/, null);
  await expect('gateway', at({ state: 'refused', code: 'ECONNREFUSED' }), 'warn', /nobody serves/, 'lo ls');
  await expect('gateway', at({ state: 'silent', afterMs: 2000 }), 'fail', /within 2 s/, /stop --all/);
  const usual = [door(443), door(443, null, '::1'), door(80), door(80, null, '::1')];
  await expect('gateway', served(usual), 'ok', /^pid 5, https on 443, http on 80$/, null);
  await expect('gateway', served(usual, 'b2'), 'warn', /not of this build/, 'lo ls');
  const high = [door(443, 'EACCES'), door(8443), door(80, 'EADDRINUSE'), door(8080)];
  await expect(
    'gateway',
    served(high),
    'ok',
    /https on 8443, http on 8080; not on the usual ports, since 443 gave EACCES and 80 gave EADDRINUSE/,
    null,
  );
  const half = [door(443), door(443, 'EADDRINUSE', '::1'), door(80)];
  await expect('gateway', served(half), 'warn', /HTTPS on port 443, but not at ::1/, 'lo why 443');
  await expect('gateway', served([door(443, 'EMFILE'), door(80)]), 'fail', /no door for HTTPS/, 'lo why 443');
});
