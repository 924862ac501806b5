/** The world of a `lo` that was started from a shell. Tests have their own; nothing else may read `process` for commands. */

import { connectWorkbench } from '../client/connect.ts';
import { seesTheSame } from '../client/same-view.ts';
import type { World } from './world.ts';

export function realWorld(): World {
  return {
    argv: process.argv.slice(2),
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    variables: definedOnly(process.env),
    directory: workingDirectory(),
    pid: process.pid,
    version: __LOOPYARD_VERSION__,
    now: Date.now,
    connect: connectWorkbench,
    seesTheSame,
    onSignal: (signal, handler) => {
      process.on(signal, handler);
      return { [Symbol.dispose]: () => process.off(signal, handler) };
    },
  };
}

/** PWD keeps the way a person went through symlinks; a directory that was deleted meanwhile has no other name left. */
function workingDirectory(): string {
  try {
    return process.cwd();
  } catch {
    return process.env.PWD ?? '/';
  }
}

function definedOnly(variables: NodeJS.ProcessEnv): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(variables)) if (value !== undefined) kept[name] = value;
  return kept;
}
