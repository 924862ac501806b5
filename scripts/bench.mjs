/**
 * `npm run bench [-- ROW… --quick --only ROW --rounds N --json FILE --no-install --debian]`: the budgets of the design, measured side by
 * side with what else does the job here. Method and figures: docs/notes/bench.md. Exit code 0 whatever the figures say.
 */

import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { findPeers, installPeers } from './bench/peers.mjs';
import { programs } from './bench/programs.mjs';
import { printTable, verdict } from './bench/report.mjs';
import { cpu } from './bench/rows/cpu.mjs';
import { chain, independent } from './bench/rows/fleet.mjs';
import { bulk, gateway } from './bench/rows/gateway.mjs';
import { links } from './bench/rows/links.mjs';
import { logs } from './bench/rows/logs.mjs';
import { memory } from './bench/rows/memory.mjs';
import { ports } from './bench/rows/ports.mjs';
import { handshake, held } from './bench/rows/tls.mjs';
import { websocket } from './bench/rows/websocket.mjs';
import { Sandbox } from './bench/sandbox.mjs';
import { ensureBuild } from './lib/dist.mjs';

const ROWS = {
  ...{ independent, chain, logs, cpu, memory, ports },
  ...{ gateway, bulk, websocket, handshake, held, links },
};
const ROUNDS = 7;
const QUICK_ROUNDS = 3;

const { values, positionals } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true },
    rounds: { type: 'string' },
    json: { type: 'string' },
    install: { type: 'boolean', default: true },
    debian: { type: 'boolean', default: false },
  },
  allowNegative: true,
  allowPositionals: true,
});
const named = [...positionals, ...(values.only ?? [])];
const wanted = named.length > 0 ? named : Object.keys(ROWS);
const unknown = wanted.filter((name) => !(name in ROWS));
if (unknown.length > 0) {
  console.error(`no such row: ${unknown.join(', ')}; there are ${Object.keys(ROWS).join(', ')}`);
  process.exitCode = 2;
} else {
  process.exitCode = await main();
}

async function main() {
  const { directory } = await ensureBuild();
  if (values.install) installPeers({ debian: values.debian });
  const sandbox = new Sandbox(`${directory}/lo.js`);
  const interrupt = () => {
    sandbox.close();
    process.exit(130);
  };
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  const rounds = Number(values.rounds ?? (values.quick ? QUICK_ROUNDS : ROUNDS));
  const context = { sandbox, programs: programs(), rounds, peers: findPeers, note: noteRound(rounds) };
  console.log(
    `${cpus().length} cores, Node ${process.version}, ${rounds} rounds, medians; services: ${context.programs.server.length > 1 ? 'Node' : 'C'}`,
  );
  const tables = [];
  try {
    for (const name of wanted) {
      for (const table of await ROWS[name](context)) {
        printTable(table);
        tables.push({ row: name, ...table });
      }
    }
  } finally {
    sandbox.close();
  }
  finish(tables, rounds);
  return 0;
}

function noteRound(rounds) {
  if (!process.stderr.isTTY) return undefined;
  return (round) => process.stderr.write(`\rround ${round} of ${rounds} \r`);
}

function finish(tables, rounds) {
  const verdicts = tables.flatMap(({ budgets = [] }) => budgets.map(verdict));
  const count = (word) => verdicts.filter((one) => one === word).length;
  console.log(
    `\nbudgets: ${count('pass')} pass, ${count('miss')} miss, ${count('not measured')} not measured`,
  );
  if (values.json === undefined) return;
  const document = { schema: 1, node: process.version, cores: cpus().length, rounds, tables };
  writeFileSync(values.json, `${JSON.stringify(document, null, 2)}\n`);
}
