/** HTT-09: a server puts no limit on what it reads before it answers: heads of any size fill its memory. */

import type { ListenerCheck, ListenerContext } from '../check.ts';
import { DEBUG_DOOR, isDebugDoor } from '../probe/debug-door.ts';
import { compose } from '../probe/http.ts';
import { parseReply, type Reply } from '../probe/reply.ts';
import { inconclusive, notApplicable, safe, vulnerable } from '../verdict.ts';

export const htt09: ListenerCheck = {
  id: 'HTT-09',
  title: 'Reads heads of any size',
  about: 'listener',
  transport: 'tcp',
  severity: { loopback: 'low', network: 'low' },
  intrusive: true,
  references: ['CWE-770', 'CWE-400'],
  speaks: ['http', 'https'],
  requests: 8,
  fix: 'answer with 431 when a head is longer than some 16 KB, and with 414 when a path is; most servers have such a limit and it was raised or taken off',
  probe:
    'Sends half a head; then an honest request with a header of 70 KB, with a thousand headers, and with a query of 20 KB; where one is taken, the same with 1.5 MB.',
  rule: 'Vulnerable when the small and the large one are both answered as the honest request is. Safe when the large one is refused or cut off, or half a head is answered already. A declared length of the body is no sign: many servers answer before they read it.',
  examine: async (context) => {
    const { http } = context;
    if (await isDebugDoor(http)) return notApplicable(DEBUG_DOOR);
    const control = await http.control();
    if (control.status >= 500 || !control.whole)
      return inconclusive('an honest request gets no answer to compare with');
    if (!(await http.distinguishes())) return inconclusive('it gives the same answer whatever it is asked');
    if (await answersHalf(context)) return safe('it answers before a head is over, and keeps nothing of it');
    for (const { what, request } of FORMS) {
      const small = await ask(request(SMALL), context);
      if (small === null || !http.isAlike(small, control, [])) continue;
      const large = await ask(request(LARGE), context);
      if (large === null || !http.isAlike(large, control, [])) continue;
      return vulnerable('proven', [
        `${what} of ${SMALL / 1000} KB is answered as an honest request is`,
        `and so is ${what} of ${LARGE / 1_000_000} MB, in whole`,
      ]);
    }
    return safe('large heads are refused');
  },
};

const SMALL = 70_000;
/** Above the limit of every server that has one: Go's is 1 MB. */
const LARGE = 1_500_000;
const LINE = 100;

interface Form {
  readonly what: string;
  request(bytes: number): Parameters<typeof compose>[0];
}

const FORMS: readonly Form[] = [
  { what: 'one header', request: (bytes) => ({ headers: { 'x-long': 'a'.repeat(bytes) } }) },
  {
    what: 'a list of headers',
    request: (bytes) => ({
      headers: Object.fromEntries(
        Array.from({ length: bytes / LINE }, (_, index) => [`x-many-${index}`, 'a'.repeat(LINE - 16)]),
      ),
    }),
  },
  { what: 'a query', request: (bytes) => ({ path: `/?q=${'a'.repeat(bytes)}` }) },
];

const HALF_MS = 1000;

/** Whoever does not wait for the end of a head has no need of a limit. */
async function answersHalf({ connect, http: { authority, tls } }: ListenerContext): Promise<boolean> {
  const wire = await connect(tls === null ? {} : { tls });
  try {
    wire.send(`GET / HTTP/1.1\r\nHost: ${authority}\r\nX-Half: `);
    return (await wire.receive((bytes) => bytes.length > 0, HALF_MS)).bytes.length > 0;
  } finally {
    wire.close();
  }
}

/** Null: it hung up, or said nothing that is HTTP. */
async function ask(request: Parameters<typeof compose>[0], { http }: ListenerContext): Promise<Reply | null> {
  const { bytes } = await http.raw(compose(request, http.authority));
  return parseReply(bytes);
}
