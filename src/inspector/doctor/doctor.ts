/** `lo doctor`, whole: the report, and what a record of it holds. It must not know who asks. */

import { type DoctorReport, SCHEMA_VERSION } from '../../core/status.ts';
import type { Platform } from '../../platform/platform.ts';
import { examine } from './examine.ts';
import type { Own } from './own.ts';
import { type Asked, remember, replay } from './record.ts';
import { redact } from './redact.ts';

/** A report with the facts that it stands on, as it may be given away. */
export interface DoctorRecord {
  readonly schema: typeof SCHEMA_VERSION;
  readonly kind: 'doctor-record';
  readonly version: string;
  readonly report: DoctorReport;
  readonly asked: readonly Asked[];
}

export interface Doctor {
  readonly report: DoctorReport;
  /** Made when it is asked for. */
  record(): Promise<DoctorRecord>;
}

export async function doctor(platform: Platform, own: Own): Promise<Doctor> {
  const health = await platform.health();
  const memory = remember({ platform, health, own });
  const report = await examine(memory.facts);
  return {
    report,
    record: async () => {
      const { user, host } = health.program();
      const { person } = own.place();
      const asked = redact(memory.asked(), { user, host, person });
      // Made anew from what is left of the facts: so nothing private can be in it, and it can be played again.
      const redacted = await examine(replay(asked));
      return {
        schema: SCHEMA_VERSION,
        kind: 'doctor-record',
        version: own.build().version,
        report: redacted,
        asked,
      };
    },
  };
}
