/**
 * Sockets on which systemd itself listens, from its unit files: nobody else tells which unit a socket in its hands belongs to, and
 * asking it would take a helper program. Sources: systemd.unit(5), "Unit File Load Path"; systemd.socket(5). It must not know who
 * holds what.
 */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SocketUnit } from '../facts.ts';

/** Earlier ones win. */
const SYSTEM = [
  '/etc/systemd/system.control',
  '/run/systemd/system.control',
  '/run/systemd/transient',
  '/run/systemd/generator.early',
  '/etc/systemd/system',
  '/run/systemd/system',
  '/run/systemd/generator',
  '/usr/local/lib/systemd/system',
  '/usr/lib/systemd/system',
  '/lib/systemd/system',
  '/run/systemd/generator.late',
];
const USER = [
  '/etc/systemd/user',
  '/run/systemd/user',
  '/usr/local/lib/systemd/user',
  '/usr/lib/systemd/user',
];

export function readSocketUnits(homeDirectory: string): readonly SocketUnit[] {
  const own = [join(homeDirectory, '.config/systemd/user'), join(homeDirectory, '.local/share/systemd/user')];
  return [...unitsIn(SYSTEM, 'system'), ...unitsIn([...own, ...USER], 'user')];
}

function unitsIn(directories: readonly string[], manager: SocketUnit['manager']): readonly SocketUnit[] {
  const texts = new Map<string, string>();
  for (const directory of directories) {
    // An empty one masks those of the same name below.
    for (const name of entries(directory))
      if (name.endsWith('.socket') && !texts.has(name)) texts.set(name, read(join(directory, name)));
  }
  return [...texts].map(([name, text]) => {
    const extra = directories.flatMap((directory) => {
      const folder = join(directory, `${name}.d`);
      return entries(folder)
        .filter((file) => file.endsWith('.conf'))
        .sort()
        .map((file) => read(join(folder, file)));
    });
    return { name, manager, listens: listensOf([text, ...extra].join('\n')) };
  });
}

function listensOf(text: string): SocketUnit['listens'] {
  let listens: SocketUnit['listens'][number][] = [];
  for (const [, kind = '', value = ''] of text.matchAll(
    /^[ \t]*(ListenStream|ListenDatagram)[ \t]*=[ \t]*(.*?)[ \t]*$/gm,
  )) {
    const protocol = kind === 'ListenStream' ? 'tcp' : 'udp';
    // An empty value takes back what was said before.
    if (value === '') listens = listens.filter((one) => one.protocol !== protocol);
    const place = placeOf(value);
    if (place !== null) listens.push({ protocol, ...place });
  }
  return listens;
}

/** `80`, `127.0.0.1:80`, `[::1]:80`; null for paths and the rest. */
function placeOf(value: string): { readonly address: string | null; readonly port: number } | null {
  const [, bracketed, dotted, digits] = /^(?:\[([^\]%]+)\]:|([\d.]+):)?(\d+)$/.exec(value) ?? [];
  return digits === undefined ? null : { address: bracketed ?? dotted ?? null, port: Number(digits) };
}

function entries(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    // Most of them are nowhere.
    return [];
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // Not for us, or a link to nothing.
    return '';
  }
}
