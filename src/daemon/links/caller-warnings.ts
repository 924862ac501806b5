/** A status with warnings on services that are called without a link, and on guarded ones that refused somebody. Pure. */

import type { RefusedCaller } from '../../core/guard.ts';
import type { LinkDocument, UndeclaredCaller } from '../../core/link-list.ts';
import type { EnvironmentStatus, ServiceStatus, Warning } from '../../core/status.ts';

/** So long after the last refusal somebody may still wonder about it. */
const RECENT_MS = 60 * 60 * 1000;
/** By name; of further ones the number is told. */
const MOST_NAMED = 3;

export function withCallers(
  status: EnvironmentStatus,
  callers: readonly UndeclaredCaller[],
): EnvironmentStatus {
  return withWarnings(status, (service) => {
    const own = callers.filter(({ to }) => to === service.name);
    const services = own.filter((caller) => caller.service !== null);
    // A person's own tool that goes past a link does no harm where nobody is refused.
    const { name } = status.environment;
    if (service.access === undefined)
      return services.length === 0 ? null : calledBeside(service, services, name);
    return own.length === 0 ? null : calledPast(service, own);
  });
}

/** `now`: epoch ms. */
export function withRefused(
  status: EnvironmentStatus,
  links: readonly LinkDocument[],
  now: number,
): EnvironmentStatus {
  return withWarnings(status, (service) => {
    const refused = links
      .filter(({ to, environment }) => to === service.name && environment?.id === status.environment.id)
      .flatMap(({ name, refused: calls }) => (calls?.callers ?? []).map((caller) => ({ link: name, caller })))
      .filter(({ caller }) => now - Date.parse(caller.at) < RECENT_MS);
    return refused.length === 0 ? null : refusedWarning(service, refused);
  });
}

function withWarnings(
  status: EnvironmentStatus,
  warningOf: (service: ServiceStatus) => Warning | null,
): EnvironmentStatus {
  let changed = false;
  const services = status.services.map((service): ServiceStatus => {
    const warning = warningOf(service);
    if (warning === null) return service;
    changed = true;
    return { ...service, warnings: [...service.warnings, warning] };
  });
  return changed ? { ...status, services } : status;
}

function calledBeside(
  { name }: ServiceStatus,
  callers: readonly UndeclaredCaller[],
  environment: string,
): Warning {
  const words = callers.map(({ service, program, pid }) => `${service}, by ${program} (pid ${pid})`);
  return {
    code: 'CALLED_UNDECLARED',
    text: `${name} is called at its own address, without a link: ${words.join('; ')}`,
    fix: isElsewhere(callers[0]?.service ?? null)
      ? `name it in \`external:\` of that project, \`{ environment: ${environment}, service: ${name}, port: PORT }\`, and need it there, so that it has a link`
      : `let ${callers[0]?.service} have \`needs: [${name}]\` and call \${${name}.host}:\${${name}.port}, so that it has a link`,
  };
}

function calledPast({ name }: ServiceStatus, callers: readonly UndeclaredCaller[]): Warning {
  return {
    code: 'CALLED_UNDECLARED',
    text: `${name} has \`access: declared\`, and is called past that, at its own address, which cannot be closed: ${named(callers)}`,
    fix: `end that program, or declare it: ${wayIn(name, callers[0]?.service ?? null)}`,
  };
}

function refusedWarning(
  { name }: ServiceStatus,
  refused: readonly { readonly link: string; readonly caller: RefusedCaller }[],
): Warning {
  const latest = [...refused].sort((one, other) => other.caller.at.localeCompare(one.caller.at));
  const elsewhere = latest.find(({ link, caller }) => caller.service !== null && !link.startsWith(':'));
  const at = elsewhere === undefined ? '' : ` (at ${elsewhere.link}, which is another's link)`;
  return {
    code: 'CALLER_REFUSED',
    text: `${name} refused ${named(latest.map(({ caller }) => caller))}${at}: it has \`access: declared\`, and they are none of its callers`,
    fix: wayIn(name, latest[0]?.caller.service ?? null),
  };
}

function named(callers: readonly Omit<UndeclaredCaller | RefusedCaller, 'at'>[]): string {
  const words = [...new Set(callers.map(callerWords))];
  const more = words.length - MOST_NAMED;
  return `${words.slice(0, MOST_NAMED).join('; ')}${more > 0 ? `; and ${more} more` : ''}`;
}

/** `web: node (pid 812)`, `psql (pid 813)` */
function callerWords({ service, program, pid }: Pick<RefusedCaller, 'service' | 'program' | 'pid'>): string {
  const process = pid === null ? program : `${program} (pid ${pid})`;
  return service === null ? process : `${service}: ${process}`;
}

/** `books of billing`: a service of another environment. */
function isElsewhere(service: string | null): boolean {
  return service?.includes(' ') === true;
}

function wayIn(name: string, service: string | null): string {
  if (isElsewhere(service))
    return `make it a service of this project: those of others are none of its callers`;
  return service === null
    ? `start it with \`lo exec SERVICE -- …\` or \`lo test -- …\` (a recipe's client with \`lo connect ${name}\`), or make it a service with \`needs: [${name}]\``
    : `let ${service} have \`needs: [${name}]\` and call \${${name}.host}:\${${name}.port}`;
}
