/**
 * What was found -> a commented `loopyard.yaml` that the parser accepts. It must not look at files.
 */

import { stringify } from 'yaml';
import { RESERVED_SERVICE_NAMES } from '../../core/model.ts';
import { printable } from '../display-width.ts';
import { sanitiseName } from '../names.ts';
import { readCommand } from '../normalise/command.ts';
import { textMistake } from '../syntax.ts';
import type { Found, FoundService, Suggestion } from './found.ts';

export function writeConfig(project: string, { services, suggestions }: Found): string {
  const taken = new Set<string>(RESERVED_SERVICE_NAMES);
  const blocks = services.map((service) =>
    serviceBlock(service, uniqueName(sanitiseName(service.name, 'app'), taken)),
  );
  const hints = unique(suggestions).map((suggestion) =>
    suggestionBlock(suggestion, uniqueName(SERVICE_NAMES[suggestion.recipe], taken)),
  );
  return `${[HEADER, `name: ${sanitiseName(project, 'project')}\n\nservices:`, ...blocks].join('\n')}${hints.join('')}${FOOTER}`;
}

/** Whether the command can stand in a config and mean the same. */
export function isWritable({ run, cwd }: FoundService): boolean {
  const { command, problems } = readCommand(escapeReferences(run));
  return (
    command !== null && problems.length === 0 && textMistake(run) === null && textMistake(cwd ?? '') === null
  );
}

const HEADER = `# Written by \`lo init\`. \`lo up\` starts what stands here, each service on an address of its own;
# \`lo schema\` prints all keys.
`;

const FOOTER = `
  # Keys that are often added:
  #   needs: [db]                       start after db, told DB_HOST, DB_PORT and DB_URL
  #   env: { LOG_LEVEL: debug }         variables; \${db.port} and \${env.NAME} are filled in
  #   ready: { http: /healthz }         how it shows that it is ready
`;

const SERVICE_NAMES: Readonly<Record<Suggestion['recipe'], string>> = {
  postgres: 'db',
  redis: 'redis',
  nginx: 'nginx',
};

function serviceBlock(service: FoundService, name: string): string {
  const { run, cwd, port, envFile, task, origin } = service;
  const lines = [`  ${name}: # ${oneLine(origin)}`, `    ${pair('run', escapeReferences(run))}`];
  if (cwd !== null) lines.push(`    ${pair('cwd', cwd)}`);
  if (port !== null)
    lines.push(`    port: ${port.port}${port.because === null ? '' : ` # ${oneLine(port.because)}`}`);
  if (envFile !== null) lines.push(`    ${pair('env-file', envFile)}`);
  if (task) lines.push('    task: true');
  return `${lines.join('\n')}\n`;
}

function suggestionBlock({ recipe, because }: Suggestion, name: string): string {
  return `
  # ${oneLine(because)}: for one of its own, take away these marks and add \`needs: [${name}]\` where it is used.
  # ${name}:
  #   use: ${recipe}
`;
}

/** One line of YAML with the quotes that the value needs. */
function pair(key: string, value: string): string {
  return stringify({ [key]: value }, { lineWidth: 0, blockQuote: false }).trimEnd();
}

/** What is ours in a config (`$$`, `${a.b}`) is the shell's where the command comes from. */
function escapeReferences(command: string): string {
  return command.replace(/\\[\s\S]|\$\$|\$(?=\{[a-z][a-z0-9-]*\.)/g, (token) =>
    token.startsWith('\\') ? token : token + token,
  );
}

function unique(suggestions: readonly Suggestion[]): readonly Suggestion[] {
  return suggestions.filter(
    (one, at) => suggestions.findIndex((other) => other.recipe === one.recipe) === at,
  );
}

function uniqueName(name: string, taken: Set<string>): string {
  let candidate = name;
  for (let number = 2; taken.has(candidate); number += 1) candidate = `${name.slice(0, 58)}-${number}`;
  taken.add(candidate);
  return candidate;
}

/** A comment ends with its line. */
function oneLine(words: string): string {
  return printable(words).replace(/[\u2028\u2029\ufffe\uffff]/g, ' ');
}
