/** The home's authority as the rest of the daemon meets it. It must not load what makes certificates before one is needed. */

import { gatewayPaths, type HomePaths } from '../../core/paths.ts';
import type { CertificateTools } from './certificates.ts';
import { extraCertificates } from './report.ts';

export interface ServiceAuthority {
  /** Before services start: a file that does not exist yet would be ignored by Node for the program's whole life. */
  ready(): Promise<void>;
  /** The file for NODE_EXTRA_CA_CERTS, beside the one that is `given` already (absolute); null: leave it as it is. */
  extra(given: string | undefined): string | null;
}

/** Where no names are served. */
export const NO_AUTHORITY: ServiceAuthority = { ready: () => Promise.resolve(), extra: () => null };

export function certificateTools(home: HomePaths, report: (error: unknown) => void): CertificateTools {
  return { paths: gatewayPaths(home), now: Date.now, notice: (words) => report(`notice: ${words}`) };
}

export function serviceAuthority(home: HomePaths, report: (error: unknown) => void): ServiceAuthority {
  return {
    ready: async () => {
      const { authorityOf } = await import('./certificates.ts');
      // Services run without it as well, and names without TLS.
      await authorityOf(certificateTools(home, report)).catch(report);
    },
    extra: (given) => extraCertificates(gatewayPaths(home), given),
  };
}
