/** Servers of language models, and the inspector of MCP servers: what each gives without a token, and whether web pages get it too. */

import type { ListenerContext } from '../../check.ts';
import { isLikeMiss } from '../../probe/door.ts';
import { dig, isRecord, jsonOf, listOf } from '../../probe/json.ts';
import type { Reply } from '../../probe/reply.ts';
import { forStrangers, STRANGER_REQUESTS } from '../../probe/strangers.ts';
import { notApplicable, type Outcome, safe } from '../../verdict.ts';

export interface Giver {
  readonly name: string;
  readonly path: string;
  /** What it gives, in words; null: it is something else. */
  readonly gives: (reply: Reply) => string | null;
  readonly fix: string;
}

export const GIVERS: readonly Giver[] = [
  {
    name: 'MCP inspector',
    path: '/config',
    gives: (reply) =>
      isRecord(dig(jsonOf(reply), 'defaultEnvironment')) && dig(jsonOf(reply), 'defaultCommand') !== undefined
        ? 'its environment, and a way to start programs'
        : null,
    fix: 'update @modelcontextprotocol/inspector to 0.14.1 or later, and do not set DANGEROUSLY_OMIT_AUTH (CVE-2025-49596)',
  },
  {
    name: 'server of language models (Ollama)',
    path: '/api/tags',
    gives: (reply) => countOf(listOf(dig(jsonOf(reply), 'models'), 'name', 'model')),
    fix: 'take `*` and foreign sites out of OLLAMA_ORIGINS, set OLLAMA_HOST=127.0.0.1, and update to 0.1.29 or later (CVE-2024-28224)',
  },
  {
    name: 'server of language models (OpenAI’s API)',
    path: '/v1/models',
    gives: (reply) =>
      dig(jsonOf(reply), 'object') === 'list'
        ? countOf(listOf(dig(jsonOf(reply), 'data'), 'id', 'object'))
        : null,
    fix: 'set an API key (`--api-key`), listen on 127.0.0.1, and turn CORS off',
  },
];

export async function lookAtGiver(context: ListenerContext, giver: Giver): Promise<Outcome> {
  const { http, target } = context;
  const request = { path: giver.path };
  const honest = await http.request(request);
  if (await isLikeMiss(http, honest, giver.path)) return notApplicable(`it has no ${giver.path}`);
  if (honest.status === 401 || honest.status === 403)
    return safe(`it refuses ${giver.path} (${honest.status})`);
  const given = honest.status === 200 ? giver.gives(honest) : null;
  if (given === null) return notApplicable(`it is no ${giver.name}`);
  const sign = `\`${giver.path}\` gives ${given} without a token`;
  return await forStrangers({ target, http, request, honest, sign, more: { fix: giver.fix } });
}

export const GIVER_REQUESTS = 1 + STRANGER_REQUESTS;

function countOf(list: readonly unknown[] | null): string | null {
  return list === null ? null : `a list of ${list.length} models`;
}
