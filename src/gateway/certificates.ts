/** Certificates by name, as the snapshot lists them; read again when their files change. It must not make any, nor know the CA. */

import { readFileSync } from 'node:fs';
import { createSecureContext, type SecureContext } from 'node:tls';
import type { GatewayCertificate } from '../core/gateway.ts';

export class Certificates {
  #byName = new Map<string, GatewayCertificate>();
  #contexts = new Map<GatewayCertificate, SecureContext>();
  readonly #report: (error: unknown) => void;

  constructor(report: (error: unknown) => void) {
    this.#report = report;
  }

  apply(certificates: readonly GatewayCertificate[]): void {
    this.#byName = new Map(certificates.flatMap((one) => one.names.map((name) => [name, one] as const)));
    this.#contexts = new Map();
  }

  /** Null: no certificate for that name. `*.a` stands for one label, as in a certificate. */
  for(name: string): SecureContext | null {
    const found = this.#byName.get(name) ?? this.#byName.get(`*.${name.slice(name.indexOf('.') + 1)}`);
    return found === undefined ? null : this.#contextOf(found);
  }

  #contextOf(certificate: GatewayCertificate): SecureContext | null {
    const known = this.#contexts.get(certificate);
    if (known !== undefined) return known;
    try {
      const context = createSecureContext({
        cert: readFileSync(certificate.certificate),
        key: readFileSync(certificate.key),
        minVersion: 'TLSv1.2',
      });
      this.#contexts.set(certificate, context);
      return context;
    } catch (error) {
      // Deleted, or not yet written: the next snapshot brings new ones; other names are served meanwhile.
      this.#report(error);
      return null;
    }
  }
}
