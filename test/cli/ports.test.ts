/** `lo ports` as a command, against a daemon that a test plays: what people see, what is asked for, what a script reads. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { displayWidth } from '../../src/cli/printer/text.ts';
import { LoopyardError } from '../../src/core/errors.ts';
import type { ListenerDocument, OwnerDocument, PortsEvent, PortsReport } from '../../src/core/inspection.ts';
import type { DaemonInfo } from '../../src/core/status.ts';
import { type Answers, Feed, feedOf } from '../support/fake-workbench.ts';
import { assertGolden } from './golden.ts';
import { lo, Rig } from './rig.ts';
import { Screen } from './screen.ts';

const STARTED = '2026-01-02T03:04:05.000Z';

function owner(pid: number, change: Partial<OwnerDocument> = {}): OwnerDocument {
  return {
    pid,
    user: 'ada',
    name: 'node',
    command: ['node', 'server.js'],
    cwd: '/home/ada/shop',
    started: STARTED,
    parents: [],
    origin: 'started by npm in ~/shop, from VS Code',
    stale: false,
    ...change,
  };
}

function listener(address: string, port: number, change: Partial<ListenerDocument> = {}): ListenerDocument {
  const isWild = address === '0.0.0.0' || address === '::';
  const isLoopback = address.startsWith('127.') || address === '::1';
  return {
    protocol: 'tcp',
    family: address.includes(':') ? 6 : 4,
    address,
    port,
    scope: isWild ? 'wildcard' : isLoopback ? 'loopback' : 'interface',
    interface: isLoopback ? 'lo' : null,
    interfaceKind: isLoopback ? 'loopback' : null,
    owners: [owner(4711)],
    ownerVisible: true,
    hidden: null,
    user: 'ada',
    service: null,
    container: null,
    unit: null,
    ...change,
  };
}

function hidden(address: string, port: number, why: string): ListenerDocument {
  return listener(address, port, { owners: [], ownerVisible: false, hidden: why, user: 'root' });
}

function saying(report: PortsReport): Answers {
  const info = { build: __LOOPYARD_BUILD__ } as DaemonInfo;
  return { info: async () => info, ports: async () => report };
}

function watching(feed: AsyncIterable<PortsEvent>): Answers {
  const info = { build: __LOOPYARD_BUILD__ } as DaemonInfo;
  return { info: async () => info, watchPorts: () => feed };
}

function report(...listeners: readonly ListenerDocument[]): PortsReport {
  return { schema: 1, listeners, unseen: [] };
}

const SUDO = '`sudo env "PATH=$PATH" lo ports --port 22` shows it';
const NGINX = owner(812, { name: 'nginx', user: 'root', origin: 'started by systemd (nginx.service) in /' });
const SHOP = { id: 'shop-1', path: '/home/ada/shop', name: 'shop' };

const BUSY = report(
  hidden(
    '0.0.0.0',
    22,
    `it belongs to root; sockets of other users' processes are not seen, since the system shows them to root only; ${SUDO}`,
  ),
  ...['0.0.0.0', '::'].map((address) =>
    listener(address, 80, {
      owners: [NGINX, owner(813, { ...NGINX, pid: 813 })],
      unit: { name: 'nginx.service', manager: 'system', socket: false },
    }),
  ),
  listener('127.0.0.1', 3000),
  listener('::1', 3000),
  listener('192.168.1.5', 3000, {
    interface: 'wlan0',
    interfaceKind: 'wireless',
    owners: [owner(5000, { stale: true, origin: 'started by bash in ~/old, over ssh' })],
  }),
  listener('127.64.12.1', 5432, {
    owners: [owner(6000, { name: 'postgres', origin: 'started by Loopyard in ~/shop' })],
    service: { environment: SHOP, project: 'shop', name: 'db', endpoint: 'postgres' },
  }),
  listener('127.0.0.1', 5433, {
    owners: [owner(7000, { name: 'docker-proxy', user: 'root', origin: 'started by Docker in /' })],
    container: {
      runtime: 'docker',
      id: null,
      name: 'shop-db-1',
      target: { address: '172.17.0.2', port: 5432 },
    },
  }),
  ...[1, 2, 3].map(() => listener('224.0.0.251', 5353, { protocol: 'udp', scope: 'wildcard' })),
  listener('::', 8080),
  listener('172.17.0.1', 9000, { interface: 'docker0', interfaceKind: 'bridge' }),
);

test('a table that fits every width, with the words for who can reach it on each', async () => {
  for (const terminal of [50, 80, 120, 160]) {
    const { code, stdout } = await lo(['ports', '--no-color'], { terminal, answers: saying(BUSY) });
    assert.equal(code, 0);
    for (const line of stdout.split('\n')) assert.ok(displayWidth(line) <= terminal, `${terminal}: ${line}`);
    assert.match(stdout, /every address/);
    assert.match(stdout, /`sudo env "PATH=\$PATH" lo ports` shows/, 'a command is on one line');
    assertGolden(`ports-${terminal}`, stdout);
  }
  const piped = await lo(['ports'], { answers: saying(BUSY) });
  assert.match(piped.stdout, /^ *3000\/tcp {2}loopback +node +4711 +ada +by npm in ~\/shop, from VS Code$/m);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are what must not be there.
  assert.doesNotMatch(piped.stdout, /\u001b/);
});

test('rows are joined for people only, and only where nothing is lost by it', async () => {
  const apart = report(
    listener('127.0.0.1', 3000),
    listener('::1', 3000, { owners: [owner(4712)] }),
    listener('0.0.0.0', 3001),
    listener('::', 3001, { protocol: 'udp' }),
    hidden('127.0.0.1', 3002, 'because'),
    hidden('::1', 3002, 'because'),
  );
  const { stdout } = await lo(['ports'], { answers: saying(apart) });
  assert.equal(stdout.match(/^ *300\d\//gm)?.length, 6, stdout);
  const { stdout: joined } = await lo(['ports'], { answers: saying(BUSY) });
  assert.match(joined, /80\/tcp +every address +nginx and 1 more +812/);
  assert.match(joined, /5353\/udp +multicast 224\.0\.0\.251, 3 sockets/);
  const json = await lo(['ports', '--json'], { answers: saying(BUSY) });
  assert.deepEqual(JSON.parse(json.stdout), BUSY);
});

test('names of others cannot command the terminal', async () => {
  const evil = owner(9, {
    name: 'a\u001b[2Jb\nc',
    origin: 'started by \u001b]0;x\u0007y\r\nz',
    user: 'u\u0000',
  });
  const { stdout } = await lo(['ports'], {
    answers: saying(report(listener('127.0.0.1', 1, { owners: [evil] }))),
  });
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there.
  assert.doesNotMatch(stdout.replaceAll('\n', ''), /[\u0000-\u001f\u007f]/);
  assert.equal(stdout.split('\n').length, 3, stdout);
});

test('each filter is asked for, and wrong ones say what to type', async () => {
  const argv = ['ports', '--port', '3000', '--pid', '12', '--name', 'node', '--scope', 'wildcard', '--all'];
  const { calls } = await lo(argv, { answers: saying(report(listener('0.0.0.0', 3000))) });
  const [request] = calls.filter(({ route }) => route === 'ports').map((call) => call.request);
  assert.deepEqual(request, { all: true, port: 3000, pid: 12, name: 'node', scope: 'wildcard' });
  for (const [wrong, says] of [
    [['--port', '0'], /--port is no whole number from 1 to 65535/],
    [['--port', 'http'], /--port is no whole number/],
    [['--pid', '-1'], /--pid|-1/],
    [['--scope', 'wildcrad'], /did you mean `--scope wildcard`/],
    [['--scope', 'x'], /write `loopback`, `interface` or `wildcard`/],
    [['--watch', '--all'], /leave out --all/],
  ] as const) {
    const { code, stderr } = await lo(['ports', ...wrong], { answers: saying(BUSY) });
    assert.equal(code, 2, wrong.join(' '));
    assert.match(stderr, says);
  }
});

test('nothing to show is said, and is only an answer where all was seen', async () => {
  const nothing = await lo(['ports'], { answers: saying(report()) });
  assert.deepEqual([nothing.code, nothing.stdout], [0, 'Nothing listens on this machine.\n']);
  const filtered = await lo(['ports', '--port', '80', '--name', 'x'], { answers: saying(report()) });
  assert.deepEqual([filtered.code, filtered.stdout], [0, 'Nothing listens on port 80 by the name of `x`.\n']);
  const gap = { what: '/proc/self/net/tcp', why: 'it cannot be read (EACCES)', fix: null };
  const blind = await lo(['ports'], { answers: saying({ ...report(), unseen: [gap] }) });
  assert.equal(blind.code, 3);
  assert.match(
    blind.stdout,
    /^No listener was seen, but not everything could be looked at\.\nNot seen: \/proc\/self\/net\/tcp: it cannot/,
  );
});

test('why an owner is not seen is told once for all its ports, with the command that shows them', async () => {
  const why = (port: number): string =>
    `it belongs to root; so; \`sudo env "PATH=$PATH" lo ports --port ${port}\` shows it`;
  const { stdout } = await lo(['ports'], {
    answers: saying({
      ...report(hidden('0.0.0.0', 22, why(22)), hidden('127.0.0.1', 631, why(631))),
      unseen: [{ what: 'so', why: 'so', fix: null }],
    }),
  });
  assert.match(stdout, /^ +22\/tcp +every address \(IPv4\) +unseen, of root +root$/m);
  assert.match(
    stdout,
    /The owner of 22\/tcp, 631\/tcp is not seen: it belongs to root; so; `sudo env "PATH=\$PATH" lo ports` shows it\.\n/,
  );
  assert.equal(stdout.match(/not seen/gi)?.length, 1, stdout);
});

test('--all shows what is no listener', async () => {
  const whole: PortsReport = {
    ...report(listener('127.0.0.1', 3000)),
    unix: [
      { path: '/run/docker.sock', type: 'stream', listening: true, pids: [1, 2] },
      { path: '@\u001b[2Jabstract', type: 'stream', listening: true, pids: [] },
      { path: null, type: 'stream', listening: false, pids: [3] },
    ],
    connections: [
      {
        protocol: 'tcp',
        family: 6,
        state: 'established',
        local: { address: '::1', port: 40000 },
        remote: { address: '::1', port: 3000 },
        pids: [12],
      },
    ],
    namespaces: [{ id: 'net:[4026532176]', pid: 99, name: 'unshare', listeners: [listener('0.0.0.0', 80)] }],
  };
  const { stdout } = await lo(['ports', '--all'], { answers: saying(whole) });
  assert.match(stdout, /\/run\/docker\.sock +stream +1 2\n/);
  assert.match(stdout, /and 1 unix socket that nobody can be called at/);
  assert.match(stdout, /tcp +\[::1\]:40000 +\[::1\]:3000 +established +12\n/);
  assert.match(
    stdout,
    /Network namespace net:\[4026532176\], of unshare \(pid 99\); not reached as localhost from here:\n +PORT/,
  );
});

const AT = '2026-01-02T03:04:05.678Z';
const OPENED: PortsEvent = { type: 'opened', at: AT, listener: listener('127.0.0.1', 3000) };
const CHANGED: PortsEvent = {
  type: 'changed',
  at: AT,
  before: listener('127.0.0.1', 3000),
  listener: listener('0.0.0.0', 3000, { owners: [owner(4800)] }),
};
const CLOSED: PortsEvent = {
  type: 'closed',
  at: AT,
  listener: listener('0.0.0.0', 3000, { owners: [owner(4800)] }),
};

test('--watch prints a line for each change, and documents for a script', async () => {
  const events: readonly PortsEvent[] = [
    { type: 'snapshot', at: AT, report: report(listener('::1', 80)) },
    OPENED,
    CHANGED,
    CLOSED,
  ];
  const lines = await lo(['ports', '--watch'], { answers: watching(feedOf(...events)) });
  const told = lines.stdout.split('\n').map((line) => line.replace(/^\d\d:\d\d:\d\d/, 'TIME'));
  assert.deepEqual(told.slice(-4, -1), [
    'TIME opened  3000/tcp loopback (IPv4): node (pid 4711), started by npm in ~/shop, from VS Code',
    'TIME changed 3000/tcp every address (IPv4): node (pid 4800), started by npm in ~/shop, from VS Code; before: loopback (IPv4), node (pid 4711)',
    'TIME closed  3000/tcp every address (IPv4), was node (pid 4800)',
  ]);
  assert.match(told[1] ?? '', /80\/tcp +loopback \(IPv6\)/);
  const json = await lo(['ports', '--watch', '--json'], { answers: watching(feedOf(...events)) });
  const documents = json.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as object);
  assert.deepEqual(
    documents,
    events.map((event) => ({ schema: 1, ...event })),
  );
});

test('--watch on a terminal keeps the table below its changes, and Ctrl-C ends it with 130', async () => {
  const feed = new Feed<PortsEvent>();
  const rig = new Rig(['ports', '--watch', '--no-color'], { terminal: 100, answers: watching(feed) });
  feed.push({ type: 'snapshot', at: AT, report: report(listener('::1', 80)) });
  await rig.stdout.says(/80\/tcp/);
  feed.push(OPENED, CHANGED);
  await rig.stdout.says(/changed/);
  await rig.stdout.says(/every address \(IPv4\) +node +4800/);
  const screen = new Screen(100).feed(rig.stdout.text);
  const shown = screen.lines().filter((line) => line.trim() !== '');
  assert.deepEqual(
    shown
      .filter((line) => /^ *\d+\/tcp/.test(line))
      .map((line) =>
        line
          .trim()
          .split(/\s{2,}/)
          .slice(0, 2),
      ),
    [
      ['80/tcp', 'loopback (IPv6)'],
      ['3000/tcp', 'every address (IPv4)'],
    ],
  );
  assert.equal(shown.filter((line) => / (?:opened|changed) /.test(line)).length, 2);
  rig.signal('SIGINT');
  assert.equal(await rig.ended, 130);
});

test('--watch goes on without the daemon that it asked first', async () => {
  const feeds = [
    new Feed<PortsEvent>().push({ type: 'snapshot', at: AT, report: report() }, OPENED).break(),
    feedOf<PortsEvent>({ type: 'snapshot', at: AT, report: report() }, CLOSED),
  ];
  const answers: Answers = {
    info: async () => ({ build: __LOOPYARD_BUILD__ }) as DaemonInfo,
    watchPorts: () => feeds.shift() ?? feedOf(),
  };
  const { code, stdout } = await lo(['ports', '--watch', '--plain'], { answers });
  assert.equal(code, 0);
  assert.match(stdout, /opened[\s\S]*closed/);
});

test('lo alone without a project: a few listeners, and the next step', async () => {
  const many = report(
    ...Array.from({ length: 30 }, (_, index) => listener('127.0.0.1', 3000 + index)),
    listener('0.0.0.0', 9999),
  );
  const noProject: Answers = {
    ...saying(many),
    ps: async () => {
      throw new LoopyardError('ENVIRONMENT_NOT_FOUND', { path: '/nowhere/shop' });
    },
  };
  const { code, stdout } = await lo(['--no-color'], { answers: noProject, terminal: 80 });
  assert.equal(code, 0);
  assert.match(stdout, /9999\/tcp +.*every address \(IPv4\)/);
  assert.match(stdout, /and 24 more/);
  assert.match(stdout, /lo ports +all that listens here/);
  const { listeners } = JSON.parse((await lo(['--json'], { answers: noProject })).stdout) as PortsReport;
  assert.equal(listeners.length, 31);
  const quiet = await lo([], { answers: { ...noProject, ports: async () => report() } });
  assert.match(quiet.stdout, /No TCP server listens on this machine\./);
});
