/** The field lines of one client's requests, as the program behind is sent them. It must not know sockets. */

import { composeFields, forwardedFields, type Origin } from './compose.ts';
import { Composed } from './repeats.ts';
import type { RequestFields } from './request-head.ts';

export class PassedFields {
  readonly #origin: Origin;
  readonly #composed = new Composed<RequestFields>();
  /** A client asks for one host again and again. */
  #forwarded: { readonly host: string | null; readonly fields: string } = { host: null, fields: '' };

  constructor(origin: Origin) {
    this.#origin = origin;
  }

  /** All that follows the request line. */
  text(fields: RequestFields): string {
    const known = this.#composed.find(fields);
    if (known !== null) return known;
    return this.#composed.keep(fields, composeFields(fields, this.#forwardedFor(fields.hostField)));
  }

  #forwardedFor(host: string): string {
    if (host !== this.#forwarded.host)
      this.#forwarded = { host, fields: forwardedFields(this.#origin, host) };
    return this.#forwarded.fields;
  }
}
