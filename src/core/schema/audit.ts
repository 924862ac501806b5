/** The schema of `audit:`: what `lo attack` may do to a service that it would not do unasked. It must not know checks. */

import * as z from 'zod/mini';
import { DECLARED_REQUEST, MOST_DECLARED } from '../declared-request.ts';
import { expected, field } from './fields.ts';

const REQUEST_WORDS = '`POST` and a path, such as `POST /orders`';
const request = z.string(expected(REQUEST_WORDS)).check(
  z.refine(
    (text) => !/^(?:GET|HEAD)\b/i.test(text),
    'a GET that changes something cannot be tried without doing it: only `POST /path` can be declared',
  ),
  z.refine(
    (text) => !/^(?:PUT|PATCH|DELETE|OPTIONS)\b/i.test(text),
    'no page can send this method to another site without asking first: only `POST /path` can be declared',
  ),
  z.refine(
    (text) => DECLARED_REQUEST.test(text) || /^(?:GET|HEAD|PUT|PATCH|DELETE|OPTIONS)\b/i.test(text),
    `expected ${REQUEST_WORDS}`,
  ),
);

export const auditMap = z.strictObject(
  {
    csrf: z.optional(
      field(
        z
          .array(request, expected(`a list of ${REQUEST_WORDS}`))
          .check(z.maxLength(MOST_DECLARED, `at most ${MOST_DECLARED} requests are tried`)),
        {
          type: 'list of `POST /path`',
          summary:
            'Requests that change something. `lo attack` sends each up to eight times without any field that is known, as the service’s own page would and as a page of another site could (WEB-06). Whoever obeys that does so: name none that may not happen.',
          fallback: 'none are sent',
          example: '[POST /orders]',
          value: ['POST /orders'],
        },
      ),
    ),
  },
  expected('a map with `csrf`'),
);
