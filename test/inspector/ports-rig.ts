/** `lo ports` inside a machine of a test's own. It must not know what is expected there. */

import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type { ListenerDocument, PortsReport } from '../../src/core/inspection.ts';
import { ensureProgram } from '../support/debian.ts';
import { Lab, type LoOptions } from '../support/lab.ts';
import { OwnMachine } from './own-machine.ts';

export class PortsRig {
  readonly machine: OwnMachine;
  readonly lab: Lab;

  private constructor(machine: OwnMachine, lab: Lab) {
    this.machine = machine;
    this.lab = lab;
  }

  /** Null: the test is skipped, with the reason, and has to return. */
  static async create(t: TestContext): Promise<PortsRig | null> {
    const machine = await OwnMachine.create(t);
    if (machine === null) return null;
    if ((await ensureProgram(t, { program: 'python3', package: 'python3' })) === null) return null;
    return new PortsRig(machine, Lab.create(t));
  }

  /** `through`: words behind those that lead inside. */
  async report(args: readonly string[] = [], options: LoOptions = {}): Promise<PortsReport> {
    return await this.lab.json<PortsReport>(['ports', ...args], this.inside(options));
  }

  inside(options: LoOptions = {}): LoOptions {
    return { ...options, through: [...this.machine.through, ...(options.through ?? [])] };
  }

  /** The only one of the port. */
  async listener(port: number, options: LoOptions = {}): Promise<ListenerDocument> {
    const { listeners } = await this.report(['--port', String(port)], options);
    const [listener] = listeners;
    assert.ok(listener !== undefined && listeners.length === 1, JSON.stringify(listeners));
    return listener;
  }

  /** As a person reads it. */
  async told(args: readonly string[] = [], options: LoOptions = {}): Promise<string> {
    const { stdout } = await this.lab.lo(['ports', ...args], this.inside(options));
    return stdout;
  }
}
