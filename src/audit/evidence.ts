/** Bytes as people can read them, cut, and without secrets: what findings show of what was sent and received. Pure. */

import type { AuditExchange } from '../core/audit.ts';
import { withoutSecrets } from '../core/secrets.ts';
import type { RecordedExchange } from './probe/record.ts';

const MOST_SHOWN = 1500;
/** The head of what is shown tells most; a little of the middle of nowhere would tell nothing. */
const MOST_EXCHANGES = 12;

export function shownExchanges(exchanges: readonly RecordedExchange[]): readonly AuditExchange[] {
  return exchanges.slice(0, MOST_EXCHANGES).map(({ tls, sent, received, end }) => ({
    tls,
    sent: shown(sent),
    received: shown(received),
    end,
  }));
}

/** Printable ASCII and line feeds as they are, other bytes as `\r` or `\x00`. */
function shown(bytes: Buffer): string {
  const text = withoutSecrets(bytes.toString('latin1'));
  const cut =
    text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}\n… ${text.length - MOST_SHOWN} more` : text;
  return cut.replace(/[^\n -~…]/g, (character) => ESCAPES[character] ?? hex(character));
}

const ESCAPES: Readonly<Record<string, string>> = { '\r': '\\r', '\t': '\\t' };

function hex(character: string): string {
  return `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
}
