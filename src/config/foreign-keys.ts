/**
 * Keys that people know from other tools' files, and what they are called here. It must not know where they were found.
 */

export interface ForeignKey {
  readonly hint: string;
  /** Our key that says the same. */
  readonly meant: string | undefined;
}

export function foreignKey(key: string): ForeignKey | undefined {
  const row = Object.hasOwn(KEYS, key) ? KEYS[key] : undefined;
  if (row === undefined) return undefined;
  const [meant, words] = row;
  if (words === undefined) return { hint: `it is called \`${meant}:\` here`, meant };
  return { hint: words.startsWith(':') ? `it is called \`${meant}:\` here${words}` : words, meant };
}

/** Foreign key -> our key, and words behind "it is called `key:` here" (after a colon) or instead of it. */
const KEYS: Readonly<Record<string, readonly [meant: string | undefined, words?: string]>> = {
  args: [undefined, 'put the arguments behind the command in `run:`'],
  build: ['run', 'there are no containers here: build before, or as a service with `task: true`'],
  cmd: ['run'],
  command: ['run'],
  container_name: [undefined, 'a service is known by its key under `services:`'],
  depends_on: ['needs', ': `needs: [db]`, or `needs: { db: ready }`'],
  dependsOn: ['needs', ': `needs: [db]`, or `needs: { db: ready }`'],
  dir: ['cwd'],
  directory: ['cwd'],
  entrypoint: ['run'],
  env_file: ['env-file'],
  environment: ['env'],
  envFile: ['env-file'],
  expose: ['port', ': `port: 3000`, or `port: { http: 3000, metrics: 9100 }`'],
  healthcheck: ['ready', ': `ready: { http: /healthz }`, or `ready: { exec: CMD }`'],
  hostname: [undefined, 'a service is reachable as `<service>.<project>.localhost`'],
  image: [
    'run',
    'there are no containers here yet: use a recipe (`use: postgres`) or run the program itself (`run:`)',
  ],
  networks: [undefined, 'every service has an address of its own; there is nothing to set up'],
  ports: ['port', ': `port: 3000`, or `port: { http: 3000, metrics: 9100 }`'],
  processes: ['services'],
  readiness_probe: ['ready', ': `ready: { http: /healthz }`, or `ready: { exec: CMD }`'],
  script: ['run'],
  stop_grace_period: ['stop', ': `stop: { grace: 10s }`'],
  stop_signal: ['stop', ': `stop: { signal: SIGINT }`'],
  tasks: [undefined, 'a task is a service with `task: true`'],
  version: [undefined, 'a config has no version; remove the line'],
  volumes: [undefined, 'a recipe keeps its data by itself; `data: PATH` says where'],
  working_dir: ['cwd'],
};
