/** Runs `lo doctor` in a lab and gives its checks by id. */

import assert from 'node:assert/strict';
import type { DoctorReport } from '../../src/core/status.ts';
import type { Lab, LoOptions } from '../support/lab.ts';

export interface Checks {
  readonly [id: string]: DoctorReport['checks'][number];
}

/** Fails the test when the exit code is not that of the report. */
export async function doctor(lab: Lab, options: LoOptions = {}): Promise<Checks> {
  const { stdout, stderr, code } = await lab.lo(['doctor', '--json'], options);
  assert.ok(code === 0 || code === 1, `${code} ${stderr}`);
  const { checks } = JSON.parse(stdout) as DoctorReport;
  assert.equal(code, checks.some(({ verdict }) => verdict === 'fail') ? 1 : 0);
  return Object.fromEntries(checks.map((check) => [check.id, check]));
}
