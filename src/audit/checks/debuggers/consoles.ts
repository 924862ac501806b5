/** Notebooks, editors and terminals in the browser: whoever gets in runs code as the user. Whether one lets strangers in. */

import type { ListenerContext } from '../../check.ts';
import type { Door } from '../../probe/door.ts';
import { dig, jsonOf } from '../../probe/json.ts';
import { bodyText, header, type Reply } from '../../probe/reply.ts';
import { inconclusive, notApplicable, type Outcome, safe, vulnerable } from '../../verdict.ts';

/** `JUPYTER_REQUESTS` at most. */
export async function lookAtJupyter({ http }: ListenerContext): Promise<Outcome> {
  const home = await http.control();
  const place = header(home, 'location') ?? '';
  const base = /^(\/(?:[^?]*\/)?)(?:lab|tree|login|retro|notebooks)\b/.exec(place)?.[1];
  if (base === undefined && !/^TornadoServer/.test(header(home, 'server') ?? ''))
    return notApplicable('its home page is no notebook’s');
  const status = await http.request({ path: `${base ?? '/'}api/status` });
  if (status.status === 401 || status.status === 403) return safe(`it asks for a token (${status.status})`);
  if (!['started', 'last_activity', 'kernels'].every((key) => dig(jsonOf(status), key) !== undefined))
    return notApplicable('it tells no status as a notebook server does');
  const contents = await http.request({ path: `${base ?? '/'}api/contents?content=0` });
  if (contents.status === 401 || contents.status === 403)
    return safe('its files are refused without a token');
  if (dig(jsonOf(contents), 'type') !== 'directory') return inconclusive('it tells its status, and no files');
  return vulnerable(
    'proven',
    [
      '`/api/status` is told without a token',
      '`/api/contents` gives its directory: files can be read and code can be run by whoever comes',
    ],
    {
      fix: "take `ServerApp.token = ''` (and `--NotebookApp.token=''`) away: then it makes a token of its own",
    },
  );
}

export const JUPYTER_REQUESTS = 2;

/** code-server, openvscode-server and `code serve-web`. One request. */
export async function lookAtEditor({ http }: ListenerContext): Promise<Outcome> {
  const home = await http.control();
  const place = header(home, 'location') ?? '';
  if (/\blogin\b/.test(place)) return notApplicable('its home page asks for a login');
  const page = /^\.?\/?\?(?:folder|workspace)=/.test(place)
    ? await http.request({ path: `/${place.slice(place.indexOf('?'))}` })
    : home;
  const text = bodyText(page);
  if (page.status !== 200 || !/id="vscode-workbench-web-configuration"/.test(text) || !/workbench/.test(text))
    return notApplicable('its home page is no editor’s');
  if (!(await http.distinguishes())) return notApplicable('it gives the same page whatever it is asked');
  return vulnerable(
    'behavioural',
    [
      'its home page is an editor with files and terminals, without a password',
      'a path that does not exist gets another answer',
    ],
    { fix: 'start code-server with `--auth password`, others without `--without-connection-token`' },
  );
}

export const EDITOR_REQUESTS = 1;

export const TERMINAL_DOORS: readonly Door[] = [
  {
    name: 'ttyd',
    request: { path: '/token' },
    isLikely: ({ home }) => /<title>ttyd\b/.test(bodyText(home)),
    shows: (reply) => (dig(jsonOf(reply), 'token') === '' ? 'an empty token opens a terminal' : null),
    fix: 'start it with `-c USER:PASSWORD` and `-i 127.0.0.1`',
  },
  {
    name: 'GoTTY',
    request: { path: '/auth_token.js' },
    isLikely: ({ home }) => /gotty/i.test(bodyText(home)),
    shows: (reply: Reply) =>
      /^var gotty_auth_token = ['"]{2};?\s*$/m.test(bodyText(reply))
        ? 'an empty token opens a terminal'
        : null,
    fix: 'start it with `-c USER:PASSWORD` and `-a 127.0.0.1`',
  },
];
