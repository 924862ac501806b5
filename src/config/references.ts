/**
 * What one service says about another: needs, cycles, `${db.port}`. It works on services that were read one by one.
 */

import { buildGraph, findCycle } from '../core/graph.ts';
import type { External, Need, Service, TemplatePart } from '../core/model.ts';
import { suggest } from '../core/suggest.ts';
import type { PlacedPart } from '../core/template.ts';
import { checkNameRules } from './name-rules.ts';
import { type ReadService, saysUntil } from './normalise/service.ts';
import type { Path, Reporter } from './reporter.ts';

/** The services with their needs' defaults filled in. */
export function linkServices(
  all: readonly ReadService[],
  services: ReadonlySet<string>,
  externals: readonly External[],
  report: Reporter,
): readonly Service[] {
  const byName = new Map(all.map((read) => [read.service.name, read]));
  const known = new Set([...services, ...externals.map(({ name }) => name)]);
  const linked = all.map((read) => ({
    ...read,
    service: { ...read.service, needs: linkNeeds(read, byName, known, report) },
  }));
  reportCycles(linked, report);
  checkNameRules(linked, known, report);
  for (const read of linked) {
    for (const { path, parts } of read.texts) {
      for (const placed of parts) checkReference(placed, path, read, byName, known, report);
    }
  }
  return linked.map((read) => read.service);
}

function linkNeeds(
  read: ReadService,
  byName: ReadonlyMap<string, ReadService>,
  known: ReadonlySet<string>,
  report: Reporter,
): readonly Need[] {
  return read.service.needs.map((need) => {
    const target = byName.get(need.service);
    if (target === undefined) {
      if (!known.has(need.service)) reportDangling(need.service, read, known, report);
      return need;
    }
    if (!saysUntil(read.draft, need.service))
      return { ...need, until: target.service.task ? 'completed' : 'ready' };
    checkUntil(need, target, [...read.draft.path, 'needs', need.service], report);
    return need;
  });
}

function reportDangling(name: string, read: ReadService, known: ReadonlySet<string>, report: Reporter): void {
  const others = [...known].filter((candidate) => candidate !== read.service.name);
  const near = suggest(name, others);
  const rest = others.length === 0 ? 'it is the only service' : `services are ${list(others)}`;
  const hint = near === undefined ? rest : `did you mean \`${near}\`?`;
  aboutNeed(read, name, report)(`there is no service named \`${name}\``, hint);
}

function checkUntil(need: Need, { service, draft }: ReadService, path: Path, report: Reporter): void {
  if (draft.wrong.has('task')) return;
  if (need.until === 'ready' && service.task) {
    report.value(
      path,
      `\`${need.service}\` is a task and never becomes ready`,
      'use `completed`, or leave it out',
    );
  } else if (need.until === 'completed' && !service.task) {
    report.value(
      path,
      `\`${need.service}\` stays up and never completes`,
      `use \`ready\`, or give \`${need.service}\` \`task: true\``,
    );
  }
}

const MOST_CYCLES = 10;

/** Each cycle once: its last edge is taken out before the next is looked for. */
function reportCycles(all: readonly ReadService[], report: Reporter): void {
  let services: readonly Pick<Service, 'name' | 'needs'>[] = all.map((read) => read.service);
  for (let count = 0; count < MOST_CYCLES; count += 1) {
    const cycle = findCycle(buildGraph(services));
    const from = all.find(({ service }) => service.name === cycle?.at(-2));
    if (cycle === null || from === undefined) return;
    const to = cycle[0] ?? '';
    const message =
      cycle.length === 2
        ? `\`${to}\` needs itself`
        : `services need each other in a circle: ${cycle.join(' → ')}`;
    aboutNeed(from, to, report)(message, 'remove one of these needs');
    services = services.map(({ name, needs }) => ({
      name,
      needs: name === from.service.name ? needs.filter((need) => need.service !== to) : needs,
    }));
  }
}

/** Says something about the place where a need is named: an item of the list, or a key of the map. */
function aboutNeed(
  { draft }: ReadService,
  name: string,
  report: Reporter,
): (message: string, hint: string) => void {
  const path = [...draft.path, 'needs'];
  if (!Array.isArray(draft.raw.needs)) return (message, hint) => report.key([...path, name], message, hint);
  const at = draft.raw.needs.indexOf(name);
  return (message, hint) => report.value([...path, at], message, hint);
}

function checkReference(
  { part, offset, length }: PlacedPart,
  path: Path,
  { service, draft }: ReadService,
  byName: ReadonlyMap<string, ReadService>,
  known: ReadonlySet<string>,
  report: Reporter,
): void {
  if (part.kind === 'text' || part.kind === 'env') return;
  const complain = (message: string, hint: string): void =>
    report.piece(path, { offset, length }, message, hint);
  if (part.service === service.name) {
    complain(
      `\`${written(part)}\` is the service itself`,
      'its own address is in the variables HOST and PORT',
    );
    return;
  }
  if (!known.has(part.service)) {
    const near = suggest(
      part.service,
      [...known, 'env'].filter((name) => name !== service.name),
    );
    const hint = near === undefined ? `services are ${list([...known])}` : `did you mean \`${near}\`?`;
    complain(`\`${written(part)}\`: there is no service named \`${part.service}\``, hint);
    return;
  }
  // With a mistake in `needs:` itself nothing is known about what is missing there.
  if (!draft.wrong.has('needs') && !service.needs.some((need) => need.service === part.service)) {
    complain(
      `\`${written(part)}\`: \`${service.name}\` does not need \`${part.service}\``,
      `add \`${part.service}\` to \`needs:\` of \`${service.name}\``,
    );
    return;
  }
  const target = byName.get(part.service);
  if (target !== undefined) checkEndpoint(part, target, complain);
}

type Reference = Exclude<TemplatePart, { kind: 'text' } | { kind: 'env' }>;

function checkEndpoint(
  part: Reference,
  { service, draft }: ReadService,
  complain: (message: string, hint: string) => void,
): void {
  const unsure =
    draft.wrong.has('port') ||
    draft.wrong.has('use') ||
    (draft.raw.use !== undefined && draft.recipe === null);
  if (unsure) return;
  const names = service.endpoints.map((endpoint) => endpoint.name);
  if (names.length === 0) {
    complain(`\`${written(part)}\`: \`${service.name}\` has no port`, `give \`${service.name}\` a \`port:\``);
  } else if (part.kind === 'need-port' && !names.includes(part.endpoint)) {
    const near = suggest(part.endpoint, names);
    complain(
      `\`${written(part)}\`: \`${service.name}\` has no endpoint named \`${part.endpoint}\``,
      near === undefined ? `its endpoints are ${list(names)}` : `did you mean \`${near}\`?`,
    );
  }
}

function written(part: Reference): string {
  return part.kind === 'need'
    ? `\${${part.service}.${part.field}}`
    : `\${${part.service}.ports.${part.endpoint}}`;
}

function list(names: readonly string[]): string {
  const shown = names.slice(0, 10).map((name) => `\`${name}\``);
  return names.length > 10 ? `${shown.join(', ')} and ${names.length - 10} more` : shown.join(', ');
}
