/**
 * How output may look on a given stream: colours or none, symbols or ASCII, redrawn or append-only. Decided once from the stream,
 * the variables and the flags. It must not write.
 */

import type { Output, Variables } from '../world.ts';

export interface Look {
  readonly colors: boolean;
  /** Lines may be redrawn in place. */
  readonly live: boolean;
  /** Symbols outside ASCII. */
  readonly unicode: boolean;
  /** Columns to fit into; Infinity when nobody's screen is known. */
  width(): number;
  height(): number;
}

export interface LookFlags {
  readonly plain: boolean;
  readonly noColor: boolean;
}

export function lookOf(output: Output, variables: Variables, flags: LookFlags): Look {
  const terminal = output.isTTY === true;
  const dumb = variables.TERM === 'dumb';
  return {
    colors: !flags.plain && !flags.noColor && wantsColors(variables, terminal && !dumb),
    live: terminal && !dumb && !flags.plain,
    unicode: !flags.plain && !dumb && speaksUnicode(variables),
    width: () => (terminal ? columnsOf(output) : Number.POSITIVE_INFINITY),
    height: () => (terminal ? rowsOf(output) : Number.POSITIVE_INFINITY),
  };
}

/** A terminal that does not know its size says 0. */
export function columnsOf(output: Output): number {
  return output.columns || 80;
}

export function rowsOf(output: Output): number {
  return output.rows || 24;
}

/** NO_COLOR is somebody's wish, FORCE_COLOR mostly a tool's: the wish wins. */
function wantsColors(variables: Variables, terminal: boolean): boolean {
  if ((variables.NO_COLOR ?? '') !== '') return false;
  const { FORCE_COLOR: force } = variables;
  if (force === '0' || force === 'false') return false;
  return force !== undefined || terminal;
}

/** As the C library reads a locale: the first of the three that is set and not empty. */
function speaksUnicode(variables: Variables): boolean {
  const locale = [variables.LC_ALL, variables.LC_CTYPE, variables.LANG].find(
    (value) => value !== undefined && value !== '',
  );
  return locale !== undefined && /utf-?8/i.test(locale);
}
