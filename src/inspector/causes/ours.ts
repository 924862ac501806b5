/** OURS_RUNNING and OURS_STOPPED: a service of Loopyard holds the port, or will want it. */

import type { GatewayRef } from '../../core/gateway-holding.ts';
import { DOOR } from '../../core/guard.ts';
import type { CauseDocument, Holding, ListenerDocument, ServiceRef } from '../../core/inspection.ts';
import { gatewayWords } from '../ours.ts';
import type { Cause, Situation } from './cause.ts';
import { type Program, programsOf } from './programs.ts';
import { holderText, listText, placeText } from './words.ts';

export const oursRunning: Cause = {
  code: 'OURS_RUNNING',
  summary: 'The holder is a service that Loopyard runs: stop it by its name, or it may be started again.',
  find: (situation) =>
    programsOf(situation.listeners).flatMap((program) => {
      const service = program.find((one) => one.service !== null)?.service ?? null;
      return service === null ? [] : [runningDocument(program, service)];
    }),
};

export const oursGateway: Cause = {
  code: 'OURS_GATEWAY',
  summary:
    'The holder is Loopyard’s gateway: the address is that of a link or serves names. A link takes its port on one address, so a server that asks for every address is refused.',
  find: ({ listeners }) => listeners.flatMap((listener) => gatewayDocument(listener)),
};

export const oursStopped: Cause = {
  code: 'OURS_STOPPED',
  summary:
    'A service of Loopyard that does not run has an address with this port: a server that takes the port on every address will be in its way.',
  find: (situation) =>
    situation.holdings.flatMap((holding) => {
      const places = holding.endpoints.filter(({ port }) => port === situation.port);
      return holding.pid !== null || places.length === 0 ? [] : [stoppedDocument(holding, situation)];
    }),
};

function gatewayDocument(listener: ListenerDocument): readonly CauseDocument[] {
  const { gateway, address, port, owners } = listener;
  if (gateway === undefined) return [];
  const { link, environment } = gateway;
  const beside = `lo run --port ${port} -- COMMAND   # an address of its own beside it; \`${endOf(gateway)}\` ends the link`;
  return [
    {
      code: oursGateway.code,
      text: `${holderText(listener)} is the gateway of Loopyard, which serves ${gatewayWords(gateway)} on ${placeText(address, port)}${purposeOf(gateway)}.`,
      evidence: environment === null ? [] : [`environment ${environment.id} in ${environment.path}`],
      fix: link === null ? 'lo daemon stop --all' : beside,
      pid: owners[0]?.pid ?? null,
      sure: 'certain',
    },
  ];
}

function endOf({ link, environment, service }: GatewayRef): string {
  return environment === null ? `lo link rm ${link}` : `lo stop ${service} --environment ${environment.id}`;
}

/** For whom it is there. */
function purposeOf({ link, service, caller }: GatewayRef): string {
  if (link === null || service === null) return '';
  if (caller === DOOR) return `: where ${service} is for its declared callers, and refuses others`;
  return caller === null ? '' : `: where ${caller} reaches ${service}`;
}

function runningDocument([first]: Program, service: ServiceRef): CauseDocument {
  const { environment, name, endpoint } = service;
  return {
    code: oursRunning.code,
    text: `${holderText(first)} is the service ${name} of ${environment.name}, which Loopyard runs.`,
    evidence: [
      `environment ${environment.id} in ${environment.path}`,
      ...(endpoint === null ? [`loopyard.yaml does not name this port for ${name}`] : []),
    ],
    fix: `lo stop ${name} --environment ${environment.id}`,
    pid: first.owners[0]?.pid ?? null,
    sure: 'certain',
  };
}

function stoppedDocument(
  { environment, service, state, endpoints }: Holding,
  { port }: Situation,
): CauseDocument {
  const places = endpoints.filter((one) => one.port === port).map(({ address }) => placeText(address, port));
  return {
    code: oursStopped.code,
    text: `The service ${service} of ${environment.name} does not run (${state}) and will want ${listText(places)}: a server on every address would take it.`,
    evidence: [`environment ${environment.id} in ${environment.path}`],
    fix: `lo start ${service} --environment ${environment.id}`,
    pid: null,
    sure: 'certain',
  };
}
