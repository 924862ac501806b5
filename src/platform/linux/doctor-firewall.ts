/**
 * Which firewalls are at work here, and whether they let traffic of the loopback interface pass. What may not be read is said to be
 * unreadable, never off. It must not change a rule.
 */

import { readFile } from 'node:fs/promises';
import { type Ended, runProgram } from '../children.ts';
import type { FirewallFacts } from '../health.ts';

const WITHIN_MS = 3000;
/** So many offending rules are told. */
const MOST_TOLD = 3;

/** Programs of administrators are not on everybody's PATH. */
function administrators(): NodeJS.ProcessEnv {
  return { ...process.env, PATH: `${process.env.PATH ?? ''}:/usr/sbin:/sbin`, LC_ALL: 'C' };
}

/** One for each firewall that is there at all. */
export async function readFirewalls(): Promise<readonly FirewallFacts[]> {
  const found = await Promise.all([
    byProgram('nft', 'nft', ['list', 'ruleset'], rulesOfNft, nftRefuses),
    byProgram('iptables', 'iptables-save', ['-t', 'filter'], rulesOfIptables, iptablesRefuse),
    byProgram('ip6tables', 'ip6tables-save', ['-t', 'filter'], rulesOfIptables, iptablesRefuse),
    ufw('/etc/ufw/ufw.conf', '/etc/default/ufw'),
    firewalld(),
  ]);
  return found.filter((one) => one !== null);
}

async function byProgram(
  name: FirewallFacts['name'],
  program: string,
  args: readonly string[],
  rulesOf: (text: string) => readonly string[],
  refuses: (text: string) => boolean,
): Promise<FirewallFacts | null> {
  const ended = await runProgram(program, args, { withinMs: WITHIN_MS, env: administrators() });
  if (ended.failure === 'ENOENT') return null;
  if (ended.code !== 0) return unreadable(name, reasonOf(ended));
  const rules = rulesOf(ended.stdout);
  const againstLoopback = rules.filter(isAgainstLoopback).slice(0, MOST_TOLD);
  return {
    name,
    state: rules.length === 0 ? 'off' : 'on',
    why: null,
    rules: rules.length,
    againstLoopback,
    refusesIncoming: refuses(ended.stdout),
  };
}

/** Lines inside of chains, the chain's own head and policy apart. Source: nft(8). */
export function rulesOfNft(text: string): readonly string[] {
  const rules: string[] = [];
  let depth = 0;
  let inChain = false;
  for (const whole of text.split('\n')) {
    const line = whole.trim();
    if (line.endsWith('{')) {
      depth += 1;
      if (depth === 2) inChain = line.startsWith('chain ');
    } else if (line === '}') {
      depth -= 1;
      if (depth < 2) inChain = false;
    } else if (inChain && line !== '' && !line.startsWith('type ') && !line.startsWith('policy ')) {
      rules.push(line);
    }
  }
  return rules;
}

/** Source: iptables-save(8). */
export function rulesOfIptables(text: string): readonly string[] {
  return text.split('\n').filter((line) => line.startsWith('-A '));
}

/** By the policy of a chain of the input hook, or a last rule there that refuses all. Source: nft(8). */
export function nftRefuses(text: string): boolean {
  return text.split(/^\s*chain /m).some((chain) => {
    if (!/type filter hook input /.test(chain)) return false;
    return (
      /policy drop;/.test(chain) ||
      /^\s*(?:counter (?:packets \d+ bytes \d+ )?)?(?:drop|reject(?: with .*)?)\s*\}/m.test(chain)
    );
  });
}

/** Source: iptables-save(8). */
export function iptablesRefuse(text: string): boolean {
  return /^:INPUT DROP\b/m.test(text) || /^-A INPUT -j (?:DROP|REJECT)\b/m.test(text);
}

const REFUSES = /\b(drop|reject)\b/i;
const LOOPBACK =
  /\b(?:iif|iifname|oif|oifname) "?lo"?(?=\s|$)|(?:^|\s)-[io] lo(?=\s|$)|(?:\s)127\.\d+\.\d+\.\d+(?:\/\d+)?(?=\s|$)|(?:\s)::1(?:\/128)?(?=\s|$)/;
/** `! -i lo`, `iif != "lo"`: what comes from elsewhere with a loopback address, which is rightly dropped. */
const FROM_ELSEWHERE = /! -[io] lo\b|(?:iif|iifname|oif|oifname) != "?lo/;

export function isAgainstLoopback(rule: string): boolean {
  return REFUSES.test(rule) && LOOPBACK.test(rule) && !FROM_ELSEWHERE.test(rule);
}

/** Its settings may be read by everybody, its rules by root alone. Source: ufw(8). */
export async function ufw(path: string, defaults = '/etc/default/ufw'): Promise<FirewallFacts | null> {
  try {
    const isOn = /^\s*ENABLED\s*=\s*["']?yes/im.test(await readFile(path, 'utf8'));
    const refusesIncoming = isOn && (await ufwRefuses(defaults));
    return { ...NO_RULES, name: 'ufw', state: isOn ? 'on' : 'off', why: null, refusesIncoming };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' ? null : unreadable('ufw', `${path}: ${code}`);
  }
}

const NO_RULES = { rules: null, againstLoopback: [] } as const;

async function ufwRefuses(defaults: string): Promise<boolean | null> {
  try {
    return /^\s*DEFAULT_INPUT_POLICY\s*=\s*["']?(?:DROP|REJECT)/im.test(await readFile(defaults, 'utf8'));
  } catch {
    // Its policy stands nowhere else that everybody may read.
    return null;
  }
}

/** Source: firewall-cmd(1): code 252 is "not running". */
async function firewalld(): Promise<FirewallFacts | null> {
  const ended = await runProgram('firewall-cmd', ['--state'], {
    withinMs: WITHIN_MS,
    env: administrators(),
  });
  if (ended.failure === 'ENOENT') return null;
  const facts = { ...NO_RULES, name: 'firewalld', why: null } as const;
  // Its zones refuse what no rule of theirs lets in, all but `trusted`; which one an interface is in is not asked.
  if (ended.code === 0) return { ...facts, state: 'on', refusesIncoming: null };
  return ended.code === 252
    ? { ...facts, state: 'off', refusesIncoming: false }
    : unreadable('firewalld', reasonOf(ended));
}

function unreadable(name: FirewallFacts['name'], why: string): FirewallFacts {
  return { ...NO_RULES, name, state: 'unreadable', why, refusesIncoming: null };
}

function reasonOf({ failure, stderr, code }: Ended): string {
  if (failure === 'ETIMEDOUT') return `no answer within ${WITHIN_MS / 1000} s`;
  const [first = ''] = stderr.trim().split('\n');
  return failure ?? (first === '' ? `it ended with ${code}` : first);
}
