/** Errors about links and faults that do not exist, with what was probably meant. Pure. */

import { LoopyardError } from '../../core/errors.ts';
import { wantsLink } from '../../core/links.ts';
import { suggest } from '../../core/suggest.ts';
import type { Environment } from '../environment.ts';
import { type LooseLink, placeText } from './loose-links.ts';

export function unknownLink(
  link: string,
  environment: Pick<Environment, 'links' | 'service'> | null,
  loose: readonly LooseLink[],
  isServed: boolean,
): LoopyardError {
  if (!isServed) return new LoopyardError('LINKS_OFF');
  return new LoopyardError('LINK_UNKNOWN', { link, fix: fixFor(link, environment, loose) });
}

export function unknownFault(name: string, link: string, names: readonly string[]): LoopyardError {
  const near = suggest(name, names);
  const all = names.length === 0 ? 'it has none now' : `it has: ${names.join(', ')}`;
  return new LoopyardError('FAULT_UNKNOWN', {
    link,
    name,
    fix: near === undefined ? all : `did you mean \`${near}\`?`,
  });
}

function fixFor(
  link: string,
  environment: Pick<Environment, 'links' | 'service'> | null,
  loose: readonly LooseLink[],
): string {
  const [, from = '', to = ''] = /^([^:]+):([^/]+)/.exec(link) ?? [];
  const need = environment?.service(from)?.needs.find(({ service }) => service === to);
  if (need !== undefined && !wantsLink(need))
    return need.direct
      ? `\`${from}\` needs \`${to}\` with \`direct: true\`: without it there is a link`
      : `\`${from}\` waits for the end of \`${to}\` and has no link to it`;
  const names = [
    ...(environment?.links.specs.map(({ name }) => name) ?? []),
    ...loose.map(({ name }) => name),
  ];
  const near = loose.find(({ target }) => placeText(target) === link)?.name ?? suggest(link, names);
  if (near !== undefined) return `did you mean \`${near}\`?`;
  if (names.length === 0)
    return 'there is none: links follow the `needs` of services that have ports, or `lo link add`';
  return `there are: ${names.slice(0, 12).join(', ')}${names.length > 12 ? ', …' : ''}; \`lo link ls\` shows all`;
}
