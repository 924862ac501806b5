/** Routes about links and faults. Part of the table in `api.ts`. */

import { TARGET } from './request-fields.ts';

const LINK = { link: '`api:db`, `api:db/metrics`, or the name of a link without a project' } as const;

export const LINK_ROUTES = [
  {
    name: 'links',
    path: '/v1/links',
    answer: 'reply',
    summary: 'The links of an environment and those without a project, with who uses them now.',
    request: { ...TARGET },
    response: 'LinkList',
  },
  {
    name: 'watchLinks',
    path: '/v1/watch-links',
    answer: 'stream',
    summary: 'The same again and again, once a second.',
    request: { ...TARGET },
    response: 'LinkList',
  },
  {
    name: 'addLink',
    path: '/v1/add-link',
    answer: 'reply',
    summary: 'Makes a link that belongs to no project.',
    request: {
      target: 'a port, or a loopback address with one',
      listen: 'optional: where it listens, a loopback address with a port',
      name: 'optional: a name for it',
    },
    response: 'LinkList',
  },
  {
    name: 'removeLink',
    path: '/v1/remove-link',
    answer: 'reply',
    summary: 'Takes such a link away; its connections are closed.',
    request: { name: 'its name' },
    response: 'LinkList',
  },
  {
    name: 'addFault',
    path: '/v1/add-fault',
    answer: 'reply',
    summary: 'Has a link do something to its traffic, open connections included.',
    request: { ...TARGET, ...LINK, fault: 'kind, value, settings, direction, … as they are typed' },
    response: 'LinkList',
  },
  {
    name: 'removeFaults',
    path: '/v1/remove-faults',
    answer: 'reply',
    summary: 'Takes faults away: one by its name, all of a link, or all of an environment.',
    request: {
      ...TARGET,
      link: `optional: ${LINK.link}`,
      name: 'optional: a fault of that link',
    },
    response: 'LinkList',
  },
] as const;
