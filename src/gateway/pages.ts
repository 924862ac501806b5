/**
 * What a browser is shown when a service cannot be reached, and the way from HTTP to HTTPS. Pages of registered names only; without
 * script, and with nothing in them that is not escaped.
 */

import { open } from 'node:fs/promises';
import type { GatewayRoute } from '../core/gateway.ts';
import type { Answer } from './http1/compose.ts';
import type { RequestHead } from './http1/request-head.ts';

const SAFETY =
  "Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'\r\nX-Content-Type-Options: nosniff\r\nReferrer-Policy: no-referrer\r\nCache-Control: no-store\r\n";

const LOG_LINES = 20;
const LOG_BYTES = 8192;

/** 503 with the state, the reason and the last lines of its log. Browsers ask again by themselves while it starts. */
export async function unavailable(route: GatewayRoute, status: 502 | 503 = 503): Promise<Answer> {
  const reason = status === 502 ? 'Bad Gateway' : 'Service Unavailable';
  const lines = route.log === null ? '' : await lastLines(route.log);
  const refresh = route.state === 'down' ? '' : '<meta http-equiv="refresh" content="2">';
  const log = lines === '' ? '' : `<h2>Its last lines</h2><pre>${escaped(lines)}</pre>`;
  return {
    status,
    reason,
    fields: `Content-Type: text/html; charset=utf-8\r\n${SAFETY}Retry-After: 2\r\n`,
    body: `<!doctype html><html lang="en"><head><meta charset="utf-8">${refresh}<title>${status} ${escaped(route.words)}</title><style>body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:3rem auto;padding:0 1rem}pre{background:#f4f4f4;color:#222;padding:1rem;overflow:auto;font-size:13px}</style></head><body><h1>${escaped(route.words)}</h1>${log}<p><code>lo ps</code> shows all services, <code>lo logs</code> what they wrote.</p></body></html>\n`,
  };
}

/** `port` 443 needs no mention. The method and the body are kept (RFC 9110 15.4.9). */
export function redirectTo(head: RequestHead, port: number): Answer {
  const suffix = port === 443 ? '' : `:${port}`;
  return {
    status: 308,
    reason: 'Permanent Redirect',
    // Not to be kept by the browser: the same name may be served on another port tomorrow.
    fields: `Location: https://${head.fields.host}${suffix}${head.target}\r\nCache-Control: no-store\r\n`,
    body: '',
  };
}

/** Without control sequences: what a program wrote for a terminal is no text for a page. */
async function lastLines(file: string): Promise<string> {
  try {
    const handle = await open(file, 'r');
    try {
      const { size } = await handle.stat();
      const from = Math.max(0, size - LOG_BYTES);
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(LOG_BYTES), 0, LOG_BYTES, from);
      return buffer
        .toString('utf8', 0, bytesRead)
        .replace(ESCAPES, '')
        .replace(CONTROLS, '')
        .split('\n')
        .slice(-LOG_LINES - 1)
        .join('\n')
        .trimEnd();
    } finally {
      await handle.close();
    }
  } catch {
    // No log yet, or not to be read: the page says what it knows.
    return '';
  }
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is taken out of log lines.
const ESCAPES = /\x1b\[[0-9;?]*[ -/]*[@-~]/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is taken out of log lines.
const CONTROLS = /[\0-\x08\x0b-\x1f\x7f]/g;

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (mark) => ENTITIES[mark] ?? mark);
}
