/** EXP-08: a control socket that everybody on this machine may write to. File modes and the table of unix sockets; nothing is sent. */

import type { MachineCheck, MachineContext } from '../check.ts';
import type { PathFact } from '../facts.ts';
import { type Outcome, safe, vulnerable } from '../verdict.ts';

/** Whoever may write to one of these may start containers, and with them become root. They ask nobody who they are. */
const CONTROL = /\/(?:docker|podman|containerd|crio|buildkitd|lxd\/unix|incus\/unix)\.(?:sock|socket)$/;

export const exp08: MachineCheck = {
  id: 'EXP-08',
  title: 'Everybody may write to a control socket',
  about: 'machine',
  severity: { loopback: 'medium', network: 'medium' },
  intrusive: false,
  references: ['CWE-276', 'CWE-732'],
  requests: 0,
  fix: 'take the right to write from others: `sudo chmod o-w SOCKET`, and start its manager without an option that opens it',
  probe: 'Reads the modes of sockets of container managers, and of the directories above them.',
  rule: 'Vulnerable when others may write to it and walk through every directory above. Sockets of databases are left out: they are open to all by design and ask who connects. A group whose members may write is told as information.',
  examine: async (context) => {
    const paths = context.facts.unixSockets().flatMap(({ path }) => (CONTROL.test(path) ? [path] : []));
    if (!context.wholeMachine) return [];
    return await Promise.all(
      [...new Set(paths)].map(async (path) => ({ about: path, outcome: await judge(path, context) })),
    );
  },
};

async function judge(path: string, { facts }: MachineContext): Promise<Outcome> {
  const socket = await facts.path(path);
  if (socket === null || socket.kind !== 'socket') return safe('it cannot be reached by this user');
  const mode = `mode ${(socket.mode & 0o777).toString(8).padStart(4, '0')}`;
  const above = await Promise.all(parentsOf(path).map((directory) => facts.path(directory)));
  const closed = above.some(
    (directory) => directory !== null && directory.kind === 'directory' && (directory.mode & 0o001) === 0,
  );
  if ((socket.mode & 0o002) !== 0 && !closed)
    return vulnerable(
      'proven',
      [`${mode}: others may write`, 'every directory above it is open, and a manager listens on it'],
      {
        fix: `sudo chmod o-w ${path}`,
      },
    );
  return byGroup(socket, mode, facts.user);
}

function byGroup(
  socket: PathFact,
  mode: string,
  { uid, groups, name }: MachineContext['facts']['user'],
): Outcome {
  const isMember = uid !== 0 && uid !== socket.uid && groups.includes(socket.gid);
  if (!isMember || (socket.mode & 0o020) === 0) return safe(`${mode}: others may not write`);
  return vulnerable(
    'proven',
    [
      `${mode}: its group may write`,
      `${name} is in that group, so every program of ${name} may become root by it`,
    ],
    {
      severity: { loopback: 'info', network: 'info' },
      fix: 'nothing has to be done where you want that; else leave the group, or use the rootless mode of the manager',
    },
  );
}

function parentsOf(path: string): readonly string[] {
  const parts = path.split('/').slice(1, -1);
  return parts.map((_, index) => `/${parts.slice(0, index + 1).join('/')}`);
}
