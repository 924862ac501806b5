/** What speaks the Chrome DevTools protocol tells by HTTP: its version and what can be debugged. It must not judge. */

import type { Http } from '../../probe/http.ts';
import { dig, jsonOf, listOf } from '../../probe/json.ts';

export interface Devtools {
  /** `node.js/v20.19.0`, `HeadlessChrome/131.0.0.0` */
  readonly program: string;
  /** A whole browser, with its tabs and cookies; else a JavaScript runtime. */
  readonly isBrowser: boolean;
  /** That can be debugged, each by a WebSocket. */
  readonly targets: number;
}

/** Null: it does not speak it. `DEVTOOLS_REQUESTS` at most; the version is a control, asked once for all checks. */
export async function devtoolsOf(http: Http): Promise<Devtools | null> {
  const reply = await http.control('/json/version');
  const version = reply.status === 200 ? jsonOf(reply) : undefined;
  const program = dig(version, 'Browser');
  if (typeof program !== 'string' || typeof dig(version, 'Protocol-Version') !== 'string') return null;
  const list = await http.request({ path: '/json/list' });
  const targets = list.status === 200 ? listOf(jsonOf(list), 'id', 'type') : null;
  if (targets === null || http.isAlike(reply, list)) return null;
  const browser = dig(version, 'webSocketDebuggerUrl');
  return {
    program,
    isBrowser: typeof browser === 'string' && browser.includes('/devtools/browser'),
    targets: targets.length,
  };
}

export const DEVTOOLS_REQUESTS = 1;
