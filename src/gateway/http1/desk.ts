/** What the engine asks the rest of the gateway: where a request goes, and what is said when it cannot go there. */

import type { Answer, Origin } from './compose.ts';
import type { Composed, Repeats } from './repeats.ts';
import type { RequestHead } from './request-head.ts';
import type { ResponseHead } from './response-head.ts';
import type { Upstream } from './upstream.ts';

export interface Desk {
  decide(head: RequestHead, origin: Origin): Decision;
  /** A client connection opened (+1) or closed (-1). */
  connections(change: 1 | -1): void;
}

export type Decision =
  | { readonly kind: 'forward'; readonly route: Route }
  | { readonly kind: 'answer'; readonly answer: Answer }
  /** A program that is starting: the request is held, its body unread. */
  | { readonly kind: 'wait'; readonly until: Promise<Decision> };

export interface Route {
  readonly upstream: Upstream;
  /** What the program said last, and what was made of it for clients that go on. */
  readonly repeats: Repeats<ResponseHead>;
  readonly composed: Composed<ResponseHead>;
  /** The program could not be reached, broke off before its reply began, or said what is no HTTP. */
  failed(why: string): Promise<Answer>;
  /** Once for each request; `status` 0: the client went first. */
  finished(status: number, ms: number): void;
}
