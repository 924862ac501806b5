/** The room's front: what a daemon and a command by itself can ask of this machine. It must not know which of the two asks. */

import type { Inspection } from '../core/api.ts';
import { explain } from './explain/explain.ts';
import type { InspectorTools } from './look.ts';
import { ports } from './ports/ports.ts';
import { watchPorts } from './ports/watch.ts';
import { why } from './why/why.ts';

export type { InspectorTools } from './look.ts';

export function createInspector(tools: InspectorTools): Omit<Inspection, 'doctor'> {
  return {
    ports: (request) => ports(tools, request),
    watchPorts: (request) => watchPorts(tools, request),
    why: (request) => why(tools, request),
    explain: (request) => explain(tools, request),
  };
}
