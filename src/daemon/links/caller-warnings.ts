/** A status with a warning on each service that is called without a link. Pure. */

import type { UndeclaredCaller } from '../../core/link-list.ts';
import type { EnvironmentStatus, ServiceStatus, Warning } from '../../core/status.ts';

export function withCallers(
  status: EnvironmentStatus,
  callers: readonly UndeclaredCaller[],
): EnvironmentStatus {
  if (callers.length === 0) return status;
  const services = status.services.map((service): ServiceStatus => {
    const own = callers.filter(({ to }) => to === service.name);
    return own.length === 0
      ? service
      : { ...service, warnings: [...service.warnings, warningOf(service, own)] };
  });
  return { ...status, services };
}

function warningOf({ name }: ServiceStatus, callers: readonly UndeclaredCaller[]): Warning {
  const words = callers.map(({ service, program, pid }) => `${service}, by ${program} (pid ${pid})`);
  return {
    code: 'CALLED_UNDECLARED',
    text: `${name} is called at its own address, without a link: ${words.join('; ')}`,
    fix: `let ${callers[0]?.service} have \`needs: [${name}]\` and call \${${name}.host}:\${${name}.port}, so that it has a link`,
  };
}
