/** Rows of the error table about links, faults and the gateway that carries them. It must not know who throws them. */

import type { ErrorRow } from './error-row.ts';

export const LINK_ERRORS = {
  FAULT_INVALID: {
    message: '{reason}',
    hint: '{fix}',
    exit: 2,
    status: 422,
  },
  FAULT_UNKNOWN: {
    message: 'the link {link} has no fault `{name}`',
    hint: '{fix}',
    exit: 2,
    status: 404,
  },
  GATEWAY_FAILED: {
    message: 'the gateway, which carries names and links, did not start',
    hint: 'read {log}; `direct: true` on a need does without a link',
    exit: 3,
    status: 500,
  },
  LINK_EXISTS: {
    message: 'there is a link {name} already, from {listen} to {target}',
    hint: 'choose another --name, or `lo link rm {name}` first',
    exit: 3,
    status: 409,
  },
  LINK_HOLDS_PORT: {
    message:
      '{service} asks for port {port} on every address, and the link {link} of ours listens on {address}:{port}',
    hint: 'make it listen on $HOST:$PORT, or say `direct: true` where {service} is needed',
    exit: 3,
    status: 409,
  },
  LINK_REFUSED: {
    message: 'the link {name} cannot listen on {listen}: {reason}',
    hint: '{fix}',
    exit: 3,
    status: 409,
  },
  LINK_UNKNOWN: {
    message: 'there is no link {link}',
    hint: '{fix}',
    exit: 2,
    status: 404,
  },
  LINKS_OFF: {
    message: 'links are carried by the gateway, which LOOPYARD_GATEWAY=off keeps from running',
    hint: '`lo daemon stop`, then try again without that variable',
    exit: 3,
    status: 409,
  },
} as const satisfies Record<string, ErrorRow>;
