/**
 * When small writes leave. Each wakes whoever reads it, which costs the system as much as the write itself; so in a turn of the loop with
 * many of them they leave together at its end, when most readers are awake already. In a turn with one it leaves at once: to be called
 * at the end of a turn costs more than nothing (docs/notes/gateway-speed.md). It must not know sockets.
 */

/** Has something to write. */
export interface Holds {
  flush(): void;
}

/** So many writes make it worth to wait. */
const MANY = 3;
/** While none waits, every so many writes it is looked how many the next turn has. */
const LOOK_EVERY = 64;
/** After so many turns without many writes none waits any more. */
const CALM_TURNS = 32;
/** So many leave before the end of a long turn: whoever waits for the first of them shall not wait for the last. */
const MOST = 32;

export class Turn {
  /** Calls back once at the end of the turn; when called at the end of one, at the end of the next. */
  readonly #atEnd: (call: () => void) => void;
  #busy = false;
  /** Turns without many writes, one after the other. */
  #calm = 0;
  /** In this turn, or since it was looked last. */
  #writes = 0;
  #looks = false;
  readonly #held: Holds[] = [];
  readonly #end = (): void => this.#over();

  constructor(atEnd: (call: () => void) => void) {
    this.#atEnd = atEnd;
  }

  /** There is a small write. False: it is to be written at once; `flush` of the holder is called otherwise. */
  hold(holder: Holds): boolean {
    this.#writes += 1;
    if (!this.#busy) {
      if (this.#writes >= LOOK_EVERY && !this.#looks) this.#look();
      return false;
    }
    if (this.#writes === 1) this.#atEnd(this.#end);
    this.#held.push(holder);
    if (this.#held.length === MOST) this.#flush();
    return true;
  }

  #look(): void {
    this.#looks = true;
    this.#atEnd(() => {
      this.#writes = 0;
      this.#atEnd(() => {
        this.#looks = false;
        this.#busy = this.#writes >= MANY;
        this.#calm = 0;
        this.#writes = 0;
      });
    });
  }

  #over(): void {
    this.#calm = this.#writes >= MANY ? 0 : this.#calm + 1;
    if (this.#calm === CALM_TURNS) this.#busy = false;
    this.#writes = 0;
    this.#flush();
  }

  /** What is held meanwhile is for the end of the next turn. */
  #flush(): void {
    for (const holder of this.#held.splice(0)) holder.flush();
  }
}
