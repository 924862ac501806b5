/** The system's own store on Linux: a directory of anchors and a program that makes bundles of them. It must not run that program. */

import { X509Certificate } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import type { TrustStep } from '../../core/trust.ts';
import { commandText, programOn, step, type TrustWish } from '../trust.ts';

interface Way {
  readonly directory: string;
  readonly ending: string;
  readonly update: readonly string[];
  /** What also clears entries whose anchor is gone. */
  readonly clear: readonly string[];
}

/** Fedora, Debian (and Alpine), Arch, openSUSE. The order matters: the second has directories of the first's name at times. */
const WAYS: readonly Way[] = [
  {
    directory: '/etc/pki/ca-trust/source/anchors',
    ending: 'pem',
    update: ['update-ca-trust', 'extract'],
    clear: ['update-ca-trust', 'extract'],
  },
  {
    directory: '/usr/local/share/ca-certificates',
    ending: 'crt',
    update: ['update-ca-certificates'],
    clear: ['update-ca-certificates', '--fresh'],
  },
  {
    directory: '/etc/ca-certificates/trust-source/anchors',
    ending: 'crt',
    update: ['trust', 'extract-compat'],
    clear: ['trust', 'extract-compat'],
  },
  {
    directory: '/usr/share/pki/trust/anchors',
    ending: 'pem',
    update: ['update-ca-certificates'],
    clear: ['update-ca-certificates'],
  },
];

const BUNDLES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/ssl/cert.pem',
];
const NAME = 'system store';

export function systemStep(wish: TrustWish): TrustStep {
  const way = WAYS.find(
    ({ directory, update: [program = ''] }) =>
      existsSync(directory) && programOn(wish.variables, program) !== null,
  );
  if (way === undefined) return wish.remove ? step.done('system', NAME, '') : noStore();
  const file = `${way.directory}/${wish.label}.${way.ending}`;
  const anchor = readText(file);
  const acts = wish.remove
    ? [['rm', '-f', file], [...way.clear]]
    : [['install', '-m', '0644', wish.certificate, file], [...way.update]];
  const isDone = wish.remove ? anchor === null : isHeld(anchor, readText(wish.certificate));
  if (isDone) return step.done('system', NAME, file);
  return asRoot(wish, file, acts);
}

/** Debian's slim images have neither the directory nor the program. */
function noStore(): TrustStep {
  return step.impossible('system', NAME, '', {
    why: 'there is none: neither update-ca-certificates, update-ca-trust nor trust was found',
    fix: 'install the package ca-certificates, then `lo trust` again',
  });
}

/** In the directory and in the bundle that programs read. */
function isHeld(anchor: string | null, certificate: string | null): boolean {
  if (anchor === null || certificate === null || anchor.trim() !== certificate.trim()) return false;
  const bundle = BUNDLES.map(readText).find((text) => text !== null);
  return bundle?.replace(/\s/g, '').includes(bodyOf(certificate)) ?? false;
}

function bodyOf(pem: string): string {
  try {
    return new X509Certificate(pem).raw.toString('base64');
  } catch {
    // Torn: it is in no bundle.
    return '\0';
  }
}

function asRoot(wish: TrustWish, file: string, acts: readonly (readonly string[])[]): TrustStep {
  if (process.getuid?.() === 0) return step.todo('system', NAME, file, acts);
  const sudo = acts.map((argv) => ['sudo', ...argv]);
  if (programOn(wish.variables, 'sudo') !== null) return step.todo('system', NAME, file, sudo);
  return step.impossible('system', NAME, file, {
    why: 'it is root’s, and there is no sudo',
    fix: `as root: ${acts.map(commandText).join(' && ')}`,
  });
}

function readText(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // Not there, or not for us.
    return null;
  }
}
