/** What is said to a client that sent no proper request: the status alone, so that nobody learns what is here. */

import type { Answer } from './compose.ts';

function plain(status: number, reason: string): Answer {
  return {
    status,
    reason,
    fields: 'Content-Type: text/plain; charset=utf-8\r\nX-Content-Type-Options: nosniff\r\n',
    body: `${status} ${reason}\n`,
  };
}

export const REFUSALS = {
  400: plain(400, 'Bad Request'),
  405: plain(405, 'Method Not Allowed'),
  408: plain(408, 'Request Timeout'),
  417: plain(417, 'Expectation Failed'),
  501: plain(501, 'Not Implemented'),
  505: plain(505, 'HTTP Version Not Supported'),
} as const;

export const NOT_FOUND = plain(404, 'Not Found');
export const TOO_LARGE = plain(431, 'Request Header Fields Too Large');
export const LOOP = plain(508, 'Loop Detected');
