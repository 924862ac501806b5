/** Programs that publish a local port, known by their command lines. It must not know what that means for anybody. */

export interface Tunnel {
  readonly program: string;
  /** The local port; null: its command line does not say. */
  readonly port: number | null;
  /** What it publishes, in words. */
  readonly where: string;
  readonly fix: string;
}

/** Null: no tunnel. Only the program itself counts: `grep ngrok` and an editor with `ngrok.md` open are none. */
export function tunnelOf(command: readonly string[]): Tunnel | null {
  const words = programWords(command);
  const name = words[0] ?? '';
  const pattern = TUNNELS.find(({ programs }) => programs.includes(name));
  if (pattern === undefined) return null;
  const rest = words.slice(1);
  if (!pattern.publishes(rest)) return null;
  const port = portIn(pattern.local(rest));
  const where = port === null ? 'ports of this machine' : `port ${port} of this machine`;
  return { program: name, port, where, fix: `${pattern.fix}; where it stays, let it ask for a login` };
}

/** The program's own name first; for scripts that an interpreter runs, the script's. */
function programWords(command: readonly string[]): readonly string[] {
  const [first = '', second = ''] = command.map(baseName);
  if (/^(?:node|nodejs|bun|python3?)$/.test(first))
    return [second.replace(/\.[cm]?js$/, ''), ...command.slice(2)];
  return [first, ...command.slice(1)];
}

function baseName(word: string): string {
  return word.split('/').at(-1) ?? word;
}

interface Pattern {
  readonly programs: readonly string[];
  publishes(words: readonly string[]): boolean;
  /** The word that has the local port in it. */
  local(words: readonly string[]): string | undefined;
  readonly fix: string;
}

const TUNNELS: readonly Pattern[] = [
  {
    programs: ['ngrok'],
    publishes: (words) => ['http', 'tcp', 'tls', 'start'].some((verb) => words.includes(verb)),
    local: (words) =>
      words
        .slice(words.findIndex((word) => ['http', 'tcp', 'tls'].includes(word)) + 1)
        .find((word) => !word.startsWith('-')),
    fix: 'end ngrok, or start it with `--oauth google` or `--basic-auth`',
  },
  {
    programs: ['cloudflared'],
    publishes: (words) => words.includes('tunnel') && !words.includes('login') && !words.includes('list'),
    local: (words) => optionIn(words, '--url'),
    fix: 'end cloudflared, or put Cloudflare Access before the tunnel',
  },
  {
    // `-R` on the far side; `-g` opens forwards of this side to networks.
    programs: ['ssh', 'autossh'],
    publishes: (words) => words.some((word) => /^-[a-zA-Z]*R/.test(word)),
    local: (words) => remoteForward(words)?.split(':').at(-1),
    fix: 'end that ssh, or take `-R` out of it',
  },
  {
    programs: ['tailscale'],
    publishes: (words) => words[0] === 'funnel' && !words.includes('status') && !words.includes('reset'),
    local: (words) => words.slice(1).find((word) => !word.startsWith('-')),
    fix: 'end it with `tailscale funnel reset`, or use `tailscale serve` for your own machines',
  },
  {
    programs: ['lt', 'localtunnel'],
    publishes: () => true,
    local: (words) => optionIn(words, '--port') ?? optionIn(words, '-p'),
    fix: 'end localtunnel',
  },
  {
    programs: ['bore'],
    publishes: (words) => words[0] === 'local',
    local: (words) => words.slice(1).find((word) => /^\d+$/.test(word)),
    fix: 'end bore, or start it with `--secret`',
  },
  {
    programs: ['zrok'],
    publishes: (words) => words[0] === 'share' && words[1] === 'public',
    local: (words) => words.slice(2).find((word) => !word.startsWith('-')),
    fix: 'end it, or use `zrok share private`',
  },
  {
    programs: ['devtunnel'],
    publishes: (words) => words[0] === 'host',
    local: (words) => optionIn(words, '-p') ?? optionIn(words, '--port-numbers'),
    fix: 'end devtunnel, or host without `--allow-anonymous`',
  },
  {
    programs: ['code', 'code-insiders', 'code-tunnel'],
    publishes: (words) => words[0] === 'tunnel' && !words.includes('status') && !words.includes('kill'),
    local: () => undefined,
    fix: 'end it with `code tunnel kill`',
  },
];

/** `--url X`, `--url=X` */
function optionIn(words: readonly string[], flag: string): string | undefined {
  const at = words.indexOf(flag);
  if (at >= 0) return words[at + 1];
  return words.find((word) => word.startsWith(`${flag}=`))?.slice(flag.length + 1);
}

/** `-R 80:localhost:3000`, `-R80:localhost:3000`, `-NR 80:localhost:3000` */
function remoteForward(words: readonly string[]): string | undefined {
  for (const [index, word] of words.entries()) {
    const [, attached] = /^-[a-zA-Z]*R(.*)$/.exec(word) ?? [];
    if (attached !== undefined) return attached === '' ? words[index + 1] : attached;
  }
  return undefined;
}

/** The last number: of `http://localhost:3000/x`, `localhost:3000`, `3000`. */
function portIn(word: string | undefined): number | null {
  const [, port] = /(?:^|:)(\d{1,5})(?:\/.*)?$/.exec(word ?? '') ?? [];
  return port === undefined ? null : Number(port);
}
