/** DBG-13: a development tool opens side doors beside the site that it serves, and web pages of other sites come in by them. */

import type { ListenerCheck, ListenerContext } from '../check.ts';
import { isLikeMiss } from '../probe/door.ts';
import { FEW, inTurn } from '../probe/looks.ts';
import { forStrangers, STRANGER_REQUESTS } from '../probe/strangers.ts';
import { notApplicable, type Outcome } from '../verdict.ts';
import { lookAtMcp, MCP_REQUESTS } from './agents/mcp.ts';
import { SIDE_DOORS, type SideDoor } from './dev-tools/side-doors.ts';

const MCP_PATH = '/_next/mcp';

export const dbg13: ListenerCheck = {
  id: 'DBG-13',
  title: 'Side doors of a development tool are open to web pages',
  about: 'listener',
  transport: 'tcp',
  severity: { loopback: 'low', network: 'medium' },
  intrusive: false,
  references: ['CWE-489', 'CVE-2025-11953', 'CVE-2026-94485', 'CVE-2026-27148', 'CVE-2026-114126'],
  speaks: ['http', 'https'],
  requests: SIDE_DOORS.length * (1 + STRANGER_REQUESTS) + MCP_REQUESTS,
  fix: 'have the tool refuse foreign Host and Origin, and listen on loopback only',
  probe: `Reads ${SIDE_DOORS.map(({ request }) => `\`${request.path}\``).join(', ')}, and asks \`${MCP_PATH}\` to \`initialize\`; where one answers, again with a foreign Host and a foreign Origin. No file is opened, no command is run.`,
  rule: 'Vulnerable when the door is there, and a foreign Host gets the same, or pages of other sites may read it, or other machines reach it. What only tells about the site is information. Safe when strangers are turned away.',
  examine: (context) =>
    inTurn(
      [() => lookAtMcp(context, MCP_PATH), ...SIDE_DOORS.map((door) => () => tryDoor(context, door))],
      FEW,
    ),
};

async function tryDoor({ http, target }: ListenerContext, door: SideDoor): Promise<Outcome> {
  const { request, name, fix, severity } = door;
  const honest = await http.request(request);
  const opens = door.opens(honest);
  if (opens === null || (await isLikeMiss(http, honest, request.path)))
    return notApplicable(`it has no ${request.path}`);
  const sign = `${name} ${opens}`;
  const more = { fix, key: request.path, ...(severity === undefined ? {} : { severity }) };
  return await forStrangers({ target, http, request, honest, sign, more });
}
