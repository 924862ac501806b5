/**
 * One command line from words to exit code: finds the command, parses, runs, shows what went wrong. It must not know what commands
 * do, nor end the process.
 */

import { LoopyardError } from '../core/errors.ts';
import { SCHEMA_VERSION } from '../core/status.ts';
import { suggest } from '../core/suggest.ts';
import type { CommandPage } from '../generate/command-page.ts';
import { type Args, parseCommandLine, parseGlobals, type Split, splitCommand } from './args.ts';
import type { CommandRow } from './command.ts';
import { makeContext, type Surroundings } from './context.ts';
import { printFailure } from './failure.ts';
import { Interrupts } from './interrupts.ts';
import { pageOf } from './pages.ts';
import { lookOf } from './printer/look.ts';
import { Printer } from './printer/printer.ts';
import type { World } from './world.ts';

/** The exit code. Everything that was written is out, or nobody reads it. */
export async function run(world: World, commands: readonly CommandRow[]): Promise<number> {
  const split = splitCommand(world.argv);
  const flags = {
    plain: split.words.includes('--plain'),
    noColor: split.words.includes('--no-color'),
  };
  const printer = new Printer(
    world.stdout,
    world.stderr,
    lookOf(world.stdout, world.variables, flags),
    lookOf(world.stderr, world.variables, flags),
  );
  using interrupts = new Interrupts(world);
  const code = await Promise.race([
    carryOut(split, { world, printer, interrupts, commands }),
    interrupts.unhandled,
    // Whoever read us has seen enough.
    printer.readerGone.then(() => 0),
  ]);
  await printer.finish();
  return code;
}

async function carryOut(split: Split, around: Surroundings): Promise<number> {
  let passesCode = false;
  try {
    if (split.name === null) return await bare(parseGlobals(split), around);
    if (split.name === 'help') return await help(split, around);
    if (split.name === COMPLETE) return await complete(around);
    const row = findCommand(split.name, around.commands);
    passesCode = row.passesCode === true;
    const command = await row.load();
    const page = pageOf(row, command);
    const args = parseCommandLine(split, page);
    if (args.flag('help')) return await showPage(around.printer, page, args.flag('json'));
    if (args.flag('version')) return showVersion(around, args.flag('json'));
    return await command.run(await makeContext(args, around, command.needsDaemon));
  } catch (error) {
    return printFailure(around.printer, error, { json: split.words.includes('--json'), passesCode });
  }
}

/** Asked by the completion scripts for what only the directory knows; no command for people. */
const COMPLETE = '__complete';

async function complete({ world, printer, commands }: Surroundings): Promise<number> {
  const [, what, name, ...words] = world.argv;
  if (what === 'line') {
    const command = await commands.find((row) => row.name === name)?.load();
    const { linkCompletions } = await import('./complete-links.ts');
    if (command !== undefined) printer.lines(await linkCompletions(world, name ?? '', command, words));
    return 0;
  }
  const { serviceNames } = await import('./complete.ts');
  printer.lines(await serviceNames(world));
  return 0;
}

async function bare(args: Args, around: Surroundings): Promise<number> {
  if (args.flag('version')) return showVersion(around, args.flag('json'));
  if (args.flag('help')) return await showList(around, args.flag('json'));
  const { welcome } = await import('./welcome.ts');
  return await welcome(await makeContext(args, around, true));
}

async function help(split: Split, around: Surroundings): Promise<number> {
  const args = parseCommandLine(split, {
    name: 'help',
    usage: ['[COMMAND]'],
    options: [],
    positionals: [{ name: 'COMMAND', summary: '', count: 'optional', complete: [] }],
    rest: null,
  });
  const [name] = args.positionals;
  if (name === undefined) return await showList(around, args.flag('json'));
  const row = findCommand(name, around.commands);
  return await showPage(around.printer, pageOf(row, await row.load()), args.flag('json'));
}

/** Errors: USAGE. */
function findCommand(name: string, commands: readonly CommandRow[]): CommandRow {
  const row = commands.find((candidate) => candidate.name === name);
  if (row !== undefined) return row;
  const near = suggest(name, ['help', ...commands.map((candidate) => candidate.name)]);
  const fix = near === undefined ? 'run `lo help` to see all commands' : `did you mean \`lo ${near}\`?`;
  throw new LoopyardError('USAGE', { reason: `there is no command \`${name}\``, fix });
}

async function showList({ printer, commands }: Surroundings, json: boolean): Promise<number> {
  if (json) {
    const rows = commands.map(({ name, group, summary }) => ({ name, group, summary }));
    printer.document({ schema: SCHEMA_VERSION, commands: rows });
  } else {
    const { printCommandList } = await import('./help.ts');
    printCommandList(printer, commands);
  }
  return 0;
}

async function showPage(printer: Printer, page: CommandPage, json: boolean): Promise<number> {
  if (json) printer.document({ schema: SCHEMA_VERSION, command: page });
  else {
    const { printCommandPage } = await import('./help.ts');
    printCommandPage(printer, page);
  }
  return 0;
}

function showVersion({ printer, world }: Surroundings, json: boolean): number {
  if (json) printer.document({ schema: SCHEMA_VERSION, version: world.version });
  else printer.line(world.version);
  return 0;
}
