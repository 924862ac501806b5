/** The words of `lo alias`: a name below `.localhost` and a place on this machine. Pure; it must not know who holds a name. */

import { LoopyardError } from './errors.ts';

const SUFFIX = '.localhost';

/** `grafana` -> `grafana.localhost`. Errors: USAGE. */
export function aliasName(text: string): string {
  const lower = text.toLowerCase().replace(/\.$/, '');
  const name = lower.includes('.') ? lower : `${lower}${SUFFIX}`;
  if (lower === 'localhost' || !name.endsWith(SUFFIX))
    throw wrong(`\`${text}\` is no name below ${SUFFIX}`, `write it as \`grafana\` or \`grafana${SUFFIX}\``);
  const isName = name.length <= 253 && name.split('.').every(isLabel);
  if (isName) return name;
  throw wrong(
    `\`${text}\` cannot be a host name`,
    'each part is 1 to 63 letters, digits and dashes, with no dash at its ends',
  );
}

/** Errors: USAGE. */
export function aliasTarget(text: string): LoopbackPlace {
  return loopbackPlace(text, 'an alias leads to this machine only');
}

export interface LoopbackPlace {
  readonly address: string;
  readonly port: number;
}

/** `3000`, `127.0.0.1:3000`, `[::1]:3000`, `localhost:3000`, with `http://` or without. `why`: only these. Errors: USAGE. */
export function loopbackPlace(text: string, why: string): LoopbackPlace {
  const plain = text.replace(/^(?:http|tcp):\/\//i, '').replace(/\/$/, '');
  const [, bracketed, host, digits = ''] = /^(?:(?:\[([^\]]*)\]|([^:[\]]*)):)?(\d{1,5})$/.exec(plain) ?? [];
  const port = Number(digits);
  if (digits === '' || port < 1 || port > 65_535)
    throw wrong(`\`${text}\` is no port, and no address with one`, 'write it as `3000` or `127.0.0.1:3000`');
  const address = bracketed ?? host ?? '127.0.0.1';
  if (address.toLowerCase() === 'localhost') return { address: '127.0.0.1', port };
  if (bracketed === undefined ? isLoopback(address) : address === '::1') return { address, port };
  throw wrong(`\`${address}\` is no loopback address: ${why}`, 'name an address in 127.0.0.0/8, or [::1]');
}

function isLabel(label: string): boolean {
  return /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(label);
}

function isLoopback(address: string): boolean {
  const parts = address.split('.');
  return (
    parts.length === 4 &&
    parts[0] === '127' &&
    parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255)
  );
}

function wrong(reason: string, fix: string): LoopyardError {
  return new LoopyardError('USAGE', { reason, fix });
}
