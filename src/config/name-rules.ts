/** What `names:` of one service says about others: whose name a path stands on, and that nobody else has it. */

import type { NameRule } from '../core/model.ts';
import { suggest } from '../core/suggest.ts';
import type { ReadService } from './normalise/service.ts';
import type { Path, Reporter } from './reporter.ts';

export function checkNameRules(
  all: readonly ReadService[],
  known: ReadonlySet<string>,
  report: Reporter,
): void {
  const byName = new Map(all.map((read) => [read.service.name, read]));
  const holders = new Map<string, string>();
  for (const read of all) {
    const { service, draft } = read;
    if (draft.wrong.has('names')) continue;
    if (service.names !== undefined && isMute(read))
      report.key(
        [...draft.path, 'names'],
        `\`${service.name}\` speaks no HTTP, so names cannot lead to it`,
        'its first endpoint has to be `http`: `port: 3000`',
      );
    service.names?.forEach((rule, index) => {
      const path = Array.isArray(draft.raw.names)
        ? [...draft.path, 'names', index]
        : [...draft.path, 'names'];
      const text = rule.kind === 'below' ? '*' : `${rule.service}${rule.path}`;
      const key = rule.kind === 'below' ? `${service.name}/*` : text;
      const holder = holders.get(key);
      if (holder === undefined) holders.set(key, service.name);
      else report.value(path, `\`${text}\` belongs to \`${holder}\` already`, 'a name leads to one service');
      if (rule.kind === 'path') checkPath(rule, read, { path, text, byName, known, report });
    });
  }
}

interface Place {
  readonly path: Path;
  readonly text: string;
  readonly byName: ReadonlyMap<string, ReadService>;
  readonly known: ReadonlySet<string>;
  readonly report: Reporter;
}

function checkPath(
  rule: NameRule & { readonly kind: 'path' },
  { service }: ReadService,
  { path, text, byName, known, report }: Place,
): void {
  if (rule.service === service.name) {
    report.value(path, `\`${text}\`: \`${service.name}\` has all paths of its own name`, 'leave it out');
    return;
  }
  if (!known.has(rule.service)) {
    const near = suggest(
      rule.service,
      [...known].filter((name) => name !== service.name),
    );
    const hint = near === undefined ? 'write it as SERVICE/PATH' : `did you mean \`${near}${rule.path}\`?`;
    report.value(path, `\`${text}\`: there is no service named \`${rule.service}\``, hint);
    return;
  }
  const target = byName.get(rule.service);
  if (target !== undefined && isMute(target))
    report.value(
      path,
      `\`${text}\`: \`${rule.service}\` speaks no HTTP, so it has no name`,
      'name a service whose first endpoint is `http`',
    );
}

/** Where nothing is wrong with its endpoints; else nothing is known. */
function isMute({ service, draft }: ReadService): boolean {
  const unsure =
    draft.wrong.has('port') ||
    draft.wrong.has('use') ||
    (draft.raw.use !== undefined && draft.recipe === null);
  return !unsure && service.endpoints[0]?.protocol !== 'http';
}
