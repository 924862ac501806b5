/** What the catalogue names and no check does, with the reason; the reference page shows it. Data. */

export interface NotDone {
  readonly id: string;
  readonly title: string;
  readonly because: string;
}

export const NOT_DONE: readonly NotDone[] = [
  {
    id: 'HTT-08',
    title: 'Connections that drip for minutes',
    because:
      'only half requests are tried: to see after how long a server gives up takes longer than an audit may',
  },
  {
    id: 'HTT-09',
    title: 'Bodies of a declared size without limit',
    because:
      'most servers answer before they read a body, so its declared length proves nothing without sending it',
  },
  {
    id: 'TLS-05',
    title: 'One private key in several projects',
    because: 'an audit sees one project',
  },
  {
    id: 'TLS-06',
    title: 'An authority of this machine without name constraints',
    because:
      'an audit asks servers, and an authority is in none of their answers; the one of Loopyard is constrained when it is made, which its own tests hold',
  },
];
