/**
 * The systemd unit that a listener belongs to, from the control group of its owner (systemd.resource-control(5)). A scope is none:
 * it only groups what somebody started otherwise. Pure.
 */

import type { UnitRef } from '../../core/inspection.ts';
import type { ProcessDescription, SocketFacts, SocketUnit } from '../../platform/facts.ts';
import { remembered } from '../remember.ts';

type Grouped = Pick<ProcessDescription, 'cgroup'>;

export function unitOf(processes: readonly Grouped[]): UnitRef | null {
  for (const process of processes) {
    const found = unitOfOne(process);
    if (found !== null) return found;
  }
  return null;
}

const unitOfOne = remembered(({ cgroup }: Grouped): UnitRef | null => {
  const name = unitPart(cgroup, '.service');
  // The manager of a user is a service too, and what lies below it are its own units.
  if (cgroup === null || name === null || /^user@\d+\.service$/.test(name)) return null;
  return { name, manager: /\/user@\d+\.service\//.test(cgroup) ? 'user' : 'system', socket: false };
});

/** Systemd itself holds it: the socket unit that asks for that place. An exact address is a better match than all of them. */
export function socketUnitOf(
  processes: readonly Pick<ProcessDescription, 'pid' | 'name' | 'command'>[],
  { protocol, local }: Pick<SocketFacts, 'protocol' | 'local'>,
  units: () => readonly SocketUnit[],
): UnitRef | null {
  const managers = processes.flatMap(managerOf);
  if (managers.length === 0) return null;
  const isWild = local.address === '::' || local.address === '0.0.0.0';
  const asks = (exact: boolean, unit: SocketUnit): boolean =>
    managers.includes(unit.manager) &&
    unit.listens.some(
      (one) =>
        one.protocol === protocol &&
        one.port === local.port &&
        (exact ? one.address === local.address : one.address === null && isWild),
    );
  const all = units();
  const unit = all.find((one) => asks(true, one)) ?? all.find((one) => asks(false, one));
  return unit === undefined ? null : { name: unit.name, manager: unit.manager, socket: true };
}

function managerOf({
  pid,
  name,
  command,
}: Pick<ProcessDescription, 'pid' | 'name' | 'command'>): readonly UnitRef['manager'][] {
  if (pid === 1) return name === 'systemd' || name === 'init' ? ['system'] : [];
  return name === 'systemd' && command.includes('--user') ? ['user'] : [];
}

/** The innermost unit of a path, when it is of that kind; what a service makes below itself is no unit. */
export function unitPart(cgroup: string | null, kind: '.service' | '.scope'): string | null {
  const unit = cgroup?.split('/').findLast((part) => /.\.(?:service|scope|socket|mount|swap)$/.test(part));
  return unit?.endsWith(kind) === true ? unit : null;
}
