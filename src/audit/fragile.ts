/**
 * Servers that one connection ends, stops or lets go. They are known by their command line, told by it where that is enough, and nothing
 * is sent to them: a look must leave everything as it was. It must not know
 * checks.
 */

import { commandWords } from './fixes/programs.ts';
import type { Target } from './target.ts';
import { type Outcome, vulnerable } from './verdict.ts';

export interface Fragile {
  /** Of the program, as it stands in a sentence. */
  readonly name: string;
  /** What a connection does to it. */
  readonly because: string;
  /** What on its command line says so. */
  readonly told: string;
}

/** Null: it bears to be asked. */
export function fragilityOf(target: Target): Fragile | null {
  const words = commandWords(target);
  return KNOWN.find(({ says }) => says(words, target.port)) ?? null;
}

/** A debug server that is told by its command line and the table of sockets. */
export function openUnasked({ name, told, because }: Fragile): Outcome {
  return vulnerable('behavioural', [
    `its command line starts ${name} (${told})`,
    `it listens here, and was sent nothing: ${because}`,
  ]);
}

const KNOWN: readonly (Fragile & { readonly says: (words: string, port: number) => boolean })[] = [
  {
    name: 'the debug server of Java',
    because: 'it lets the program go when a debugger has come and gone',
    told: '`suspend=y`',
    says: (words, port) => {
      const [options = ''] = /-(?:agentlib:|X(?:run)?)jdwp[:=]\S*/.exec(words) ?? [];
      return /suspend=y/.test(options) && new RegExp(`address=(?:[^,\\s]*:)?${port}(?:,|$)`).test(options);
    },
  },
  {
    name: 'the debug server of Delve',
    because: 'it ends with its first client',
    told: '`dap`, or `--headless` without `--accept-multiclient`',
    says: (words) => /^dlv .*(?:\bdap\b|--headless)/.test(words) && !/--accept-multiclient/.test(words),
  },
  {
    name: 'the debug server of QEMU',
    because: 'it stops the machine for whoever connects',
    told: '`-s` or `-gdb`',
    says: (words, port) =>
      /^qemu-\S+ /.test(words) &&
      ((port === 1234 && / -s(?: |$)/.test(words)) ||
        new RegExp(` -gdb \\S*:${port}(?:,|\\s|$)`).test(words)),
  },
];
