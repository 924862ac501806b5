/** Whether our certificate authority, once there is one, is in each store that programs of this user look into. */

import type { TrustStore } from '../../../platform/health.ts';
import { type Check, ok, quoted, unknown, warn } from '../check.ts';

export const trust: Check = {
  id: 'trust',
  title: 'Certificate stores',
  group: 'network',
  async examine({ health, own }) {
    const { certificate, person } = own.place();
    const file = await health.path(certificate);
    const exists = !('code' in file);
    if (!exists && file.code !== 'ENOENT')
      return unknown(`${certificate} cannot be looked at (${file.code})`);
    const stores = await health.trustStores({
      certificate: exists ? certificate : null,
      home: person,
      variables: own.variables(),
    });
    const here = stores.length === 0 ? 'no store is here' : `stores here: ${namesOf(stores)}`;
    if (!exists) return ok(`no Loopyard CA yet; nothing to trust (${here})`);
    const variables = own.variables();
    const without = stores.filter(({ holds }) => holds === false);
    // Node looks into no store of the system: it has to be told.
    const isNodeTold = (variables.NODE_EXTRA_CA_CERTS ?? '') !== '';
    const untold = stores.filter(({ holds }) => holds === null);
    if (without.length > 0 || !isNodeTold) {
      const reasons = without.map((one) => (one.why === null ? nameOf(one) : `${nameOf(one)}: ${one.why}`));
      const bundles = stores.filter(({ kind }) => kind === 'system').map(({ path }) => path);
      const fixes = without.map((store) => fixFor(store, certificate, bundles));
      if (!isNodeTold) {
        reasons.push('Node.js (NODE_EXTRA_CA_CERTS is not set)');
        fixes.push(`export NODE_EXTRA_CA_CERTS=${quoted(certificate)}`);
      }
      return warn(`the Loopyard CA is not trusted in: ${reasons.join(', ')}`, [...new Set(fixes)].join('\n'));
    }
    if (untold.length > 0) {
      const reasons = untold.map((one) => `${nameOf(one)}: ${one.why ?? 'no reason given'}`);
      return unknown(
        `could not look for the Loopyard CA in ${reasons.join(', ')}`,
        installCertutil(untold, health.surroundings().family),
      );
    }
    return ok(`the Loopyard CA is in each store (${here})`);
  },
};

function nameOf({ name, path }: TrustStore): string {
  return `${name} (${path})`;
}

function namesOf(stores: readonly TrustStore[]): string {
  const counts = new Map<string, number>();
  for (const { name } of stores) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].map(([name, count]) => (count === 1 ? name : `${count} of ${name}`)).join(', ');
}

/** `bundles`: files of the system's own store, which variables may name too. */
function fixFor({ kind, path: bare }: TrustStore, certificate: string, bundles: readonly string[]): string {
  const file = quoted(certificate);
  const path = quoted(bare);
  switch (kind) {
    case 'system':
    case 'nss':
      return 'lo trust';
    case 'java':
      return `sudo keytool -importcert -noprompt -alias loopyard -keystore ${path} -storepass changeit -file ${file}`;
    case 'variable':
      return bundles.includes(bare) ? 'lo trust' : `cat ${file} | sudo tee -a ${path} > /dev/null`;
    default:
      return kind satisfies never;
  }
}

const CERTUTIL: Readonly<Record<string, string>> = {
  debian: 'sudo apt install libnss3-tools',
  fedora: 'sudo dnf install nss-tools',
  suse: 'sudo zypper install mozilla-nss-tools',
  arch: 'sudo pacman -S nss',
  alpine: 'sudo apk add nss-tools',
};

function installCertutil(untold: readonly TrustStore[], family: string | null): string | null {
  const isMissing = untold.some(({ kind, why }) => kind === 'nss' && why?.startsWith('certutil') === true);
  return isMissing ? (CERTUTIL[family ?? ''] ?? 'install certutil, which comes with NSS') : null;
}
