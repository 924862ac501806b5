/** `lo explain`: what an address and a port are. */

import type { ExplainRequest } from '../../core/api.ts';
import type { ExplainReport } from '../../core/inspection.ts';
import type { InspectorTools } from '../look.ts';

export function explain(_tools: InspectorTools, _request: ExplainRequest): Promise<ExplainReport> {
  throw new Error('being written');
}
