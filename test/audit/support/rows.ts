/** Fixtures of one check, each a line: kind, name, and how it is started. */

import type { Fixture } from './score.ts';

type Row = (name: string, start: Fixture['start'], inspect?: Fixture['inspect']) => Fixture;

export function rowsOf(check: string): { readonly vulnerable: Row; readonly safe: Row; readonly alike: Row } {
  const row =
    (kind: Fixture['kind']): Row =>
    (name, start, inspect) => ({ check, kind, name, start, ...(inspect === undefined ? {} : { inspect }) });
  return { vulnerable: row('vulnerable'), safe: row('safe'), alike: row('look-alike') };
}
