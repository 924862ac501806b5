/** TLS-05: private keys of this project or of this user's authority can be read by others, or are kept in version control. */

import type { MachineCheck, MachineContext, MachineOutcome } from '../check.ts';
import type { PathFact } from '../facts.ts';
import { safe, vulnerable } from '../verdict.ts';

export const tls05: MachineCheck = {
  id: 'TLS-05',
  title: 'A private key can be read by others',
  about: 'machine',
  severity: { loopback: 'high', network: 'high' },
  intrusive: false,
  references: ['CWE-732', 'CWE-312'],
  requests: 0,
  fix: 'make it yours alone with `chmod 600`; a key that is in version control has to be replaced',
  probe:
    'Looks at the usual places of keys: files that the command lines of servers name, the project and its directories for certificates, and the authority of mkcert. Nothing but the first bytes is read, to see that it is a key.',
  rule: 'Vulnerable when a file that begins as a private key does may be read by its group or by everybody, or stands in the index of Git. Safe when it is its owner’s alone.',
  examine: async (context) => {
    const outcomes: MachineOutcome[] = [];
    for (const path of await candidates(context)) {
      const outcome = await look(path, context);
      if (outcome !== null) outcomes.push(outcome);
    }
    return outcomes;
  },
};

const NAMES: readonly string[] = [
  'key.pem',
  'privkey.pem',
  'private.pem',
  'private.key',
  'server.key',
  'server-key.pem',
  'localhost.key',
  'localhost-key.pem',
  'dev.key',
  'ca.key',
  'rootCA-key.pem',
];
const DIRECTORIES: readonly string[] = [
  '',
  'cert/',
  'certs/',
  '.cert/',
  'certificates/',
  'ssl/',
  'tls/',
  'config/',
  'config/certs/',
];
const MKCERT = '.local/share/mkcert/rootCA-key.pem';

async function candidates({ facts, targets, wholeMachine }: MachineContext): Promise<readonly string[]> {
  const { project, user } = facts;
  const directory = project?.directory ?? null;
  const own =
    directory === null
      ? []
      : DIRECTORIES.flatMap((inside) => NAMES.map((name) => `${directory}/${inside}${name}`));
  const authority = wholeMachine && user.home !== null ? [`${user.home}/${MKCERT}`] : [];
  const named = targets.flatMap(({ listeners }) =>
    listeners.flatMap(({ owners }) => owners.flatMap(filesNamed)),
  );
  return [...new Set([...named, ...own, ...authority])];
}

type Owner = MachineContext['targets'][number]['listeners'][number]['owners'][number];

function filesNamed({ command, cwd }: Owner): readonly string[] {
  return (command ?? []).flatMap((word) => {
    const path = /^(?:-[\w-]+=)?([^=]+\.(?:pem|key))$/.exec(word)?.[1];
    if (path === undefined) return [];
    return path.startsWith('/') ? [path] : cwd === null ? [] : [`${cwd}/${path.replace(/^\.\//, '')}`];
  });
}

/** Null: there is no key. */
async function look(path: string, context: MachineContext): Promise<MachineOutcome | null> {
  const { facts } = context;
  const fact = await facts.path(path);
  if (fact?.kind !== 'file') return null;
  const beginning = (await facts.readFile(path, 512))?.toString('latin1') ?? '';
  const [, kind = ''] = /^-----BEGIN ((?:[A-Z]+ ){0,3})PRIVATE KEY-----/m.exec(beginning) ?? [];
  if (!beginning.includes('PRIVATE KEY-----')) return null;
  // Without its passphrase nobody can use it.
  if (kind.startsWith('ENCRYPTED') || beginning.includes('4,ENCRYPTED')) return null;
  const about = shown(path, context);
  const what = 'it begins as a private key does, and has no passphrase';
  if (await isTracked(path, context))
    return {
      about,
      outcome: vulnerable(
        'proven',
        ['it is in the index of Git, so whoever has the repository has it', what],
        {
          fix: `git rm --cached ${about}, ignore it, and make a new one: the history keeps this one`,
        },
      ),
    };
  const readers = await whoReads(path, fact, context);
  if (readers === null) return { about, outcome: safe('nobody but its owner can read it') };
  const mode = (fact.mode & 0o777).toString(8).padStart(4, '0');
  return {
    about,
    outcome: vulnerable('proven', [`mode ${mode}: ${readers} may read it`, what], {
      fix: `chmod 600 ${about}`,
    }),
  };
}

/** A finding is the same in each run and checkout. */
function shown(path: string, { facts: { project, user } }: MachineContext): string {
  const directory = project?.directory ?? null;
  if (directory !== null && path.startsWith(`${directory}/`)) return path.slice(directory.length + 1);
  return user.home !== null && path.startsWith(`${user.home}/`) ? `~${path.slice(user.home.length)}` : path;
}

/** Null: nobody else. A directory that is closed on the way keeps them out. */
async function whoReads(
  path: string,
  { mode, gid }: PathFact,
  { facts }: MachineContext,
): Promise<string | null> {
  const parts = path.split('/').slice(1, -1);
  const above = await Promise.all(
    parts.map((_, index) => facts.path(`/${parts.slice(0, index + 1).join('/')}`)),
  );
  const isOpen = (bit: number): boolean =>
    above.every((one) => one === null || one.kind !== 'directory' || (one.mode & bit) !== 0);
  if ((mode & 0o004) !== 0 && isOpen(0o001)) return 'everybody on this machine';
  // The group of one person is that person.
  const isShared = (mode & 0o040) !== 0 && gid !== 0 && !facts.user.groups.includes(gid);
  return isShared && isOpen(0o010) ? 'its group' : null;
}

const MOST_INDEX = 16_000_000;

/** Of the checkout that is looked at. Paths stand in the index as they are, each with a zero byte at its end. */
async function isTracked(path: string, { facts }: MachineContext): Promise<boolean> {
  const directory = facts.project?.directory ?? null;
  if (directory === null || !path.startsWith(`${directory}/`)) return false;
  const index = await facts.readFile(`${directory}/.git/index`, MOST_INDEX);
  if (index === null || index.toString('latin1', 0, 4) !== 'DIRC') return false;
  const name = path.slice(directory.length + 1);
  const at = index.indexOf(`${name}\0`, 0, 'utf8');
  // Not the end of a longer path.
  return at > 1 && (index.readUInt16BE(at - 2) & 0xfff) === Buffer.byteLength(name);
}
