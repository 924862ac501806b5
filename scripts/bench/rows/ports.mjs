/**
 * Row: what listens here, and who holds it, beside `ss`, `netstat`, `lsof` and `fkill`: on the machine as it is, and with 500 more
 * processes that hold 5,000 sockets. All are whole processes, but for the daemon's answer: a request over its socket until the last byte.
 */

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { cpuMs, interleaved } from '../measure.mjs';
import { findTools } from '../tools.mjs';

const CHILDREN = 500;
/** What the daemon remembers of processes without asking again, and a little more. */
const FORGET_MS = 5200;
const NOTHING_THERE = ':1';
/** Questions after which a daemon is warm: it has seen everybody, and its code is compiled. */
const WARM_UP = 20;

export async function ports({ sandbox, programs, rounds, note }) {
  const project = sandbox.project({});
  await sandbox.run(project, ['ls']);
  const { pid, socket } = await sandbox.json(project, ['daemon', 'status']);
  const client = clientOf(socket);
  // So that there is something to be found where nobody else listens.
  const listener = createServer().listen(0, '127.0.0.1');
  const contenders = contendersOf(sandbox, project, client);
  const tables = [];
  for (const crowd of [null, programs.crowd]) {
    const held = crowd === null ? null : await start(crowd, sandbox);
    await agree(sandbox, project);
    tables.push(await measure({ contenders, client, crowd, rounds, note, daemon: pid }));
    held?.stdin.end();
    if (held !== null) await once(held, 'exit');
    if (programs.crowd === null) break;
  }
  client.close();
  listener.close();
  await sandbox.stopDaemon(project);
  return tables;
}

async function measure({ contenders, client, crowd, rounds, note, daemon }) {
  for (const contender of contenders) await contender.run();
  for (let question = 0; question < WARM_UP; question += 1) await client.ask();
  const medians = await interleaved(contenders, rounds * 3, (contender) => contender.run(), note);
  const ms = (name) => {
    const found = contenders.find((contender) => contender.name === name);
    return found === undefined ? null : medians.get(found).ms;
  };
  const later = await afterAWhile(client, rounds);
  const cpu = { answer: await cpuOfAnswer(client, daemon), ss: cpuOfSs() };
  const ss = ms('ss -tlnp');
  const [answer, command] = [ms(ANSWER), ms(COMMAND)];
  const where = crowd === null ? 'the machine as it is' : `${CHILDREN} more processes with 5,000 sockets`;
  const line = (name, value) => ({
    name,
    value,
    unit: 'ms',
    digits: 1,
    text: ss === null ? '' : `${(value / ss).toFixed(2)} x ss`,
  });
  const over = (one, other) => (one === null || other === null ? null : one / other);
  return {
    title: `what listens, and who holds it: ${where} (${rounds * 3} runs)`,
    lines: [
      ...contenders.map(({ name }) => line(name, ms(name))),
      line(`${ANSWER}, asked every 5 s`, later),
      ...cpuLines(cpu),
    ],
    budgets:
      crowd === null
        ? []
        : [
            { text: 'answer of a warm daemon <= 0.5 x `ss -tlnp`', value: over(answer, ss), most: 0.5 },
            { text: '`lo ports` <= 1.5 x `ss -tlnp`', value: over(command, ss), most: 1.5 },
            { text: '`lo ports` < `lsof`', value: over(command, ms(LSOF)), most: 1 },
          ],
  };
}

const ANSWER = "the daemon's answer";
const COMMAND = 'lo ports (warm daemon)';
const LSOF = 'lsof -nP -iTCP -sTCP:LISTEN';

function contendersOf(sandbox, project, client) {
  const node = process.execPath;
  const alone = { ...project.variables, LOOPYARD_HOME: `${sandbox.directory()}/none` };
  const program = (name, argv, variables = project.variables, fails = false) => ({
    name,
    run: () => timed(argv, variables, fails),
  });
  const tools = findTools();
  const others = [
    tools.ss && program('ss -tlnp', [tools.ss, '-tlnp']),
    tools.netstat && program('netstat -tlnp', [tools.netstat, '-tlnp']),
    tools.lsof && program(LSOF, [tools.lsof, '-nP', '-iTCP', '-sTCP:LISTEN']),
    // It looks for the port, finds nobody, and says so.
    tools.fkill &&
      program(`fkill ${NOTHING_THERE}`, [node, tools.fkill, NOTHING_THERE], project.variables, true),
  ];
  return [
    ...others.filter(Boolean),
    { name: ANSWER, run: () => client.ask() },
    program(COMMAND, [node, sandbox.lo, 'ports']),
    program('lo ports (no daemon)', [node, sandbox.lo, 'ports'], alone),
    program('node -e ""', [node, '-e', '']),
  ];
}

