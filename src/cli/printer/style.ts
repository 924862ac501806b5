/** Colours and emphasis as escape sequences, or nothing at all. It must not decide whether they are wanted. */

export type Paint =
  | 'bold'
  | 'dim'
  | 'red'
  | 'green'
  | 'yellow'
  | 'blue'
  | 'magenta'
  | 'cyan'
  | 'bright-red'
  | 'bright-green'
  | 'bright-yellow'
  | 'bright-blue'
  | 'bright-magenta'
  | 'bright-cyan';

export type Painter = (text: string, ...paints: readonly Paint[]) => string;

const CODES: Readonly<Record<Paint, readonly [number, number]>> = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  blue: [34, 39],
  magenta: [35, 39],
  cyan: [36, 39],
  'bright-red': [91, 39],
  'bright-green': [92, 39],
  'bright-yellow': [93, 39],
  'bright-blue': [94, 39],
  'bright-magenta': [95, 39],
  'bright-cyan': [96, 39],
};

export function painter(colors: boolean): Painter {
  if (!colors) return (text) => text;
  return (text, ...paints) =>
    paints.reduceRight(
      (inner, paint) => `\u001b[${CODES[paint][0]}m${inner}\u001b[${CODES[paint][1]}m`,
      text,
    );
}
