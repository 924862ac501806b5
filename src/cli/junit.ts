/** The report of `lo test` as JUnit XML: a test case for each service's readiness and one for the command. */

import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { LoopyardError, reasonOf } from '../core/errors.ts';
import type { ServiceStatus } from '../core/status.ts';
import { escapedXml } from '../core/xml.ts';
import { stripEscapes } from './printer/text.ts';
import type { Board } from './view/board.ts';

interface Case {
  readonly group: string;
  readonly name: string;
  readonly ms: number;
  /** null: it passed. */
  readonly failure: { readonly message: string; readonly text: string } | null;
}

export class JunitReport {
  readonly #command: string;
  readonly #now: () => number;
  readonly #startedAt: number;
  readonly #cases: Case[] = [];

  constructor(command: string, now: () => number) {
    this.#command = command;
    this.#now = now;
    this.#startedAt = now();
  }

  services(board: Board): void {
    const bad = new Map(board.outcome?.bad.map((one) => [one.service, one]));
    for (const service of board.services) {
      // Nobody asked for it.
      if (service.state === 'idle') continue;
      const outcome = bad.get(service.name);
      const failed = outcome !== undefined || !isThere(service);
      const message = outcome?.reason ?? service.reason ?? service.state;
      const failure = failed ? { message, text: outcome?.tail.join('\n') ?? '' } : null;
      this.#cases.push({ group: 'services', name: service.name, ms: service.startupMs ?? 0, failure });
    }
  }

  /** Measures the command; a code other than 0 is a failure. */
  async command(run: () => Promise<number>): Promise<number> {
    const from = this.#now();
    let message = 'it could not be run';
    let code: number | null = null;
    try {
      code = await run();
      message = `exited with code ${code}`;
      return code;
    } catch (error) {
      message = reasonOf(error);
      throw error;
    } finally {
      const failure = code === 0 ? null : { message, text: '' };
      this.#cases.push({ group: 'command', name: this.#command, ms: this.#now() - from, failure });
    }
  }

  toXml(): string {
    const failures = this.#cases.filter(({ failure }) => failure !== null).length;
    const counts = `tests="${this.#cases.length}" failures="${failures}" errors="0" time="${seconds(this.#now() - this.#startedAt)}"`;
    const stamp = new Date(this.#startedAt).toISOString().slice(0, 19);
    return [
      '<?xml version="1.0" encoding="UTF-8"?>',
      `<testsuites name="loopyard" ${counts}>`,
      `  <testsuite name="lo test" timestamp="${stamp}" skipped="0" ${counts}>`,
      ...this.#cases.map(caseXml),
      '  </testsuite>',
      '</testsuites>',
      '',
    ].join('\n');
  }
}

/** `file` is relative to `directory`. Errors: OUTPUT_FAILED. */
export function writeReport(directory: string, file: string, report: JunitReport): void {
  const path = resolve(directory, file);
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, report.toXml());
  } catch (error) {
    throw new LoopyardError('OUTPUT_FAILED', { file: path, reason: reasonOf(error) }, [], error);
  }
}

function isThere(service: ServiceStatus): boolean {
  return service.state === 'ready' || service.state === 'running' || service.state === 'completed';
}

function caseXml({ group, name, ms, failure }: Case): string {
  const open = `    <testcase classname="${group}" name="${escaped(name)}" time="${seconds(ms)}"`;
  if (failure === null) return `${open}/>`;
  const { message, text } = failure;
  return `${open}>\n      <failure message="${escaped(message)}">${escaped(text)}</failure>\n    </testcase>`;
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}

function escaped(text: string): string {
  return escapedXml(stripEscapes(text));
}
