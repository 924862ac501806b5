/**
 * A program that this command runs in its own terminal and whose exit code it passes on. It must not know why the program is run.
 */

import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { LoopyardError, reasonOf } from '../core/errors.ts';
import type { Context } from './command.ts';
import type { Variables } from './world.ts';

export interface ChildRequest {
  /** The program first; never empty. */
  readonly argv: readonly string[];
  readonly cwd: string;
  /** Complete: nothing is inherited. */
  readonly variables: Variables;
  /** Its standard output goes to our standard error: ours carries documents. */
  readonly outputAside?: boolean;
}

/** Its code, or 128 + the signal that ended it. Errors: COMMAND_MISSING (127), COMMAND_UNRUNNABLE (126). */
export async function runChild(context: Context, request: ChildRequest): Promise<number> {
  const [program = '', ...args] = request.argv;
  const child = spawn(program, args, {
    cwd: request.cwd,
    env: withOwnColours(request.variables, context),
    stdio: ['inherit', request.outputAside === true ? 2 : 'inherit', 'inherit'],
  });
  // A terminal sends Ctrl-C to the program as well; a second one from us would be taken for impatience.
  const shared = context.world.stdin.isTTY === true;
  using _ = context.interrupts.handle((signal) => {
    if (signal !== 'SIGINT' || !shared) child.kill(signal);
  });
  return await new Promise((resolve, reject) => {
    child.on('error', (error: NodeJS.ErrnoException) => reject(spawnError(program, request, error)));
    child.on('exit', (code, signal) => resolve(code ?? 128 + (constants.signals[signal ?? 'SIGKILL'] ?? 0)));
  });
}

/** Services write into files and are told to use colours all the same; this program writes where we do. */
function withOwnColours(variables: Variables, context: Context): Record<string, string> {
  const { FORCE_COLOR: wished } = context.variables;
  const { FORCE_COLOR: given, ...rest } = variables;
  if (given === undefined || (given === '1' && wished === undefined)) return rest;
  return { ...rest, FORCE_COLOR: wished ?? given };
}

function spawnError(program: string, request: ChildRequest, error: NodeJS.ErrnoException): LoopyardError {
  const where = program.includes('/') ? request.cwd : 'node_modules/.bin and on PATH';
  return error.code === 'ENOENT'
    ? new LoopyardError('COMMAND_MISSING', { command: program, where }, [], error)
    : new LoopyardError('COMMAND_UNRUNNABLE', { command: program, reason: reasonOf(error) }, [], error);
}
