/** Proxy variables that would send requests for this very machine elsewhere. */

import { type Check, ok, warn } from '../check.ts';
import { PROXY_VARIABLES } from '../own.ts';

const FIX = [
  'export NO_PROXY="${NO_PROXY:+$NO_PROXY,}localhost,.localhost,127.0.0.0/8,127.0.0.1,::1"',
  'export no_proxy="$NO_PROXY"',
].join('\n');

export const proxy: Check = {
  id: 'proxy',
  title: 'Proxy variables',
  group: 'node',
  examine({ own }) {
    const variables = own.variables();
    const set = PROXY_VARIABLES.filter((name) => (variables[name] ?? '') !== '');
    if (set.length === 0) return ok('none is set');
    // Some programs read the one, some the other: what is missing in either is missing for somebody.
    const lists = [variables.NO_PROXY, variables.no_proxy].filter((value) => value !== undefined);
    const missing = WANTED.filter(
      ({ covers }) => lists.length === 0 || !lists.every((list) => entriesOf(list).some(covers)),
    );
    if (missing.length === 0) return ok(`${set.join(', ')} set, and NO_PROXY leaves localhost out`);
    const names = missing.map(({ name }) => name).join(', ');
    return warn(
      `${set.join(', ')} set, but NO_PROXY does not name ${names}: programs may ask the proxy for services of this machine`,
      FIX,
    );
  },
};

interface Wanted {
  readonly name: string;
  covers(entry: string): boolean;
}

const WANTED: readonly Wanted[] = [
  { name: 'localhost', covers: (entry) => entry === '*' || entry === 'localhost' },
  { name: '.localhost', covers: (entry) => ['*', '.localhost', '*.localhost', 'localhost'].includes(entry) },
  {
    name: '127.0.0.0/8',
    covers: (entry) => entry === '*' || entry === '127.0.0.0/8' || /^127\.(?:\*)?$/.test(entry),
  },
  { name: '::1', covers: (entry) => ['*', '::1', '[::1]', '::1/128'].includes(entry) },
];

function entriesOf(list: string): readonly string[] {
  return list
    .split(/[\s,]+/)
    .map((entry) => entry.toLowerCase())
    .filter((entry) => entry !== '');
}
