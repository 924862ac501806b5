/** Where this machine's host names come from: the hosts file, and the list of sources that the C library asks (nsswitch.conf(5)). */

import { existsSync, readFileSync } from 'node:fs';
import type { HostsEntry, HostsFile } from '../facts.ts';

const HOSTS = '/etc/hosts';
/** There while systemd-resolved runs; without it the C library passes over `resolve`. */
const RESOLVED = '/run/systemd/resolve';

export function readHostsFile(): HostsFile {
  const { text, code } = read(HOSTS);
  const gap = code === null || code === 'ENOENT' ? null : { what: HOSTS, why: `it cannot be read: ${code}` };
  return { path: HOSTS, entries: parseHosts(text), gap };
}

/** Source of the format: hosts(5). Lines without a name say nothing. */
export function parseHosts(text: string): readonly HostsEntry[] {
  return text.split('\n').flatMap((line, index) => {
    const [address = '', ...names] = line.replace(/#.*/, '').trim().split(/\s+/);
    return names.length === 0 ? [] : [{ line: index + 1, address, names }];
  });
}

export function readNameSources(): readonly string[] {
  const sources = parseSources(read('/etc/nsswitch.conf').text);
  return existsSync(RESOLVED) ? sources : sources.filter((source) => source !== 'resolve');
}

/** The C library's own default where nothing is said: `files dns`. Actions in brackets do not change who is asked first. */
export function parseSources(text: string): readonly string[] {
  const [, list = 'files dns'] = /^\s*hosts:([^#\n]*)/m.exec(text) ?? [];
  return list
    .replace(/\[[^\]]*\]/g, ' ')
    .trim()
    .split(/\s+/);
}

function read(file: string): { readonly text: string; readonly code: string | null } {
  try {
    return { text: readFileSync(file, 'utf8'), code: null };
  } catch (error) {
    // Not there, or not for this user: the caller says which.
    return { text: '', code: (error as NodeJS.ErrnoException).code ?? 'unknown error' };
  }
}
