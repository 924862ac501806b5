/**
 * Notes which commands of `lo` work for an environment: what they start may call its guarded services. It must not know who asks the
 * notes (the gateway's lookout).
 */

import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LoopyardError, reasonOf } from '../../core/errors.ts';
import { commandRecord, parseCommandRecord } from '../../core/run-record.ts';
import { makePrivateDirectory } from '../../platform/files.ts';
import type { Platform } from '../../platform/platform.ts';

interface Host {
  readonly tools: { readonly platform: Pick<Platform, 'process'> };
  readonly paths: { readonly commands: string };
  readonly links: { readonly isGuarded: boolean };
}

/** Before the command starts anything. `pid`: its own; absent: it starts nothing. Errors: STATE_UNWRITABLE. */
export function declareCommand({ tools, paths, links }: Host, pid: number | undefined): void {
  if (pid === undefined || !links.isGuarded) return;
  const { platform } = tools;
  const process = platform.process(pid);
  // Gone, or in another namespace: nobody can be its descendant here.
  if (process === null) return;
  const { commands: directory } = paths;
  makePrivateDirectory(directory);
  removeEnded(directory, platform);
  try {
    writeFileSync(join(directory, commandRecord({ pid, started: process.startTime })), '', { mode: 0o600 });
  } catch (error) {
    throw new LoopyardError('STATE_UNWRITABLE', { directory, reason: reasonOf(error) }, [], error);
  }
}

function removeEnded(directory: string, platform: Pick<Platform, 'process'>): void {
  for (const name of readdirSync(directory)) {
    const command = parseCommandRecord(name);
    const isAlive = command !== null && platform.process(command.pid)?.startTime === command.started;
    if (!isAlive) rmSync(join(directory, name), { force: true });
  }
}
