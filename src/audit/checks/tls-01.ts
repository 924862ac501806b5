/** TLS-01: the certificate of a server is not valid now, or will not be for long. */

import type { ListenerCheck } from '../check.ts';
import { CERTIFICATE_FIXES } from '../fixes/certificates.ts';
import { fixFor } from '../fixes/programs.ts';
import { certificateOf } from '../probe/certificate.ts';
import { notApplicable, type Outcome, safe, vulnerable } from '../verdict.ts';

export const tls01: ListenerCheck = {
  id: 'TLS-01',
  title: 'Its certificate is not valid now, or not for long',
  about: 'listener',
  transport: 'tcp',
  severity: { loopback: 'medium', network: 'medium' },
  intrusive: false,
  references: ['CWE-298', 'https://support.apple.com/en-us/103769'],
  speaks: ['https', 'tls'],
  requests: 1,
  fix: 'make a new certificate for at most 825 days (mkcert, your own authority, or a name of Loopyard, whose certificates are renewed by themselves)',
  probe: 'Makes one TLS handshake and reads the dates of the certificate.',
  rule: 'Vulnerable when it has expired, is not valid yet, or ends within 14 days though it was made for more than 20 (shorter ones are renewed by a program). Low when it is made for more than 825 days: Safari then refuses it. Safe otherwise.',
  examine: async ({ connect, facts, target }) => {
    const certificate = await certificateOf(connect);
    if (certificate === null) return notApplicable('it shows no certificate');
    const { from, to } = certificate;
    const now = facts.time();
    const days = `it is valid from ${day(from)} to ${day(to)}`;
    const fix = fixFor(target, CERTIFICATE_FIXES) ?? tls01.fix;
    const found = (sign: string): Outcome => vulnerable('proven', [sign, days], { fix });
    if (to < now) return found(`the certificate expired ${ago(now - to)}`);
    if (from > now) return found(`the certificate is not valid for another ${span(from - now)}`);
    if (to - now < SOON && to - from > RENEWED) return found(`the certificate ends in ${span(to - now)}`);
    if (to - from <= LONGEST) return safe(days);
    return vulnerable(
      'proven',
      [`the certificate is made for ${span(to - from)}, and Safari takes at most 825 days`, days],
      {
        fix,
        severity: { loopback: 'low', network: 'low' },
      },
    );
  },
};

const DAY = 86_400_000;
const SOON = 14 * DAY;
const RENEWED = 20 * DAY;
/** Apple's limit also holds for authorities that a person has added. A day more for those who count to the second. */
const LONGEST = 826 * DAY;

function day(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}

function ago(ms: number): string {
  return ms < DAY ? 'less than a day ago' : `${span(ms)} ago`;
}

function span(ms: number): string {
  const days = Math.round(ms / DAY);
  return days === 1 ? '1 day' : `${days} days`;
}
