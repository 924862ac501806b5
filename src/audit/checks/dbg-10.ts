/** DBG-10: a web framework runs in debug mode: its error pages tell sources and settings, or run code. */

import type { ListenerCheck, ListenerContext } from '../check.ts';
import { openDoor } from '../probe/door.ts';
import { FEW, inTurn } from '../probe/looks.ts';
import { bodyText } from '../probe/reply.ts';
import { notApplicable, type Outcome, vulnerable } from '../verdict.ts';
import { DEBUG_DOORS, DEBUG_PAGES } from './debuggers/frameworks.ts';

export const dbg10: ListenerCheck = {
  id: 'DBG-10',
  title: 'A web framework runs in debug mode',
  about: 'listener',
  transport: 'tcp',
  severity: { loopback: 'medium', network: 'high' },
  intrusive: false,
  references: ['CWE-489', 'CWE-209', 'CVE-2021-3129'],
  speaks: ['http', 'https'],
  requests: DEBUG_DOORS.length,
  fix: 'turn its debug mode off, or let it listen on loopback only',
  probe: `Reads the page of a path that does not exist, and ${DEBUG_DOORS.map(({ request }) => `\`${request.path}\``).join(', ')}.`,
  rule: 'Vulnerable when an error page says that it is a debug page and tells routes, sources or directories; or when a tool of the debug mode answers, and a path that does not exist gets another answer.',
  examine: (context) =>
    inTurn([() => errorPage(context), ...DEBUG_DOORS.map((door) => () => openDoor(context.http, door))], FEW),
};

/** A page that is the same for every path is no error page, whatever it is about. */
async function errorPage({ http }: ListenerContext): Promise<Outcome> {
  const miss = await http.miss('page');
  const text = bodyText(miss);
  const page =
    miss.status < 400
      ? undefined
      : DEBUG_PAGES.find(({ says, tells }) => says.test(text) && tells.test(text));
  if (page === undefined) return notApplicable('its error page is none of a debug mode');
  return vulnerable(
    'behavioural',
    [`a path that does not exist gets the debug page of ${page.name}`, `it tells ${page.what}`],
    { fix: page.fix },
  );
}
