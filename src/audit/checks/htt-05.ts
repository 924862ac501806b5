/** HTT-05: a web server gives files that hold secrets. Their values are neither kept nor shown. */

import type { Severity } from '../../core/audit.ts';
import type { ListenerCheck, ListenerContext } from '../check.ts';
import { DOTFILE_FIXES } from '../fixes/dotfiles.ts';
import { fixFor } from '../fixes/programs.ts';
import type { Reply } from '../probe/reply.ts';
import { hasSignature, SECRET_FILES, type SecretFile } from '../probe/secret-files.ts';
import { inconclusive, NO_END, safe, vulnerable } from '../verdict.ts';

export const htt05: ListenerCheck = {
  id: 'HTT-05',
  title: 'Gives files with secrets to whoever asks',
  about: 'listener',
  transport: 'tcp',
  severity: { loopback: 'high', network: 'critical' },
  intrusive: false,
  references: ['CWE-538', 'CWE-312', 'CWE-530'],
  speaks: ['http', 'https'],
  requests: 40,
  fix: 'serve a directory of its own (`public/`, `dist/`) that holds nothing else, and make new secrets: these may have been read',
  probe:
    'Asks for some thirty usual files with secrets (`.env`, `.npmrc`, keys, dumps, credentials), and for made-up names with the same endings. What comes is looked at and not kept.',
  rule: 'Vulnerable when a file has the content that such a file always has and is no page, and a made-up name with the same ending gives something else. The finding names the file and its kind, never a value.',
  examine: async (context) => {
    if (!(await context.http.control()).whole) return inconclusive(NO_END);
    const found: SecretFile[] = [];
    const misses = new Map<string, Reply>();
    for (const file of SECRET_FILES) {
      const reply = await ask(file.path, context);
      if (!isOf(file, reply)) continue;
      const miss = misses.get(endingOf(file.path)) ?? (await ask(madeUp(file.path, context), context));
      misses.set(endingOf(file.path), miss);
      if (isOf(file, miss)) return inconclusive('a file with a made-up name has such content as well');
      found.push(file);
    }
    const [first, ...more] = found;
    if (first === undefined) return safe('none of the usual files with secrets is given');
    const worst =
      [...found].sort((one, other) => WORST.indexOf(one.worth) - WORST.indexOf(other.worth))[0] ?? first;
    return vulnerable(
      'proven',
      [
        `${first.path} is given: ${first.kind}`,
        'its content is what such a file always has, and a made-up name with the same ending gives something else',
        ...more.map(({ path, kind }) => `${path} is given: ${kind}`),
      ],
      { fix: fixFor(context.target, DOTFILE_FIXES) ?? htt05.fix, severity: SEVERITIES_OF[worst.worth] },
    );
  },
};

const WORST: readonly SecretFile['worth'][] = ['secret', 'data', 'hint'];

const SEVERITIES_OF: Readonly<
  Record<SecretFile['worth'], { readonly loopback: Severity; readonly network: Severity }>
> = {
  secret: { loopback: 'high', network: 'critical' },
  data: { loopback: 'medium', network: 'high' },
  hint: { loopback: 'low', network: 'low' },
};

async function ask(path: string, { http }: ListenerContext): Promise<Reply> {
  return await http.request({ path, confidential: true });
}

function isOf(file: SecretFile, { status, body }: Reply): boolean {
  // A page that explains something may quote every signature.
  const isPage = /^\s*<(?:!doctype|html|head|body|script)\b/i.test(body.toString('latin1', 0, 200));
  return status === 200 && !isPage && hasSignature(file, body);
}

/** In the same place, with the same ending. */
function madeUp(path: string, { nonce }: ListenerContext): string {
  const dot = path.lastIndexOf('/') + 1 === path.lastIndexOf('.') ? '.' : '';
  return `${path.slice(0, path.lastIndexOf('/') + 1)}${dot}${nonce()}${endingOf(path)}`;
}

function endingOf(path: string): string {
  return /[^/.](\.[^/.]+)$/.exec(path)?.[1] ?? '';
}
