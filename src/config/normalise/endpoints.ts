/**
 * `port:` and the recipe's own endpoints -> the endpoints of a service, the first of which is `PORT`.
 */

import type { EndpointSpec, Protocol } from '../../core/model.ts';
import type { Context, Draft } from './draft.ts';

export function readEndpoints(draft: Draft, { report }: Context): readonly EndpointSpec[] {
  const endpoints = combine(draft);
  const holders = new Map<number, string>();
  for (const { name, port } of endpoints) {
    const holder = holders.get(port);
    if (holder === undefined) holders.set(port, name);
    else {
      const path = [
        ...draft.path,
        'port',
        ...(typeof draft.raw.port === 'object' && Object.hasOwn(draft.raw.port, name) ? [name] : []),
      ];
      report.value(
        path,
        `port ${port} is given to both \`${holder}\` and \`${name}\``,
        'every endpoint of a service has a port of its own',
      );
    }
  }
  return endpoints;
}

function combine({ raw: { port }, recipe }: Draft): readonly EndpointSpec[] {
  const own = recipe?.endpoints ?? [];
  const [first, ...rest] = own;
  if (port === undefined) return own;
  if (typeof port === 'number') {
    return first === undefined ? [{ name: 'http', protocol: 'http', port }] : [{ ...first, port }, ...rest];
  }
  const given = new Map(Object.entries(port));
  const known = own.map((endpoint) => ({ ...endpoint, port: given.get(endpoint.name) ?? endpoint.port }));
  const added = [...given].filter(([name]) => !own.some((endpoint) => endpoint.name === name));
  return [...known, ...added.map(([name, number]) => ({ name, protocol: protocolOf(name), port: number }))];
}

function protocolOf(name: string): Protocol {
  switch (name) {
    case 'http':
    case 'https':
    case 'postgres':
    case 'redis':
      return name;
    default:
      return 'tcp';
  }
}
