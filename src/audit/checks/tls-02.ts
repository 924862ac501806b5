/** TLS-02: the certificate of a server is for none of the names by which it is called on this machine. */

import { checkServerIdentity } from 'node:tls';
import type { ListenerCheck, ListenerContext } from '../check.ts';
import { CERTIFICATE_FIXES } from '../fixes/certificates.ts';
import { fixFor } from '../fixes/programs.ts';
import { type Certificate, certificateOf } from '../probe/certificate.ts';
import { notApplicable, safe, vulnerable } from '../verdict.ts';

export const tls02: ListenerCheck = {
  id: 'TLS-02',
  title: 'Its certificate is for another name',
  about: 'listener',
  transport: 'tcp',
  severity: { loopback: 'medium', network: 'medium' },
  intrusive: false,
  references: ['CWE-297', 'https://www.rfc-editor.org/rfc/rfc9525#section-6'],
  speaks: ['https', 'tls'],
  requests: 2,
  fix: 'make one with `localhost`, `127.0.0.1` and `::1` among its alternative names: browsers do not look at the common name, and whoever clicks such a warning away clicks the next one away too',
  probe:
    'Makes a TLS handshake as for `localhost`, and one without a name, and reads the alternative names of both certificates.',
  rule: 'Vulnerable when neither certificate has an alternative name that is `localhost`, a name below it, the address that it listens on, or the name by which it was asked. A common name does not count. Safe when one has.',
  examine: async (context) => {
    const { connect, target } = context;
    const named = await certificateOf(connect, target.serverName ?? 'localhost');
    const nameless = await certificateOf(connect);
    const all = [named, nameless].filter((one) => one !== null);
    const [first] = all;
    if (first === undefined) return notApplicable('it shows no certificate');
    const fitting = all.flatMap((certificate) => wanted(context).filter((name) => isFor(certificate, name)));
    if (fitting.length > 0) return safe(`it is for ${fitting[0]}`);
    const names = [...new Set(all.flatMap((certificate) => certificate.names ?? []))];
    const common = first.peer.subject?.CN;
    return vulnerable(
      'proven',
      [
        names.length > 0
          ? `its alternative names are ${names.slice(0, 5).join(', ')}`
          : `it has no alternative name${common === undefined ? '' : `, only the common name ${String(common)}, which does not count`}`,
        `none of ${wanted(context).join(', ')} is among them`,
      ],
      { fix: fixFor(target, CERTIFICATE_FIXES) ?? tls02.fix },
    );
  },
};

function wanted({ target: { serverName, address } }: ListenerContext): readonly string[] {
  const names = ['localhost', '127.0.0.1', '::1', serverName, address];
  return [...new Set(names.filter((name) => name !== null))];
}

function isFor({ peer, names }: Certificate, name: string): boolean {
  if (names === null) return false;
  // A name of a service of this machine: which one, its owner knows.
  if (name === 'localhost' && names.some((one) => /\.localhost$/i.test(one))) return true;
  return checkServerIdentity(name, peer) === undefined;
}
