/** How names become addresses on this machine: the hosts file, the order of sources, the nameservers. */

import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { HostsFacts, HostsLine, NameServiceFacts } from '../health.ts';
import { codeOf } from '../node-health.ts';

const HOSTS = '/etc/hosts';

/** Source: hosts(5). */
export async function readHosts(path = HOSTS): Promise<HostsFacts> {
  try {
    return { state: 'read', path, ...parseHosts(await readFile(path, 'utf8')) };
  } catch (error) {
    const code = codeOf(error);
    return code === 'ENOENT' ? { state: 'missing', path } : { state: 'unreadable', path, code };
  }
}

export function parseHosts(text: string): Omit<HostsFacts & { readonly state: 'read' }, 'state' | 'path'> {
  const lines: HostsLine[] = [];
  let entries = 0;
  let number = 0;
  for (const whole of text.split('\n')) {
    number += 1;
    const [address = '', ...names] = whole.replace(/#.*/, '').trim().split(/\s+/);
    if (names.length === 0) continue;
    entries += 1;
    const local = names.filter((name) => /(^|\.)localhost\.?$/i.test(name));
    if (local.length > 0) lines.push({ line: number, address, names: local });
  }
  return { bytes: Buffer.byteLength(text), entries, crlf: text.includes('\r\n'), lines };
}

/** Source: nsswitch.conf(5), resolv.conf(5). */
export async function readNameService(root = ''): Promise<NameServiceFacts> {
  const [switches, resolver] = await Promise.all([
    text(`${root}/etc/nsswitch.conf`),
    text(`${root}/etc/resolv.conf`),
  ]);
  const hosts = switches === null ? undefined : /^\s*hosts:(.*)$/m.exec(switches)?.[1];
  return {
    order: hosts === undefined ? null : sourcesOf(hosts),
    resolved: existsSync(`${root}/run/systemd/resolve/resolv.conf`),
    nameservers: [...(resolver ?? '').matchAll(/^\s*nameserver\s+(\S+)/gm)].map(([, server = '']) => server),
  };
}

/** Without actions such as `[NOTFOUND=return]`. */
function sourcesOf(hosts: string): readonly string[] {
  return hosts
    .replace(/#.*/, '')
    .replace(/\[[^\]]*\]/g, ' ')
    .trim()
    .split(/\s+/);
}

async function text(path: string): Promise<string | null> {
  return await readFile(path, 'utf8').catch(() => null);
}
