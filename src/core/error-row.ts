/** What a row of the error table says. Types only. */

export interface ErrorRow {
  /** What happened, with `{name}` placeholders that `details` fill. */
  readonly message: string;
  /** The next step, in words or as a command to type. */
  readonly hint: string;
  /** 1: the answer is no. 2: the words or the config are wrong. 3: could not do or could not look. */
  readonly exit: 1 | 2 | 3 | 125 | 126 | 127 | 130;
  readonly status: number;
}
