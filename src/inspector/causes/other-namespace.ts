/** OTHER_NAMESPACE: the port is taken in another network namespace, mostly a container's; that is neither a conflict nor localhost. */

import type { Cause, Situation } from './cause.ts';
import { ownerEvidence, ownerText, placeText } from './words.ts';

export const otherNamespace: Cause = {
  code: 'OTHER_NAMESPACE',
  summary:
    'Somebody listens on this port in another network namespace, mostly a container: that is no conflict, and localhost does not lead there.',
  find: (situation) => situation.elsewhere.map((one) => documentOf(one, situation)),
};

type Elsewhere = Situation['elsewhere'][number];

function documentOf(
  { namespace, owner, listener }: Elsewhere,
  { port }: Situation,
): ReturnType<Cause['find']>[number] {
  return {
    code: otherNamespace.code,
    text: `${ownerText(owner)} listens on ${placeText(listener.address, port)} in another network namespace (a container or sandbox): it keeps nobody here from the port, and localhost does not lead there.`,
    evidence: [`its network is ${namespace}`, ownerEvidence(owner)],
    fix: `sudo nsenter --net=/proc/${owner.pid}/ns/net curl http://localhost:${port}/   # from inside; a published port leads there from outside`,
    pid: owner.pid,
    sure: 'certain',
  };
}
