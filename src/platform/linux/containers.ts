/**
 * Running containers, asked of Docker and podman through their sockets on this machine: one request each, bounded in time and size.
 * A manager on another machine is never asked. Source: Docker Engine API, ContainerList; podman answers the same.
 */

import { realpathSync } from 'node:fs';
import { request } from 'node:http';
import type { ContainerFacts, Gap } from '../facts.ts';

const PATIENCE_MS = 1000;
/** A thousand containers tell about 2 MB. */
const MOST_BYTES = 16_000_000;

type Runtime = ContainerFacts['runtime'];

interface Manager {
  readonly runtime: Runtime;
  readonly path: string;
}

export async function readContainers(
  variables: Readonly<Record<string, string | undefined>>,
): Promise<{ readonly containers: readonly ContainerFacts[]; readonly gaps: readonly Gap[] }> {
  const answers = await Promise.all(managersOf(variables).map(ask));
  return {
    containers: answers.flatMap(({ containers }) => containers),
    gaps: answers.flatMap(({ gap }) => (gap === null ? [] : [gap])),
  };
}

/** Each socket once, however many paths lead to it. */
function managersOf(variables: Readonly<Record<string, string | undefined>>): readonly Manager[] {
  const runtimeDirectory = variables.XDG_RUNTIME_DIR ?? '';
  const own = (name: string): readonly string[] =>
    runtimeDirectory === '' ? [] : [`${runtimeDirectory}/${name}`];
  const chosen = /^unix:\/\/(\/.+)$/.exec(variables.DOCKER_HOST ?? '')?.[1];
  const wanted: readonly Manager[] = [
    ...[...(chosen === undefined ? [] : [chosen]), '/var/run/docker.sock', ...own('docker.sock')].map(
      (path): Manager => ({ runtime: path.includes('podman') ? 'podman' : 'docker', path }),
    ),
    ...['/run/podman/podman.sock', ...own('podman/podman.sock')].map(
      (path): Manager => ({ runtime: 'podman', path }),
    ),
  ];
  const real = new Map<string, Manager>();
  for (const manager of wanted) {
    const path = realPath(manager.path);
    if (path !== null && !real.has(path)) real.set(path, { ...manager, path });
  }
  return [...real.values()];
}

/** Null: nothing is there, which is the common case. */
function realPath(path: string): string | null {
  try {
    return realpathSync(path);
  } catch {
    // Not there, or in a directory of somebody else.
    return null;
  }
}

interface Answer {
  readonly containers: readonly ContainerFacts[];
  readonly gap: Gap | null;
}

async function ask({ runtime, path }: Manager): Promise<Answer> {
  try {
    const text = await get(path, '/containers/json');
    return { containers: containersIn(JSON.parse(text), runtime), gap: null };
  } catch (error) {
    const why = error instanceof SyntaxError ? 'the answer is no JSON' : reasonOf(error);
    return { containers: [], gap: { what: `names of containers, asked at ${path}`, why } };
  }
}

function get(socketPath: string, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const headers = { host: 'localhost' };
    const asking = request({ socketPath, path, agent: false, headers, signal }, (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      response.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        size += chunk.length;
        if (size > MOST_BYTES) asking.destroy(new Error(`it says more than ${MOST_BYTES} bytes`));
      });
      response.on('end', () => {
        if (response.statusCode === 200) resolve(Buffer.concat(chunks).toString('utf8'));
        else reject(new Error(`it answers with status ${response.statusCode}`));
      });
      response.on('error', reject);
    });
    asking.on('error', reject);
    asking.end();
  });
}

function reasonOf(error: unknown): string {
  const { code, name, message } = error as NodeJS.ErrnoException;
  if (name === 'AbortError' || name === 'TimeoutError') return `no answer within ${PATIENCE_MS} ms`;
  if (code === 'EACCES' || code === 'EPERM') return 'this user may not speak to it';
  if (code === 'ECONNREFUSED') return 'nobody listens there';
  return code ?? message;
}

type Fields = Readonly<Record<string, unknown>>;

/** What is not as the API says is left out. */
function containersIn(document: unknown, runtime: Runtime): readonly ContainerFacts[] {
  return list(document).flatMap((item): readonly ContainerFacts[] => {
    const { Id: id, Names: names, NetworkSettings: settings, Ports: ports } = fields(item);
    const [name] = list(names);
    if (typeof id !== 'string' || typeof name !== 'string') return [];
    const addresses = Object.values(fields(fields(settings).Networks)).flatMap((network) => {
      const { IPAddress: four, GlobalIPv6Address: six } = fields(network);
      return [four, six].filter((one): one is string => typeof one === 'string' && one !== '');
    });
    return [
      { runtime, id, name: name.replace(/^\//, ''), addresses, published: list(ports).flatMap(publishedAs) },
    ];
  });
}

function publishedAs(item: unknown): ContainerFacts['published'] {
  const { IP: address, PublicPort: port, PrivatePort: target, Type: protocol } = fields(item);
  if (typeof port !== 'number' || typeof target !== 'number') return [];
  if (protocol !== 'tcp' && protocol !== 'udp') return [];
  return [{ protocol, address: typeof address === 'string' ? address : '', port, target }];
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function fields(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
