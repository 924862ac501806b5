/** EXP-07: what a service listens on is not what the config says. Compared with the socket table; nothing is sent. */

import type { ListenerCheck } from '../check.ts';
import { placeText } from '../target.ts';
import { notApplicable, safe, vulnerable } from '../verdict.ts';

export const exp07: ListenerCheck = {
  id: 'EXP-07',
  title: 'Listens on something that the config does not declare',
  about: 'listener',
  transport: 'tcp',
  severity: { loopback: 'low', network: 'medium' },
  intrusive: false,
  references: ['CWE-668'],
  speaks: 'any',
  requests: 0,
  fix: 'declare it below `port:` of the service, or turn it off in the program',
  probe: 'Compares the endpoints in loopyard.yaml with the sockets of the processes that run for them.',
  rule: 'Vulnerable when a process of a service has a listener that no endpoint declares, or when an endpoint is bound to another single address than the one it was given. Wildcards are told by EXP-01.',
  examine: ({ target, facts }) => {
    const { service, port } = target;
    if (service === null) return notApplicable('it is no service of a config of ours');
    const declared = facts.project?.services.find(({ name }) => name === service.name)?.endpoints;
    if (declared === undefined) return notApplicable('its config is not looked at');
    const words =
      declared.length === 0
        ? 'no port'
        : declared.map(({ address, port }) => placeText(address, port)).join(', ');
    const bound = target.listeners.map(({ address }) => address);
    if (!declared.some((endpoint) => endpoint.port === port))
      return vulnerable(
        'proven',
        [
          `a process of ${service.name} listens on ${placeText(bound[0] ?? '', port)}`,
          `the config declares ${words} for ${service.name}`,
        ],
        {
          key: 'undeclared',
          fix: `add the port to \`port:\` of ${service.name}, such as \`{http: ${declared[0]?.port ?? port}, other: ${port}}\`, or turn it off in the program`,
        },
      );
    const isWide = target.listeners.some(({ scope }) => scope !== 'loopback');
    if (isWide || declared.some(({ address }) => bound.includes(address)))
      return safe(`it is declared: ${words}`);
    return vulnerable(
      'proven',
      [`${service.name} listens on ${placeText(bound[0] ?? '', port)}`, `it was given ${words}`],
      { key: 'elsewhere', fix: `make ${service.name} listen on the address in $HOST` },
    );
  },
};
