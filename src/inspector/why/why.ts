/** `lo why PORT`: the diagnosis. */

import type { WhyRequest } from '../../core/api.ts';
import type { WhyReport } from '../../core/inspection.ts';
import type { InspectorTools } from '../look.ts';

export function why(_tools: InspectorTools, _request: WhyRequest): Promise<WhyReport> {
  throw new Error('being written');
}
