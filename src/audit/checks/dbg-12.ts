/** DBG-12: a server of tools or models for AI agents can be used by web pages of other sites, or by other machines. */

import type { ListenerCheck } from '../check.ts';
import { FEW, inTurn } from '../probe/looks.ts';
import { lookAtMcp, lookAtMcpEvents, MCP_EVENT_REQUESTS, MCP_REQUESTS } from './agents/mcp.ts';
import { GIVER_REQUESTS, GIVERS, lookAtGiver } from './agents/models.ts';

const MCP_PATHS = ['/mcp', '/'];

export const dbg12: ListenerCheck = {
  id: 'DBG-12',
  title: 'Tools or models for agents are open to web pages',
  about: 'listener',
  transport: 'tcp',
  severity: { loopback: 'high', network: 'critical' },
  intrusive: false,
  references: [
    'CWE-306',
    'CWE-350',
    'CVE-2025-49596',
    'CVE-2026-23744',
    'GHSA-w48q-cv73-mx4w',
    'CVE-2026-34742',
    'CVE-2024-28224',
  ],
  speaks: ['http', 'https'],
  requests: MCP_PATHS.length * MCP_REQUESTS + MCP_EVENT_REQUESTS + GIVERS.length * GIVER_REQUESTS,
  fix: 'ask for a token, and refuse foreign Host and Origin',
  probe: `MCP: \`initialize\` at ${MCP_PATHS.map((path) => `\`${path}\``).join(' and ')}, and the stream at \`/sse\`, where those paths are not like any other; a session that was begun is ended. MCP inspector, Ollama and others: ${GIVERS.map(({ path }) => `\`${path}\``).join(', ')}. Each honestly, then with a foreign Host and Origin. No tool is called, no model is loaded.`,
  rule: 'Vulnerable when it answers without a token, and does so for a foreign Host or Origin, or to other machines. Safe when it asks for a token, or turns strangers away.',
  examine: (context) =>
    inTurn(
      [
        ...MCP_PATHS.map((path) => () => lookAtMcp(context, path)),
        () => lookAtMcpEvents(context),
        ...GIVERS.map((giver) => () => lookAtGiver(context, giver)),
      ],
      FEW,
    ),
};
