/** What this Linux runs in: a container, Windows, or nothing that shows. */

import { existsSync, readFileSync } from 'node:fs';
import type { Surroundings } from '../health.ts';
import { kernelRelease } from '../node-health.ts';

/** `root`: where the files are looked for. */
export function readSurroundings(root = '', kernel = kernelRelease()): Surroundings {
  return {
    container: containerOf(root),
    wsl: /microsoft|wsl/i.test(kernel),
    family: familyOf(`${read(`${root}/etc/os-release`)}\n`),
    kernel,
  };
}

const FAMILIES: readonly (readonly [string, RegExp])[] = [
  ['debian', /\b(debian|ubuntu)\b/],
  ['fedora', /\b(fedora|rhel|centos)\b/],
  ['suse', /\b(suse|opensuse|sles)\b/],
  ['arch', /\barch\b/],
  ['alpine', /\balpine\b/],
];

/** Source: os-release(5), whose ID_LIKE names what a distribution is made from. */
function familyOf(text: string): string | null {
  const words = [...text.matchAll(/^ID(?:_LIKE)?=(.*)$/gm)].map(([, value]) => value).join(' ');
  return FAMILIES.find(([, pattern]) => pattern.test(words))?.[0] ?? null;
}

/** Sources: the marks that Docker and Podman leave, systemd's container interface, cgroups(7). */
function containerOf(root: string): string | null {
  if (existsSync(`${root}/.dockerenv`)) return 'docker';
  if (existsSync(`${root}/run/.containerenv`)) return 'podman';
  const named = read(`${root}/run/systemd/container`).trim();
  if (named !== '') return named;
  const told = /(?:^|\0)container=([^\0]+)/.exec(read(`${root}/proc/1/environ`))?.[1];
  if (told !== undefined) return told;
  const group = /\b(docker|kubepods|lxc|libpod|containerd)\b/.exec(read(`${root}/proc/1/cgroup`))?.[1];
  return group ?? null;
}

function read(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    // Not there, or root's.
    return '';
  }
}
