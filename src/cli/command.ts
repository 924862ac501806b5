/**
 * What a command is, and what it is given to work with. It must not know which commands there are (`commands/all.ts`).
 */

import type { Target, Workbench } from '../core/api.ts';
import type { CommandPage } from '../generate/command-page.ts';
import type { Args } from './args.ts';
import type { Interrupts } from './interrupts.ts';
import type { Printer } from './printer/printer.ts';
import type { Variables, World } from './world.ts';

/** The part of a command that only its own chunk holds; name, group and summary stand in the list of all. */
export interface Command extends Omit<CommandPage, 'name' | 'group' | 'summary'> {
  /** False: `connect` must not be called, so that it works where no daemon can run. */
  readonly needsDaemon: boolean;
  /** Gives the exit code: 0 good, 1 the answer is no; everything else is thrown. */
  run(context: Context): Promise<number>;
}

export interface CommandRow extends Pick<CommandPage, 'name' | 'group' | 'summary'> {
  /** Its exit code is that of the program it runs; its own failures are 125. */
  readonly passesCode?: true;
  load(): Promise<Command>;
}

export interface Context {
  readonly args: Args;
  /** All commands that there are. */
  readonly commands: readonly CommandRow[];
  readonly printer: Printer;
  /** Results that make room for a program's own output: everything goes to standard error. */
  readonly aside: Printer;
  readonly interrupts: Interrupts;
  readonly world: World;
  /** `--json` */
  readonly json: boolean;
  readonly directory: string;
  readonly variables: Variables;
  /** The environment that the command line means. */
  readonly target: Target;
  /** Starts a daemon when there is none. */
  connect(): Promise<Workbench>;
  connectIfRunning(): Promise<Workbench | null>;
  /** Somebody sits there who can be asked. */
  readonly canAsk: boolean;
  /** Errors: NEEDS_CONFIRMATION when nobody can be asked and no `--yes` was given. */
  confirm(action: string, question: string): Promise<boolean>;
}
