/** Reads the hosts file of a system without a list of name sources. */

import { readFileSync } from 'node:fs';
import type { HostsFile } from './facts.ts';
import { parseHosts } from './linux/names.ts';

export function readHosts(path: string): HostsFile {
  try {
    return { path, entries: parseHosts(readFileSync(path, 'utf8').replaceAll('\r\n', '\n')), gap: null };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    const gap = code === 'ENOENT' ? null : { what: path, why: `it cannot be read: ${code}` };
    return { path, entries: [], gap };
  }
}
