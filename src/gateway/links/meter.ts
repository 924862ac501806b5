/** What one link has carried: counts that cost an addition, rates that are looked at once a second. It must not know sockets. */

export class Meter {
  accepted = 0;
  bytesIn = 0;
  bytesOut = 0;
  rateIn = 0;
  rateOut = 0;
  connectMs: number | null = null;
  firstByteMs: number | null = null;
  lastError: { readonly text: string; readonly at: string } | null = null;
  #seen = { at: 0, bytesIn: 0, bytesOut: 0 };

  /** Called about once a second; `now` in ms. */
  look(now: number): void {
    const { at, bytesIn, bytesOut } = this.#seen;
    const seconds = (now - at) / 1000;
    if (seconds <= 0) return;
    this.rateIn = Math.round((this.bytesIn - bytesIn) / seconds);
    this.rateOut = Math.round((this.bytesOut - bytesOut) / seconds);
    this.#seen = { at: now, bytesIn: this.bytesIn, bytesOut: this.bytesOut };
  }

  failed(text: string, wallClock: number): void {
    this.lastError = { text, at: new Date(wallClock).toISOString() };
  }
}
