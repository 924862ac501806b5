/**
 * Text with references (`${db.port}`, `${env.NAME:-default}`): parsing with positions, and filling. Pure; it must not know where a
 * text stands, nor which services there are.
 */

import type { Template, TemplatePart } from './model.ts';
import { suggest } from './suggest.ts';

/** A reference and the place that it was read from; offsets count UTF-16 units of the text. */
export interface PlacedPart {
  readonly part: TemplatePart;
  readonly offset: number;
  readonly length: number;
}

export interface TemplateProblem {
  readonly offset: number;
  readonly length: number;
  readonly message: string;
  readonly hint: string | null;
}

export interface ParsedTemplate {
  readonly parts: readonly PlacedPart[];
  readonly problems: readonly TemplateProblem[];
}

/**
 * `value`: every `${…}` is ours. `shell`: only `${name.field}` is, a name of lower-case letters with a dot behind it; `$HOME`,
 * `${HOME}` and `${VAR:-x}` stay for the shell, and a backslash keeps the next character from us. In both `$$` is one `$`.
 */
export type TemplateMode = 'value' | 'shell';

/** Never throws: what is wrong comes back as problems, and its text stays as text. */
export function parseTemplate(text: string, mode: TemplateMode): ParsedTemplate {
  const parts: PlacedPart[] = [];
  const problems: TemplateProblem[] = [];
  let from = 0;
  const keep = (to: number): void => {
    if (to > from)
      parts.push({ part: { kind: 'text', text: text.slice(from, to) }, offset: from, length: to - from });
  };
  for (const match of text.matchAll(mode === 'shell' ? SHELL_TOKENS : VALUE_TOKENS)) {
    const [token] = match;
    if (token.startsWith('\\')) continue;
    keep(match.index);
    from = match.index + token.length;
    const place = { offset: match.index, length: token.length };
    const read = token === '$$' ? ({ kind: 'text', text: '$' } as const) : parseReference(token);
    if ('message' in read) problems.push({ ...read, ...place });
    parts.push({ part: 'message' in read ? { kind: 'text', text: token } : read, ...place });
  }
  keep(text.length);
  return { parts, problems };
}

/** Neighbouring pieces of text become one. */
export function toTemplate(parts: readonly PlacedPart[]): Template {
  const template: TemplatePart[] = [];
  for (const { part } of parts) {
    const last = template.at(-1);
    if (part.kind === 'text' && last?.kind === 'text') {
      template[template.length - 1] = { kind: 'text', text: last.text + part.text };
    } else {
      template.push(part);
    }
  }
  return template;
}

/** What references stand for, for one service of one environment. */
export interface TemplateValues {
  readonly needs: Readonly<Record<string, NeedValues>>;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Host, ports and URL as the needing service is told; an absent one is not known. */
export interface NeedValues {
  readonly host?: string;
  readonly port?: number;
  readonly ports: Readonly<Record<string, number>>;
  readonly url?: string;
}

export type Filled =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly reason: string };

/** The text with every reference replaced, or the first reason why one cannot be. */
export function fillTemplate(template: Template, values: TemplateValues): Filled {
  let text = '';
  for (const part of template) {
    const value = part.kind === 'text' ? part.text : lookUp(part, values);
    if (value === undefined) return { ok: false, reason: reasonFor(part) };
    text += value;
  }
  return { ok: true, text };
}

const VALUE_TOKENS = /\$\$|\$\{[^}]*\}?/g;
const SHELL_TOKENS = /\\[\s\S]|\$\$|\$\{[a-z][a-z0-9-]*\.[^}]*\}?/g;
const ENV_REFERENCE = /^env\.([A-Za-z_][A-Za-z0-9_]*)(?::-([\s\S]*))?$/;
const FIELDS = ['host', 'port', 'url'] as const;

type Mistake = Pick<TemplateProblem, 'message' | 'hint'>;

function parseReference(token: string): TemplatePart | Mistake {
  if (!token.endsWith('}')) {
    return { message: '`${` is not closed by `}`', hint: 'write `$$` for a dollar sign' };
  }
  const inner = token.slice(2, -1);
  if (inner.startsWith('env.')) return parseEnv(token, inner);
  const [service = '', field, endpoint, ...rest] = inner.split('.');
  if (field === undefined) return { message: `\`${token}\` names no field`, hint: hintForBare(inner) };
  if (field === 'ports' && endpoint !== undefined && endpoint !== '' && rest.length === 0) {
    return { kind: 'need-port', service, endpoint };
  }
  const known = FIELDS.find((candidate) => candidate === field);
  if (known !== undefined && endpoint === undefined) return { kind: 'need', service, field: known };
  return { message: `\`${token}\` is not understood`, hint: hintForField(service, field) };
}

function parseEnv(token: string, inner: string): TemplatePart | Mistake {
  const match = ENV_REFERENCE.exec(inner);
  if (match?.[1] !== undefined) return { kind: 'env', name: match[1], fallback: match[2] ?? null };
  return { message: `\`${token}\` is not understood`, hint: 'write `${env.NAME}` or `${env.NAME:-default}`' };
}

function hintForBare(inner: string): string {
  const name = /^[A-Za-z_][A-Za-z0-9_]*/.exec(inner)?.[0];
  if (name !== undefined && name === name.toUpperCase()) {
    const fallback = /:-.*$/s.exec(inner)?.[0] ?? '';
    return `a variable of the environment is written \`\${env.${name}${fallback}}\`; a dollar sign is \`$$\``;
  }
  return 'write `${service.host}`, `${service.port}`, `${service.url}`, `${service.ports.NAME}` or `${env.NAME}`; a dollar sign is `$$`';
}

function hintForField(service: string, field: string): string {
  const near = suggest(field, [...FIELDS, 'ports']);
  if (near === undefined) return `known are \`${service}.host\`, \`.port\`, \`.url\` and \`.ports.NAME\``;
  return `did you mean \`\${${service}.${near === 'ports' ? 'ports.NAME' : near}}\`?`;
}

function lookUp(part: Exclude<TemplatePart, { kind: 'text' }>, values: TemplateValues): string | undefined {
  switch (part.kind) {
    case 'need': {
      const value = own(values.needs, part.service)?.[part.field];
      return value === undefined ? undefined : String(value);
    }
    case 'need-port': {
      const port = own(own(values.needs, part.service)?.ports ?? {}, part.endpoint);
      return port === undefined ? undefined : String(port);
    }
    case 'env':
      // Like the shell's `:-`, the default also stands in for an empty variable.
      return own(values.env, part.name) || (part.fallback ?? own(values.env, part.name));
    default:
      return part satisfies never;
  }
}

function reasonFor(part: TemplatePart): string {
  switch (part.kind) {
    case 'text':
      return '';
    case 'need':
      return `\${${part.service}.${part.field}} is not known`;
    case 'need-port':
      return `\${${part.service}.ports.${part.endpoint}} is not known`;
    case 'env':
      return `the variable ${part.name} is not set`;
    default:
      return part satisfies never;
  }
}

/** A name such as `constructor` must not find what every object inherits. */
function own<T>(record: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}
