/** The one list of commands, in the order of the help. Each is loaded only when it is called. */

import type { CommandRow } from '../command.ts';

export const COMMANDS: readonly CommandRow[] = [
  {
    name: 'init',
    group: 'run',
    summary: 'Write a loopyard.yaml from what lies in this directory',
    load: async () => (await import('./init.ts')).init,
  },
  {
    name: 'up',
    group: 'run',
    summary: 'Start the services and follow their logs until Ctrl-C',
    load: async () => (await import('./up.ts')).up,
  },
  {
    name: 'down',
    group: 'run',
    summary: 'Stop the services in reverse order of their needs',
    load: async () => (await import('./down.ts')).down,
  },
  {
    name: 'ps',
    group: 'run',
    summary: 'Show the services of this environment',
    load: async () => (await import('./ps.ts')).ps,
  },
  {
    name: 'ls',
    group: 'run',
    summary: 'List all environments of this machine’s user',
    load: async () => (await import('./ls.ts')).ls,
  },
  {
    name: 'start',
    group: 'run',
    summary: 'Start services with all that they need',
    load: async () => (await import('./start.ts')).start,
  },
  {
    name: 'stop',
    group: 'run',
    summary: 'Stop the named services and nothing else',
    load: async () => (await import('./stop.ts')).stop,
  },
  {
    name: 'restart',
    group: 'run',
    summary: 'Stop and start services, with the config read again',
    load: async () => (await import('./restart.ts')).restart,
  },
  {
    name: 'logs',
    group: 'run',
    summary: 'Print what services wrote',
    load: async () => (await import('./logs.ts')).logs,
  },
  {
    name: 'run',
    group: 'run',
    summary: 'Run one command or recipe without a config file',
    passesCode: true,
    load: async () => (await import('./run.ts')).run,
  },
  {
    name: 'test',
    group: 'run',
    summary: 'Start everything, run a command, take everything down',
    passesCode: true,
    load: async () => (await import('./test.ts')).test,
  },
  {
    name: 'env',
    group: 'run',
    summary: 'Print the variables that a service is given',
    load: async () => (await import('./env.ts')).env,
  },
  {
    name: 'exec',
    group: 'run',
    summary: 'Run a command with the variables and directory of a service',
    passesCode: true,
    load: async () => (await import('./exec.ts')).exec,
  },
  {
    name: 'connect',
    group: 'run',
    summary: 'Open a service’s own client, such as psql',
    load: async () => (await import('./connect.ts')).connect,
  },
  {
    name: 'reset',
    group: 'run',
    summary: 'Stop a service and wipe its data',
    load: async () => (await import('./reset.ts')).reset,
  },
  {
    name: 'open',
    group: 'run',
    summary: 'Open a service in the browser',
    load: async () => (await import('./open.ts')).open,
  },
  {
    name: 'clean',
    group: 'run',
    summary: 'Free what environments hold whose checkout is gone',
    load: async () => (await import('./clean.ts')).clean,
  },
  {
    name: 'ports',
    group: 'explain',
    summary: 'List every listener, its owner, and who can reach it',
    load: async () => (await import('./ports.ts')).ports,
  },
  {
    name: 'why',
    group: 'explain',
    summary: 'Say what is on a port, and why it cannot be had',
    load: async () => (await import('./why.ts')).why,
  },
  {
    name: 'explain',
    group: 'explain',
    summary: 'Say what an address, a name or a port is',
    load: async () => (await import('./explain.ts')).explain,
  },
  {
    name: 'kill',
    group: 'explain',
    summary: 'End what listens on a port, and nothing else',
    load: async () => (await import('./kill.ts')).kill,
  },
  {
    name: 'doctor',
    group: 'explain',
    summary: 'Check what works on this machine, and what does not',
    load: async () => (await import('./doctor.ts')).doctor,
  },
  {
    name: 'schema',
    group: 'write',
    summary: 'Print the JSON Schema of loopyard.yaml',
    load: async () => (await import('./schema.ts')).schema,
  },
  {
    name: 'completion',
    group: 'write',
    summary: 'Print the completion script of a shell',
    load: async () => (await import('./completion.ts')).completion,
  },
  {
    name: 'daemon',
    group: 'serve',
    summary: 'Run, show or end the daemon',
    load: async () => (await import('./daemon.ts')).daemon,
  },
];
