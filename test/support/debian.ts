/**
 * Real programs for tests: found on this machine, or installed where Debian packages can be. What cannot be had is skipped by name,
 * never quietly. It must not know what a test does with a program.
 */

import { execFile } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import type { TestContext } from 'node:test';
import { promisify } from 'node:util';

const run = promisify(execFile);
/** Another test file may be installing something at the same time. */
const LOCK_SECONDS = 150;

/** Whether the program can be used now; else the test is marked as skipped, with the reason. */
export async function needsProgram(
  t: TestContext,
  find: () => string | null,
  debianPackage: string,
): Promise<boolean> {
  if (find() !== null) return true;
  const reason = await install(debianPackage);
  if (find() !== null) return true;
  t.skip(`${debianPackage} is not installed: ${reason ?? 'its program was not found afterwards'}`);
  return false;
}

async function install(debianPackage: string): Promise<string | null> {
  if (!canInstall()) return 'Debian packages cannot be installed here';
  try {
    await run(
      'apt-get',
      ['install', '-y', '--no-install-recommends', `-oDPkg::Lock::Timeout=${LOCK_SECONDS}`, debianPackage],
      {
        env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      },
    );
    return null;
  } catch (error) {
    return error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
  }
}

function canInstall(): boolean {
  if (process.getuid?.() !== 0 || !existsSync('/etc/debian_version')) return false;
  try {
    accessSync('/usr/bin/apt-get', constants.X_OK);
    return true;
  } catch {
    // A slim image without apt.
    return false;
  }
}
