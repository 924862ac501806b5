/**
 * The other managers: how each is found, told its services, started and stopped the way its users do. Those from npm are put into
 * build/bench-peers, nothing else of the machine is changed. One that is not there is told as "not installed", never guessed.
 */

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, join } from 'node:path';
import { at } from '../lib/root.mjs';

const STORE = at('build/bench-peers');
const FROM_NPM = ['concurrently', 'pm2', 'foreman', 'mprocs', 'fkill-cli', 'http-proxy'];
const FROM_DEBIAN = ['tmux', 'ruby-foreman', 'overmind', 'iproute2', 'net-tools', 'lsof'];

/** Installs what can be had: from npm into build/bench-peers; with `debian`, which needs root, also Debian's packages. */
export function installPeers({ debian }) {
  const missing = FROM_NPM.filter((name) => !existsSync(join(STORE, 'node_modules', name)));
  if (missing.length > 0) {
    mkdirSync(STORE, { recursive: true });
    // npm looks for a package.json above otherwise, and would find ours.
    writeFileSync(join(STORE, 'package.json'), '{ "private": true }\n');
    const flags = ['--no-save', '--no-audit', '--no-fund', '--loglevel=error', '--prefix', STORE];
    spawnSync('npm', ['install', ...flags, ...FROM_NPM], { stdio: 'inherit' });
  }
  // One by one: a name that this Debian lacks must not keep the others away.
  if (debian)
    for (const name of FROM_DEBIAN) spawnSync('apt-get', ['install', '-y', name], { stdio: 'ignore' });
}

/**
 * A peer: `start(sandbox, services)` gives {program, args, cwd, env, tty?, before?, quit}: what to spawn, what must run before (its
 * daemon), and how it is ended: {signal} | {keys} | {run: args}.
 */
const PEERS = [
  {
    name: 'overmind',
    find: () => onPath('overmind'),
    version: ['--version'],
    start: (program, directory, services) => {
      const socket = join(directory, 'overmind.sock');
      const args = ['start', '-f', procfile(directory, services), '-s', socket, '--no-port'];
      return { program, args, quit: { signal: 'SIGINT' } };
    },
  },
  {
    name: 'mprocs',
    find: mprocsBinary,
    version: ['--version'],
    start: (program, directory, services) => {
      const procs = Object.fromEntries(services.map(({ name, argv }) => [name, { cmd: argv }]));
      const file = write(directory, 'mprocs.json', JSON.stringify({ procs }));
      // It draws on a terminal: `script` gives it one.
      const inside = `stty rows 40 cols 120; exec ${program} -c ${file}`;
      return { program: 'script', args: ['-qfec', inside, '/dev/null'], keys: true, quit: { keys: 'q' } };
    },
  },
  {
    name: 'foreman',
    find: () => onPath('foreman', (text) => text.includes('ruby')),
    version: ['version'],
    start: (program, directory, services) => ({
      program,
      args: ['start', '-f', procfile(directory, services)],
      quit: { signal: 'SIGINT' },
    }),
  },
  {
    name: 'nf',
    find: () => ofNpm('nf'),
    version: ['--version'],
    start: (program, directory, services) => ({
      program,
      args: ['start', '-j', procfile(directory, services)],
      quit: { signal: 'SIGINT' },
    }),
  },
  {
    name: 'concurrently',
    find: () => ofNpm('concurrently'),
    version: ['--version'],
    start: (program, _directory, services) => ({
      program,
      args: ['--raw', ...services.map(({ argv }) => argv.join(' '))],
      quit: { signal: 'SIGTERM' },
    }),
  },
  {
    name: 'pm2',
    find: () => ofNpm('pm2'),
    version: ['--version'],
    start: (program, directory, services) => {
      const apps = services.map(({ name, argv }) => ({
        name,
        script: argv[0],
        args: argv.slice(1),
        interpreter: 'none',
        autorestart: false,
        out_file: join(directory, `${name}.log`),
        error_file: join(directory, `${name}.err.log`),
      }));
      return {
        program,
        args: ['start', write(directory, 'pm2.json', JSON.stringify({ apps }))],
        env: { PM2_HOME: join(directory, 'pm2') },
        before: ['ping'],
        quit: { run: ['delete', 'all'] },
        after: ['kill'],
      };
    },
  },
];

/** Every peer with its program and version; `program` is null when it is not installed. */
export function findPeers(names) {
  return PEERS.filter(({ name }) => names.includes(name)).map((peer) => {
    const program = peer.find();
    return { ...peer, program, version: program === null ? null : versionOf(program, peer.version) };
  });
}

function versionOf(program, args) {
  // pm2 starts its daemon for a mere version, in a home of its own choice: its package knows as well.
  const file = join(STORE, 'node_modules/pm2/package.json');
  if (program.endsWith('/pm2') && existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')).version;
  const { stdout } = spawnSync(program, args, { encoding: 'utf8' });
  return /\d+\.\d+\.\d+/.exec(stdout ?? '')?.[0] ?? 'unknown version';
}

export function onPath(name, fits = () => true) {
  for (const directory of (process.env.PATH ?? '').split(delimiter)) {
    const path = join(directory, name);
    if (existsSync(path) && fits(readFileSync(path, 'latin1').slice(0, 200))) return path;
  }
  return null;
}

export function ofNpm(name) {
  const path = join(STORE, 'node_modules/.bin', name);
  return existsSync(path) ? path : onPath(name);
}

/** The file to import; null: it is not installed. */
export function moduleOfNpm(name) {
  const folder = join(STORE, 'node_modules', name);
  return existsSync(folder) ? createRequire(join(STORE, 'package.json')).resolve(name) : null;
}

/** The binary itself: npm's wrapper would add the start of a Node to it. */
function mprocsBinary() {
  const folder = join(STORE, 'node_modules/mprocs');
  const kind = { x64: 'x86_64', arm64: 'aarch64' }[process.arch];
  const version = existsSync(folder)
    ? JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).version
    : '';
  const path = join(folder, `mprocs-${version}-linux-${kind}-musl`, 'mprocs');
  return existsSync(path) ? path : onPath('mprocs');
}

/** `exec`: without it each would have a shell more, which is the user's choice, not the peer's. */
function procfile(directory, services) {
  const lines = services.map(({ name, argv }) => `${name}: exec ${argv.join(' ')}\n`);
  return write(directory, 'Procfile', lines.join(''));
}

function write(directory, name, text) {
  const path = join(directory, name);
  writeFileSync(path, text);
  return path;
}
