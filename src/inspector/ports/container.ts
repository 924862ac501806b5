/**
 * The container that a listener belongs to: by the arguments of what forwards a published port, or by the control group that the
 * manager made for it. Names come from the manager (`container-names.ts`). Pure.
 */

import type { ContainerRef } from '../../core/inspection.ts';
import type { ProcessDescription } from '../../platform/facts.ts';
import { remembered } from '../remember.ts';

type Placed = Pick<ProcessDescription, 'command' | 'cgroup'>;

export function containerOf(processes: readonly Placed[]): ContainerRef | null {
  for (const process of processes) {
    const found = containerOfOne(process);
    if (found !== null) return found;
  }
  return null;
}

const containerOfOne = remembered(
  ({ command, cgroup }: Placed): ContainerRef | null => byForwarder(command) ?? byControlGroup(cgroup),
);

function byForwarder(command: readonly string[]): ContainerRef | null {
  const program = command[0]?.split('/').pop() ?? '';
  if (program === 'docker-proxy') return ref('docker', { target: targetOf(command) });
  if (program === 'rootlesskit' || program === 'com.docker.backend') return ref('docker');
  if (/^rootlessport/.test(program) || program === 'gvproxy') return ref('podman');
  // Outside of podman it serves virtual machines.
  if (/^pasta(?:\.avx2)?$/.test(program) && command.some((word) => word.includes('/netns/netns-')))
    return ref('podman');
  return null;
}

/** Source: cmd/docker-proxy/main_linux.go of moby. */
function targetOf(command: readonly string[]): ContainerRef['target'] {
  const value = (flag: string): string | undefined => {
    const at = command.indexOf(flag);
    return at < 0 ? undefined : command[at + 1];
  };
  const [address, port] = [value('-container-ip'), Number(value('-container-port'))];
  return address === undefined || !Number.isInteger(port) ? null : { address, port };
}

const ID = '([0-9a-f]{64})';
const BARE_ID = new RegExp(`^${ID}$`);
/** Of one part of a path. Sources: the cgroup drivers of moby, podman (libpod), containerd's CRI plugin, CRI-O, nerdctl. */
const SCOPES: readonly (readonly [RegExp, ContainerRef['runtime']])[] = [
  [new RegExp(`^docker-${ID}\\.scope$`), 'docker'],
  [new RegExp(`^libpod-(?:payload-)?${ID}(?:\\.scope)?$`), 'podman'],
  [new RegExp(`^(?:cri-containerd|crio)-${ID}(?:\\.scope)?$`), 'kubernetes'],
  [new RegExp(`^nerdctl-${ID}\\.scope$`), 'containerd'],
];
/** Of the part above one that is an id. */
const PARENTS: Readonly<Record<string, ContainerRef['runtime']>> = {
  docker: 'docker',
  libpod_parent: 'podman',
  default: 'containerd',
};

/** The innermost, as the listener is inside it. */
function byControlGroup(cgroup: string | null): ContainerRef | null {
  // Most processes are in none.
  if (cgroup === null || cgroup === '/') return null;
  const parts = cgroup.split('/');
  for (let at = parts.length - 1; at > 0; at -= 1) {
    const found = byPart(parts[at] ?? '', parts.slice(0, at));
    if (found !== null) return found;
  }
  return null;
}

function byPart(part: string, above: readonly string[]): ContainerRef | null {
  const inPod = above.some((one) => one.startsWith('kubepods'));
  for (const [pattern, runtime] of SCOPES) {
    const id = pattern.exec(part)?.[1];
    if (id !== undefined) return ref(inPod ? 'kubernetes' : runtime, { id });
  }
  const parent = above.at(-1) ?? '';
  if (BARE_ID.test(part))
    return ref(inPod ? 'kubernetes' : (PARENTS[parent] ?? (above.includes('ecs') ? 'docker' : 'unknown')), {
      id: part,
    });
  return byName(part, parent);
}

/** LXC and systemd-nspawn have names alone. */
function byName(part: string, parent: string): ContainerRef | null {
  const name = /^lxc\.payload\.(.+)$/.exec(part)?.[1];
  if (name !== undefined) return ref('lxc', { name });
  if ((parent === 'lxc' || parent === 'lxc.payload') && part !== '') return ref('lxc', { name: part });
  const spawned = /^systemd-nspawn@(.+)\.service$/.exec(part)?.[1];
  return spawned === undefined ? null : ref('unknown', { name: spawned });
}

function ref(runtime: ContainerRef['runtime'], known: Partial<ContainerRef> = {}): ContainerRef {
  return { runtime, id: null, name: null, target: null, ...known };
}
