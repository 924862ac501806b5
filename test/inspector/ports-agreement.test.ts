/** `lo ports` names the same listeners with the same holders as `ss` and `lsof`, in 2,000 random situations. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { type TestContext, test } from 'node:test';
import type { ListenerDocument, PortsReport } from '../../src/core/inspection.ts';
import { bundledProgram } from '../support/bundled-program.ts';
import { ensureProgram } from '../support/debian.ts';
import { Lab } from '../support/lab.ts';
import { fixture } from '../support/paths.ts';
import { OwnMachine } from './own-machine.ts';

const ROUNDS = 50;
const SITUATIONS = 40;
/** In so many rounds the command itself is asked too. */
const COMMANDS = 3;

/** A program inside that answers each line with one. */
class Partner {
  readonly #write: (line: string) => void;
  readonly #lines: AsyncIterator<string>;

  constructor(t: TestContext, machine: OwnMachine, ...argv: readonly string[]) {
    const [program = '', ...args] = [...machine.through, ...argv];
    const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#write = (line) => child.stdin.write(`${line}\n`);
    this.#lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const ended = new Promise((resolve) => child.once('exit', resolve));
    t.after(async () => {
      child.stdin.end();
      await ended;
    });
  }

  async asks(line: string): Promise<string> {
    this.#write(line);
    const { value, done } = await this.#lines.next();
    assert.ok(done !== true, `no answer to ${line}`);
    return value;
  }
}

test('2,000 random situations: the same listeners with the same holders as ss and lsof', async (t) => {
  const machine = await OwnMachine.create(t);
  for (const [program, of] of [
    ['ss', 'iproute2'],
    ['lsof', 'lsof'],
    ['python3', 'python3'],
  ] as const)
    if (machine === null || (await ensureProgram(t, { program, package: of })) === null) return;
  if (machine === null) return;
  const lab = Lab.create(t);
  const sockets = new Partner(t, machine, 'python3', '-u', fixture('programs', 'many-sockets.py'));
  const looker = new Partner(
    t,
    machine,
    process.execPath,
    await bundledProgram('ports-looker', machine.directory),
  );
  const first = Number(process.env.PORTS_SEED ?? Date.now() % 1_000_000);
  let seen = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const seed = first + round;
    assert.equal(await sockets.asks(`round ${seed} ${SITUATIONS}`), 'ok');
    const { listeners } = JSON.parse(await looker.asks('{"all":false}')) as PortsReport;
    seen += listeners.length;
    const bySs = fromSs(machine.run('ss', '-tulnpH'));
    assertSame(listeners.map(asText), bySs, `ss, PORTS_SEED=${seed}`);
    const tcp = listeners.filter(({ protocol }) => protocol === 'tcp');
    const byLsof = fromLsof(machine.run('lsof', '-nP', '-iTCP', '-sTCP:LISTEN', '-FptPn'));
    assertSame([...new Set(tcp.flatMap(asLsof))], byLsof, `lsof, PORTS_SEED=${seed}`);
    if (round % Math.ceil(ROUNDS / COMMANDS) === 0) {
      const report = await lab.json<PortsReport>(['ports'], machine);
      assertSame(report.listeners.map(asText), bySs, `ss and the command, PORTS_SEED=${seed}`);
    }
    assert.equal(await sockets.asks('end'), 'ok');
  }
  assert.ok(seen > ROUNDS * SITUATIONS, `only ${seen} listeners were made`);
  const { listeners } = JSON.parse(await looker.asks('{"all":false}')) as PortsReport;
  assert.deepEqual(listeners, [], 'all situations ended');
});

/** Both ways, with nothing else in the message. */
function assertSame(ours: readonly string[], theirs: readonly string[], whose: string): void {
  assert.deepEqual(
    { missing: without(theirs, ours), invented: without(ours, theirs) },
    { missing: [], invented: [] },
    whose,
  );
}

/** Of several that are the same, each counts. */
function without(from: readonly string[], what: readonly string[]): readonly string[] {
  const left = [...from];
  for (const one of what) {
    const at = left.indexOf(one);
    if (at >= 0) left.splice(at, 1);
  }
  return left;
}

function asText({ protocol, address, port, owners }: ListenerDocument): string {
  return `${protocol} ${address} ${port}: ${pidsText(owners.map(({ pid }) => pid))}`;
}

function pidsText(pids: readonly number[]): string {
  return [...new Set(pids)].sort((one, other) => one - other).join(' ');
}

/** `udp UNCONN 0 0 127.0.0.1%lo:53 0.0.0.0:* users:(("python3",pid=7,fd=3))`; `*` stands for `::` with both families. */
function fromSs(output: string): readonly string[] {
  return output.split('\n').flatMap((row) => {
    const [protocol = '', , , , local = '', , ...users] = row.trim().split(/\s+/);
    if (protocol === '') return [];
    const [, host = '', port = ''] = /^(.*):(\d+)$/.exec(local) ?? [];
    const address = host
      .replace(/%.*$/, '')
      .replace(/^\[|\]$/g, '')
      .replace(/^\*$/, '::');
    const pids = [...users.join(' ').matchAll(/pid=(\d+),fd=\d+/g)].map(([, pid]) => Number(pid));
    return [`${protocol} ${address} ${port}: ${pidsText(pids)}`];
  });
}

/** One text for each process and place: `lsof` does not say which sockets are the same, writes `*` for wildcards, and mapped addresses as IPv4. */
function asLsof({ family, address, port, owners }: ListenerDocument): readonly string[] {
  const plain = address.replace('::ffff:', '');
  const host = plain === '::' || plain === '0.0.0.0' ? '*' : plain;
  return owners.map(({ pid }) => `${pid} IPv${family} ${host} ${port}`);
}

/** Fields one a line: `p7`, then for each descriptor `f3`, `tIPv4`, `PTCP`, `n127.0.0.1:80`. */
function fromLsof(output: string): readonly string[] {
  const found = new Set<string>();
  let pid = '';
  let type = '';
  for (const line of output.split('\n')) {
    const value = line.slice(1);
    if (line.startsWith('p')) pid = value;
    if (line.startsWith('t')) type = value;
    const [, host = '', port = ''] = (line.startsWith('n') && /^(.*):(\d+)$/.exec(value)) || [];
    if (port !== '') found.add(`${pid} ${type} ${host.replace(/^\[|\]$/g, '')} ${port}`);
  }
  return [...found];
}
