/** Everything that is known about the commands without running one: for help, completion and the reference page. */

import type { CommandPage } from '../generate/command-page.ts';
import type { Command, CommandRow } from './command.ts';

/** Loads every command. In the order of the rows. */
export async function allPages(rows: readonly CommandRow[]): Promise<readonly CommandPage[]> {
  return await Promise.all(rows.map(async (row) => pageOf(row, await row.load())));
}

export function pageOf(row: CommandRow, command: Command): CommandPage {
  const { usage, description, positionals, options, rest, examples, exits } = command;
  const { name, group, summary } = row;
  return { name, group, summary, usage, description, positionals, options, rest, examples, exits };
}
