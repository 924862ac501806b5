/**
 * One target while it is looked at: opens connections for checks and counts them, keeps what went over them, and remembers what is asked
 * once for all checks. It must not know single checks, nor judge.
 */

import type { ListenerCheck, ListenerContext } from './check.ts';
import { Controls, createHttp, sender } from './probe/http.ts';
import { IDENTIFY_REQUESTS, type Identity, identify } from './probe/identify.ts';
import { type RecordedExchange, recorded } from './probe/record.ts';
import {
  type Connect,
  type ConnectOptions,
  LENIENT_TLS,
  ProbeFailure,
  type TlsOptions,
  type Wire,
} from './probe/wire.ts';
import type { Target } from './target.ts';
import type { AuditTools } from './tools.ts';
import type { Outcome } from './verdict.ts';

/** Silent servers are not waited for as long as others: they have had their time. */
const SILENT_WITHIN_MS = 800;
/** What the controls may cost: honest requests to the paths of `probe/paths.ts`, two of them twice, and misses. */
const CONTROL_REQUESTS = 48;

/** What one listener may get beside the requests of checks. */
export const SHARED_REQUESTS = IDENTIFY_REQUESTS + CONTROL_REQUESTS;

export class Session {
  readonly target: Target;
  readonly outcomes = new Map<string, Outcome>();
  /** Connections that were opened. */
  requests = 0;
  readonly #tools: AuditTools;
  readonly #plan: Pick<ListenerContext, 'targets' | 'wholeMachine'>;
  readonly #open = new Set<Wire>();
  readonly #shared: RecordedExchange[] = [];
  #identity: Promise<Identity> | null = null;
  readonly #controls = new Map<boolean, Controls>();
  #closed = false;

  constructor(target: Target, plan: Pick<ListenerContext, 'targets' | 'wholeMachine'>, tools: AuditTools) {
    this.target = target;
    this.#plan = plan;
    this.#tools = tools;
  }

  identity(): Promise<Identity> {
    const { authority } = this.target;
    const connect = this.#connector([], IDENTIFY_REQUESTS, 'identification');
    this.#identity ??= identify(connect, this.#tools.nonce(), authority);
    return this.#identity;
  }

  /** `exchanges` is filled while the check works. Controls that were asked by others are told as well. */
  context(
    check: ListenerCheck,
    { speech, garbage }: Identity,
    exchanges: RecordedExchange[],
  ): ListenerContext {
    const connect = this.#connector(exchanges, check.requests, check.id, speech === 'silent');
    const tls = speech === 'https' || speech === 'tls' ? LENIENT_TLS : null;
    const controls = this.#controls.get(tls !== null) ?? this.#makeControls(tls);
    this.#controls.set(tls !== null, controls);
    const { authority } = this.target;
    const http = createHttp(sender(connect, authority, tls), {
      authority,
      connect,
      controls,
      tls,
    });
    return {
      facts: this.#tools.facts,
      targets: this.#plan.targets,
      wholeMachine: this.#plan.wholeMachine,
      target: this.target,
      speech,
      connect,
      http,
      garbage: () => Promise.resolve(garbage),
      nonce: this.#tools.nonce,
      canary: () => this.#tools.canary(),
      earlier: (id) => this.outcomes.get(id) ?? null,
    };
  }

  /** What the controls sent and got, for findings that stand on them. */
  get controlExchanges(): readonly RecordedExchange[] {
    return this.#shared;
  }

  /** Hosts outside of this machine that it sends honest requests to. */
  get redirects(): readonly string[] {
    return [...this.#controls.values()].flatMap(({ elsewhere }) => [...elsewhere]);
  }

  /** Ends every connection, and lets none be opened any more. */
  close(): void {
    this.#closed = true;
    for (const wire of this.#open) wire.close();
    this.#open.clear();
  }

  #makeControls(tls: object | null): Controls {
    const connect = this.#connector(this.#shared, CONTROL_REQUESTS, 'controls');
    const { authority } = this.target;
    const [host = authority] = /^[^:[\]]+|^\[[^\]]+\]/.exec(authority) ?? [];
    const words = [authority, host, String(this.target.port)];
    return new Controls(sender(connect, authority, tls), words, this.#tools.nonce());
  }

  #connector(exchanges: RecordedExchange[], most: number, who: string, hurried = false): Connect {
    let opened = 0;
    return async (options = {}) => {
      const { address, port, serverName } = this.target;
      if (address === null) throw new ProbeFailure('it listens on no loopback address');
      if (this.#closed) throw new ProbeFailure('its time is over');
      opened += 1;
      if (opened > most) throw new Error(`${who} opens more connections than the ${most} that it states`);
      this.requests += 1;
      const within = hurried ? { answerWithinMs: SILENT_WITHIN_MS } : {};
      const tls = byName(options.tls, serverName);
      const wire = await this.#tools.dial({ address, port }, { ...within, ...options, ...tls });
      this.#open.add(wire);
      return recorded(wire, {
        into: exchanges,
        confidential: options.confidential ?? false,
        closed: () => this.#open.delete(wire),
      });
    };
  }
}

/** Servers with several certificates choose by the name; a check that names another keeps it. */
function byName(tls: TlsOptions | undefined, servername: string | null): Pick<ConnectOptions, 'tls'> {
  return tls === undefined || servername === null ? {} : { tls: { servername, ...tls } };
}
