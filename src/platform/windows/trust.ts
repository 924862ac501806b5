/** The user's root store of Windows, through its own certutil: Edge, Chrome and curl read it. Written from its manual, untested. */

import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { runProgram } from '../children.ts';
import { step, type TrustAnchors } from '../trust.ts';

const NAME = 'Windows root store';
const PLACE = 'CurrentUser\\Root';
const CERTUTIL_MS = 10_000;

export function windowsTrust(): TrustAnchors {
  return {
    makes: () => [],
    plan: async ({ certificate, remove }) => {
      const print = fingerprint(certificate);
      const isThere =
        print !== null &&
        (await runProgram('certutil', ['-user', '-store', 'Root', print], { withinMs: CERTUTIL_MS })).code ===
          0;
      if (isThere !== remove) return [step.done('windows', NAME, PLACE)];
      const act = remove
        ? ['certutil', '-user', '-delstore', 'Root', print ?? '']
        : ['certutil', '-user', '-addstore', '-f', 'Root', certificate];
      return [step.todo('windows', NAME, PLACE, [act])];
    },
  };
}

/** SHA-1, as certutil names certificates. Null: there is none. */
function fingerprint(file: string): string | null {
  try {
    return new X509Certificate(readFileSync(file)).fingerprint.replaceAll(':', '');
  } catch {
    // Not made yet, or deleted.
    return null;
  }
}