async function timed([program, ...args], env, mayFail) {
  const began = performance.now();
  const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let errors = '';
  child.stdout.resume();
  child.stderr.on('data', (text) => {
    errors += text;
  });
  const [code] = await once(child, 'close');
  const ms = performance.now() - began;
  if (code !== 0 && !mayFail) throw new Error(`${program} ${args.join(' ')} ended with ${code}: ${errors}`);
  return { ms };
}

/** One connection that stays, as that of a dashboard. */
function clientOf(socketPath) {
  const agent = new Agent({ keepAlive: true });
  const ask = async () => {
    const began = performance.now();
    const asked = request({ socketPath, path: '/v1/ports', method: 'POST', agent });
    asked.end('{"all":false}');
    const [answer] = await once(asked, 'response');
    answer.resume();
    await once(answer, 'end');
    if (answer.statusCode !== 200) throw new Error(`the daemon answered ${answer.statusCode}`);
    return { ms: performance.now() - began };
  };
  return { ask, close: () => agent.destroy() };
}

/** Wall time of both grows with whatever else runs here; this hardly does. */
function cpuLines({ answer, ss }) {
  const text = ss === null ? '' : `${(answer / ss).toFixed(2)} x ss`;
  const line = (name, value) => ({ name, value, unit: 'ms', digits: 1 });
  return [
    { ...line('CPU of an answer, all threads of the daemon', answer), text },
    ...(ss === null ? [] : [line('CPU of ss -tlnp', ss)]),
  ];
}

async function cpuOfAnswer(client, daemon) {
  const before = cpuMs(daemon);
  for (let question = 0; question < WARM_UP; question += 1) await client.ask();
  return (cpuMs(daemon) - before) / WARM_UP;
}

function cpuOfSs() {
  const { ss } = findTools();
  if (ss === null) return null;
  const script = `TIMEFORMAT="%3U %3S"; time for i in {1..${WARM_UP}}; do "$1" -tlnp >/dev/null; done`;
  const options = { encoding: 'utf8', env: { ...process.env, LC_ALL: 'C' } };
  const { stderr } = spawnSync('bash', ['-c', script, 'bash', ss], options);
  const [, user, system] = /([\d.]+) ([\d.]+)\s*$/.exec(stderr) ?? [];
  return user === undefined ? null : ((Number(user) + Number(system)) * 1000) / WARM_UP;
}

/** The same answer when what is remembered of the processes has grown old. */
async function afterAWhile(client, rounds) {
  const taken = [];
  for (let round = 0; round < Math.min(rounds, 5); round += 1) {
    await delay(FORGET_MS);
    taken.push((await client.ask()).ms);
  }
  return taken.sort((one, other) => one - other)[taken.length >> 1];
}

async function start(crowd, sandbox) {
  const child = spawn(crowd[0], [...crowd.slice(1), String(CHILDREN)], {
    env: sandbox.variables(),
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  return child;
}

/** A fast wrong answer is none: the same TCP listeners with the same owners as `ss` names. */
async function agree(sandbox, project) {
  const { ss } = findTools();
  if (ss === null) return;
  const { listeners } = await sandbox.json(project, ['ports']);
  const line = (port, pids) => `${port} ${[...new Set(pids)].sort((one, other) => one - other).join()}`;
  const ours = listeners
    .filter(({ protocol }) => protocol === 'tcp')
    .map(({ port, owners }) =>
      line(
        port,
        owners.map(({ pid }) => pid),
      ),
    );
  const { stdout } = spawnSync(ss, ['-tlnpH'], { encoding: 'utf8', maxBuffer: 2 ** 28 });
  const theirs = stdout
    .trim()
    .split('\n')
    .filter(Boolean)
    .map((row) => {
      const [, , , local] = row.split(/\s+/);
      const pids = [...row.matchAll(/pid=(\d+)/g)].map(([, pid]) => Number(pid));
      return line(local.slice(local.lastIndexOf(':') + 1), pids);
    });
  // Others work on this machine, and a listener of theirs may come or go between the two looks.
  const missing = theirs.filter((one) => !ours.includes(one));
  if (missing.length > 10)
    throw new Error(`lo ports lacks ${missing.length} of ${theirs.length}: ${missing[0]}`);
}
