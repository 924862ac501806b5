/**
 * The table of every error that a person can cause or meet: code, message, next step, exit code, HTTP status. It must not know who
 * throws an error, who prints it or where it travels.
 */

import type { ErrorRow } from './error-row.ts';
import { LINK_ERRORS } from './link-errors.ts';

export type { ErrorRow } from './error-row.ts';

/** The one table. The reference page and the tests are generated from it; keep it sorted by code (rows of one subject may lie in a file of their own). */
export const ERRORS = {
  ADDRESS_UNAVAILABLE: {
    message: 'the address {address} cannot be used on this machine: {reason}',
    hint: 'run `lo doctor` to see which loopback addresses can be bound here',
    exit: 3,
    status: 500,
  },
  AUDIT_BASELINE_INVALID: {
    message: '{count} in {file}',
    hint: 'correct the places marked above; `lo audit --accept REASON` writes entries that are right',
    exit: 2,
    status: 422,
  },
  AUDIT_NOTHING: {
    message: 'there is nothing to audit: {reason}',
    hint: '{fix}',
    exit: 3,
    status: 404,
  },
  AUDIT_REFUSED: {
    message: '{target} is not audited: {reason}',
    hint: 'only servers on loopback addresses of this machine are looked at, spelled in full: `lo audit 3000`, `lo audit 127.0.0.1:3000`',
    exit: 2,
    status: 403,
  },
  COMMAND_MISSING: {
    message: 'the command `{command}` was not found',
    hint: 'check its spelling, or install it; looked in {where}',
    exit: 127,
    status: 422,
  },
  COMMAND_NOT_FOUND: {
    message: 'service {service}: the command `{command}` was not found',
    hint: 'install it or correct `run:`; looked in node_modules/.bin upwards from {cwd} and on PATH',
    exit: 2,
    status: 422,
  },
  COMMAND_UNRUNNABLE: {
    message: 'the command `{command}` cannot be run: {reason}',
    hint: 'check that it is a program and that you may execute it',
    exit: 126,
    status: 422,
  },
  CONFIG_AMBIGUOUS: {
    message: 'both {first} and {second} are in {directory}',
    hint: 'remove one of the two, or name one with -f FILE',
    exit: 2,
    status: 409,
  },
  CONFIG_EXISTS: {
    message: '{file} exists already',
    hint: 'edit it, or remove it first; `lo init` never overwrites a file',
    exit: 2,
    status: 409,
  },
  CONFIG_FOREIGN: {
    message: '{file} belongs to user {owner}, and neither to you nor to the owner of {directory}',
    hint: 'its commands would run as you: read it, then name it with -f {file} if you trust it',
    exit: 2,
    status: 403,
  },
  CONFIG_INVALID: {
    message: '{count} in {file}',
    hint: 'correct the places marked above; `lo schema` prints what is allowed',
    exit: 2,
    status: 422,
  },
  CONFIG_NOT_FOUND: {
    message: 'no loopyard.yaml in {directory} or above',
    hint: 'run `lo init` to write one from package.json or a Procfile, or name a file with -f FILE',
    exit: 2,
    status: 404,
  },
  CONFIG_UNREADABLE: {
    message: 'cannot read {file}: {reason}',
    hint: 'check that the file exists and that you may read it',
    exit: 2,
    status: 422,
  },
  CWD_UNREADABLE: {
    message: 'service {service}: cannot enter its directory {cwd}: {reason}',
    hint: 'correct `cwd:` or its permissions',
    exit: 2,
    status: 422,
  },
  DAEMON_START_FAILED: {
    message: 'the daemon did not start: {reason}',
    hint: 'read {log}, then run `lo doctor`',
    exit: 3,
    status: 500,
  },
  DAEMON_UNREACHABLE: {
    message: 'lost the daemon: {reason}',
    hint: 'run the command again: it starts a daemon that adopts what runs; its log is {log}',
    exit: 3,
    status: 503,
  },
  ENVIRONMENT_BUSY: {
    message: 'the environment {environment} is being {doing} by another command',
    hint: 'wait for it, or see it with `lo ps`',
    exit: 3,
    status: 409,
  },
  ENVIRONMENT_NOT_FOUND: {
    message: 'nothing is known about an environment at {path}',
    hint: 'start it with `lo up`; `lo ls` lists all environments',
    exit: 2,
    status: 404,
  },
  ENV_FILE_UNREADABLE: {
    message: 'service {service}: cannot read the env-file {file}: {reason}',
    hint: 'create the file or remove it from `env-file:`',
    exit: 2,
    status: 422,
  },
  FILE_EXISTS: {
    message: '{file} exists already',
    hint: 'name another file, or overwrite it with --force',
    exit: 2,
    status: 409,
  },
  INTERNAL: {
    message: 'a bug in Loopyard: {reason}',
    hint: 'please report it with the stack trace above and the output of `lo doctor --json`',
    exit: 3,
    status: 500,
  },
  INTERPOLATION_FAILED: {
    message: 'service {service}: {reason}',
    hint: 'set the variable, give a default with ${env.NAME:-default}, or correct the name',
    exit: 2,
    status: 422,
  },
  KILL_REFUSED: {
    message: 'nothing on {place} is ended: {reason}',
    hint: '{fix}',
    exit: 3,
    status: 403,
  },
  NAME_TAKEN: {
    message: 'the name {name} is held by {holder}',
    hint: '{fix}',
    exit: 3,
    status: 409,
  },
  NAME_UNKNOWN: {
    message: 'there is no alias named {name}',
    hint: '{fix}',
    exit: 2,
    status: 404,
  },
  NEEDS_CONFIRMATION: {
    message: '{action} needs a yes, and there is no terminal to ask on',
    hint: 'repeat the command with --yes',
    exit: 2,
    status: 400,
  },
  NOTHING_LISTENS: {
    message: 'nothing listens on {place}{more}',
    hint: 'run `{next}`',
    exit: 1,
    status: 404,
  },
  NOT_READY: {
    message: '{count} not ready: {services}',
    hint: 'see why with `lo ps` and `lo logs {first}`',
    exit: 1,
    status: 409,
  },
  NO_ADDRESSES_LEFT: {
    message: 'no free block of loopback addresses is left in 127.64.0.0/10',
    hint: 'free some with `lo clean`, or `lo down --forget` in checkouts that are no longer needed',
    exit: 3,
    status: 507,
  },
  NO_CLIENT: {
    message: 'service {service} has no client to connect with',
    hint: 'use `lo exec {service} -- CMD`; recipes such as postgres and redis bring a client',
    exit: 2,
    status: 422,
  },
  NO_ENDPOINT: {
    message: 'service {service} has no {what} endpoint',
    hint: '{fix}',
    exit: 2,
    status: 422,
  },
  NO_SERVICES: {
    message: 'nothing to run: no services were found in {directory}',
    hint: 'write a loopyard.yaml (see `lo schema`), or run one command with `lo run -- CMD`',
    exit: 2,
    status: 422,
  },
  OUTPUT_FAILED: {
    message: 'cannot write {file}: {reason}',
    hint: 'free some space or correct the permissions, then run the command again',
    exit: 3,
    status: 507,
  },
  PLATFORM_UNSUPPORTED: {
    message: '{what} is not available on {platform}',
    hint: 'see the platform table in the README',
    exit: 3,
    status: 501,
  },
  PORT_HELD: {
    message: 'service {service}: {address}:{port} is held by {holder}',
    hint: '{fix}',
    exit: 3,
    status: 409,
  },
  PORT_HELD_WIDE: {
    message:
      'service {service}: port {port} is taken on every loopback address by {holder}, which listens on {wildcard}',
    hint: 'stop {holder}, make it listen on one address, or let {service} obey PORT so that it can move to a leased port',
    exit: 3,
    status: 409,
  },
  PROGRAM_MISSING: {
    message: 'service {service}: the recipe {recipe} needs the program `{program}`',
    hint: '{fix}',
    exit: 3,
    status: 422,
  },
  READER_TOO_SLOW: {
    message: 'the reader of a stream fell {count} documents behind and was dropped',
    hint: 'ask again, and read what comes: a stream of changes begins with a snapshot',
    exit: 3,
    status: 503,
  },
  RECIPE_UNKNOWN: {
    message: 'there is no recipe named {recipe}',
    hint: '{fix}',
    exit: 2,
    status: 422,
  },
  REQUEST_INVALID: {
    message: 'the request is not understood: {reason}',
    hint: 'the command and the daemon may differ in version: run `lo daemon stop` and try again',
    exit: 2,
    status: 400,
  },
  RESET_REFUSED: {
    message: 'the data of {service} lies in {path}, which {reason}; nothing was removed',
    hint: 'remove by hand what should go, or give the service a directory of its own with `data:`',
    exit: 2,
    status: 409,
  },
  SERVICE_FAILED: {
    message: 'service {service} failed: {reason}',
    hint: 'its output is in {log}',
    exit: 1,
    status: 409,
  },
  SERVICE_UNKNOWN: {
    message: 'there is no service named {service}',
    hint: '{fix}',
    exit: 2,
    status: 404,
  },
  SHARE_REFUSED: {
    message: 'nothing is shared: {reason}',
    hint: '{fix}',
    exit: 2,
    status: 400,
  },
  SETUP_FAILED: {
    message: 'could not {what}: {reason}',
    hint: '{fix}',
    exit: 3,
    status: 500,
  },
  SOCKETS_UNREADABLE: {
    message: 'could not look at all sockets: {what}: {reason}',
    hint: 'run `lo doctor` to see what this machine does not show',
    exit: 3,
    status: 500,
  },
  SPAWN_FAILED: {
    message: 'service {service}: could not be started: {reason}',
    hint: 'check memory, process limits (`ulimit -u`) and free disk space, then `lo start {service}`',
    exit: 3,
    status: 500,
  },
  STATE_UNREADABLE: {
    message: 'the state file {file} was torn or written by a newer version; it was set aside as {aside}',
    hint: 'nothing running is lost; delete the file set aside when it is no longer needed',
    exit: 3,
    status: 500,
  },
  STATE_UNWRITABLE: {
    message: 'cannot write the state in {directory}: {reason}',
    hint: 'free some space, correct its permissions, or set LOOPYARD_HOME to a directory that can be written',
    exit: 3,
    status: 507,
  },
  SUBJECT_INVALID: {
    message: '`{subject}` is not a place that can be looked at: {reason}',
    hint: '{fix}',
    exit: 2,
    status: 400,
  },
  TRUST_INCOMPLETE: {
    message: 'the certificate of this home could not be {done} everywhere: {store}: {reason}',
    hint: '{fix}',
    exit: 3,
    status: 500,
  },
  USAGE: {
    message: '{reason}',
    hint: '{fix}',
    exit: 2,
    status: 400,
  },
  USER_SWITCH_UNAVAILABLE: {
    message:
      'service {service}: {program} refuses to run as root, and no way to run it as another user works here',
    hint: '{fix}',
    exit: 3,
    status: 422,
  },
  ...LINK_ERRORS,
} as const satisfies Record<string, ErrorRow>;
