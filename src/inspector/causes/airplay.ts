/** AIRPLAY_RECEIVER: macOS itself listens on ports 5000 and 7000, which many frameworks take for their own. */

import type { CauseDocument } from '../../core/inspection.ts';
import type { Cause, Situation } from './cause.ts';
import { ownerEvidence } from './words.ts';

export const airplayReceiver: Cause = {
  code: 'AIRPLAY_RECEIVER',
  summary: 'On macOS the AirPlay receiver listens on ports 5000 and 7000 until it is switched off.',
  find: ({ port, listeners }) => {
    if (port !== 5000 && port !== 7000) return [];
    const owner = listeners
      .flatMap(({ owners }) => owners)
      .find(({ name }) => /^ControlCe(?:nter)?$/.test(name));
    return owner === undefined ? [] : [documentOf(owner, port)];
  },
};

type Owner = Situation['listeners'][number]['owners'][number];

function documentOf(owner: Owner, port: number): CauseDocument {
  return {
    code: airplayReceiver.code,
    text: `macOS itself listens on port ${port}: it is the AirPlay receiver, and comes back when it is ended.`,
    evidence: [ownerEvidence(owner)],
    fix: 'open "x-apple.systempreferences:com.apple.AirDrop-Handoff-Settings.extension"   # switch off AirPlay Receiver there; or take another port',
    pid: owner.pid,
    sure: 'likely',
  };
}
