/** TLS-04: a server still speaks versions or ciphers of TLS that are broken. */

import { createHash } from 'node:crypto';
import type { ListenerCheck, ListenerContext } from '../check.ts';
import { fixFor, type ProgramFix } from '../fixes/programs.ts';
import { clientHello, isAnswered, type ServerHello, serverHello } from '../probe/client-hello.ts';
import { inconclusive, safe, vulnerable } from '../verdict.ts';

export const tls04: ListenerCheck = {
  id: 'TLS-04',
  title: 'Speaks broken versions or ciphers of TLS',
  about: 'listener',
  transport: 'tcp',
  severity: { loopback: 'low', network: 'medium' },
  intrusive: false,
  references: [
    'CWE-326',
    'CWE-327',
    'https://www.rfc-editor.org/rfc/rfc8996',
    'https://www.rfc-editor.org/rfc/rfc7465',
  ],
  speaks: ['https', 'tls'],
  requests: 9,
  fix: 'set the lowest version to TLS 1.2 and leave the ciphers to the library',
  probe:
    'Sends the hello of a client that speaks only TLS 1.1, 1.0 or SSL 3; then of one that speaks TLS 1.2 with ciphers of one broken family (none, anonymous, export, RC4, 3DES or DES); and one with a cipher that does not exist. No handshake is completed.',
  rule: 'Vulnerable when one of these hellos is answered with that version and one of those ciphers, and the server goes on to its certificate or keys, while the cipher that does not exist is refused. Safe when all are refused.',
  examine: async (context) => {
    // 0x0a0a is reserved for clients that want to see whether servers look (RFC 8701).
    if ((await ask(VERSIONS[0].version, [0x0a0a], context)) !== null)
      return inconclusive('it agrees to a cipher that does not exist');
    const signs: string[] = [];
    for (const { name, version } of VERSIONS) {
      const hello = await ask(version, ANY_SUITE, context);
      if (hello?.version === version) signs.push(`it agrees to speak ${name} and goes on with the handshake`);
    }
    for (const { name, suites } of FAMILIES) {
      const hello = await ask(0x0303, suites, context);
      if (hello !== null && suites.includes(hello.suite))
        signs.push(`it agrees to ${name} and goes on with the handshake`);
    }
    const [first, ...more] = signs;
    if (first === undefined) return safe('old versions and broken ciphers are refused');
    return vulnerable(
      'proven',
      [first, 'a cipher that does not exist is refused, so it looks at what it is offered', ...more],
      {
        fix: fixFor(context.target, FIXES) ?? tls04.fix,
      },
    );
  },
};

const VERSIONS = [
  { name: 'TLS 1.1', version: 0x0302 },
  { name: 'TLS 1.0', version: 0x0301 },
  { name: 'SSL 3', version: 0x0300 },
] as const;

/** All that those versions had: with RSA, ECDSA and DSA certificates. */
const ANY_SUITE = [
  0xc014, 0xc00a, 0xc013, 0xc009, 0x0039, 0x0038, 0x0035, 0x0033, 0x0032, 0x002f, 0xc012, 0xc008, 0x0016,
  0x000a, 0x0005, 0x0004,
];

/** By the registry of the IANA. */
const FAMILIES = [
  { name: 'no encryption at all (NULL)', suites: [0x0001, 0x0002, 0x003b, 0xc006, 0xc010] },
  {
    name: 'keys of nobody in particular (anonymous)',
    suites: [0x0034, 0x003a, 0x006c, 0x006d, 0x00a6, 0x00a7, 0xc018, 0xc019, 0x0018, 0x001b],
  },
  {
    name: 'export ciphers',
    suites: [0x0003, 0x0006, 0x0008, 0x000b, 0x000e, 0x0011, 0x0014, 0x0017, 0x0019],
  },
  { name: 'RC4', suites: [0x0004, 0x0005, 0xc007, 0xc011] },
  { name: 'DES or 3DES', suites: [0x0009, 0x000a, 0x0012, 0x0013, 0x0015, 0x0016, 0xc008, 0xc012] },
];

async function ask(
  version: number,
  suites: readonly number[],
  { connect, nonce, target }: ListenerContext,
): Promise<ServerHello | null> {
  const wire = await connect();
  try {
    const random = createHash('sha256').update(nonce()).digest();
    wire.send(clientHello({ version, suites, random, serverName: target.serverName ?? 'localhost' }));
    const { bytes } = await wire.receive(isAnswered);
    const hello = serverHello(bytes);
    return hello?.continued === true ? hello : null;
  } finally {
    wire.close();
  }
}

const FIXES: readonly ProgramFix[] = [
  { program: /\bnginx\b/, fix: 'write `ssl_protocols TLSv1.2 TLSv1.3;` and take `ssl_ciphers` out' },
  { program: /\bapache2|httpd\b/, fix: 'write `SSLProtocol -all +TLSv1.2 +TLSv1.3`' },
  {
    program: /\b(?:node|tsx|nodemon)\b/,
    fix: "take `minVersion`, `secureProtocol`, `ciphers` and `--tls-min-v1.0` out: Node's own choice is TLS 1.2 and later",
  },
  {
    program: /\bredis-server|valkey-server\b/,
    fix: 'write `tls-protocols "TLSv1.2 TLSv1.3"` into redis.conf',
  },
  { program: /\bpostgres\b/, fix: "set `ssl_min_protocol_version = 'TLSv1.2'` in postgresql.conf" },
  { program: /\b(?:mysqld|mariadbd)\b/, fix: 'set `tls_version = TLSv1.2,TLSv1.3` in my.cnf' },
];
