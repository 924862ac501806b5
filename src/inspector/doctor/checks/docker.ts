/** Docker: who is at its socket, asked for a ping. Absent is fine. */

import type { DockerSettings, SocketAnswer } from '../../../platform/health.ts';
import { type Check, type Finding, ok, unknown, warn } from '../check.ts';
import type { Own } from '../own.ts';

export const docker: Check = {
  id: 'docker',
  title: 'Docker',
  group: 'machine',
  async examine({ health, own }) {
    const told = own.variables().DOCKER_HOST;
    if (told !== undefined && !told.startsWith('unix://'))
      return unknown(`DOCKER_HOST is ${told}, which is not asked: no unix socket`);
    const paths = told === undefined ? usualSockets(own) : [told.slice('unix://'.length)];
    const answers = await Promise.all(
      paths.map(async (path) => ({ path, answer: await health.ask(path, true) })),
    );
    const there = answers.filter(({ answer }) => answer.state !== 'absent');
    const [best] = there.toSorted((one, other) => rank(one.answer) - rank(other.answer));
    if (best === undefined) return ok('not here; nothing of Loopyard needs it');
    return findingOf(best.path, best.answer, await health.docker());
  },
};

/** Of the system, without root, and Docker Desktop's. */
function usualSockets(own: Own): readonly string[] {
  const { person } = own.place();
  const runtime = own.variables().XDG_RUNTIME_DIR;
  return [
    '/var/run/docker.sock',
    ...(runtime === undefined ? [] : [`${runtime}/docker.sock`]),
    ...(person === null
      ? []
      : [`${person}/.docker/run/docker.sock`, `${person}/.docker/desktop/docker.sock`]),
  ];
}

function rank({ state }: SocketAnswer): number {
  return ['answers', 'silent', 'refused', 'absent'].indexOf(state);
}

function findingOf(path: string, answer: SocketAnswer, settings: DockerSettings): Finding {
  switch (answer.state) {
    case 'answers':
      return ok(`answers at ${path} (API ${answer.version ?? 'of unknown version'})${proxyWords(settings)}`);
    case 'silent':
      return unknown(
        `${path} takes a connection, but did not answer within ${answer.afterMs / 1000} s`,
        'sudo systemctl restart docker',
      );
    case 'refused':
      return answer.code === 'EACCES'
        ? warn(
            `this user may not ask Docker (${path}): containers behind ports cannot be named`,
            'sudo usermod -aG docker "$USER"  # members can become root; log in again afterwards',
          )
        : warn(
            `${path} is there, and Docker does not serve it (${answer.code})`,
            'sudo systemctl start docker',
          );
    case 'absent':
      return ok('not here');
    default:
      return answer satisfies never;
  }
}

function proxyWords({ userlandProxy, unreadable }: DockerSettings): string {
  if (unreadable !== null) return `; whether it uses its userland proxy cannot be read (${unreadable})`;
  return userlandProxy === false
    ? '; without its userland proxy, so published ports have no listener that could be seen'
    : '; published ports are listeners of docker-proxy';
}
