/** Puts the program together: the real world and all commands. Apart from `main.ts`, so that `--version` loads none of it. */

import { COMMANDS } from './commands/all.ts';
import { realWorld } from './real-world.ts';
import { run } from './run.ts';

/** The exit code. */
export function start(): Promise<number> {
  return run(realWorld(), COMMANDS);
}
