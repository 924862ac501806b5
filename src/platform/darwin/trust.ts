/** The login keychain of macOS, through `security`: Safari, Chrome and curl read it. Written from its manual page, untested. */

import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runProgram } from '../children.ts';
import { step, type TrustAnchors } from '../trust.ts';

const NAME = 'login keychain';
const SECURITY_MS = 10_000;

export function darwinTrust(): TrustAnchors {
  return {
    makes: () => [],
    plan: async ({ certificate, remove, home }) => {
      const keychain = join(home ?? '', 'Library/Keychains/login.keychain-db');
      const print = fingerprint(certificate);
      if (print === null)
        return remove
          ? [step.done('keychain', NAME, keychain)]
          : [
              step.todo('keychain', NAME, keychain, [
                ['security', 'add-trusted-cert', '-r', 'trustRoot', '-k', keychain, certificate],
              ]),
            ];
      const listed = await runProgram('security', ['find-certificate', '-a', '-Z', keychain], {
        withinMs: SECURITY_MS,
      });
      const isThere = listed.stdout.replaceAll(' ', '').includes(print);
      if (isThere !== remove) return [step.done('keychain', NAME, keychain)];
      const acts = remove
        ? [
            ['security', 'remove-trusted-cert', certificate],
            ['security', 'delete-certificate', '-Z', print, keychain],
          ]
        : [['security', 'add-trusted-cert', '-r', 'trustRoot', '-k', keychain, certificate]];
      return [step.todo('keychain', NAME, keychain, acts)];
    },
  };
}

/** SHA-1, as `security` names certificates. Null: there is none. */
function fingerprint(file: string): string | null {
  try {
    return new X509Certificate(readFileSync(file)).fingerprint.replaceAll(':', '');
  } catch {
    // Not made yet, or deleted.
    return null;
  }
}
