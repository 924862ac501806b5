/** Routes about names: aliases, who has a plain name, certificates, doors. Part of the table in `api.ts`. */

import { TARGET } from './request-fields.ts';

export const NAMING_ROUTES = [
  {
    name: 'aliases',
    path: '/v1/aliases',
    answer: 'reply',
    summary: 'Names that were given to places on this machine.',
    request: {},
    response: 'AliasList',
  },
  {
    name: 'alias',
    path: '/v1/alias',
    answer: 'reply',
    summary: 'Gives a name to a loopback address and port.',
    request: {
      name: 'below `.localhost`; a bare word gets the suffix',
      target: 'a port, or an address with one',
    },
    response: 'AliasList',
  },
  {
    name: 'unalias',
    path: '/v1/unalias',
    answer: 'reply',
    summary: 'Takes such a name away.',
    request: { name: 'an alias' },
    response: 'AliasList',
  },
  {
    name: 'switchTo',
    path: '/v1/switch',
    answer: 'reply',
    summary: 'Gives the plain names of a project to one of its checkouts.',
    request: {
      ...TARGET,
      to: 'optional: id, name or folder of another environment than the one that is meant',
    },
    response: 'SwitchReport',
  },
  {
    name: 'authority',
    path: '/v1/authority',
    answer: 'reply',
    summary: "The home's certificate authority.",
    request: { make: 'make it when there is none that can be used' },
    response: 'AuthorityReport',
  },
  {
    name: 'doors',
    path: '/v1/doors',
    answer: 'reply',
    summary: 'Where the gateway listens.',
    request: { reopen: 'try all of them anew first; open connections are dropped' },
    response: 'DoorList',
  },
  {
    name: 'traffic',
    path: '/v1/traffic',
    answer: 'reply',
    summary: 'What the gateway carries: connections, requests, errors and latency of each route.',
    request: {},
    response: 'TrafficReport',
  },
] as const;
