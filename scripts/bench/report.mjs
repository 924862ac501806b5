/** The bench's words: a table for each row, its budgets with pass or miss. */

const NAME_WIDTH = 58;

export function printTable({ title, lines, budgets = [] }) {
  console.log(`\n${title}`);
  for (const line of lines) console.log(`  ${lineText(line)}`.trimEnd());
  for (const budget of budgets) console.log(`  ${verdictText(budget)}`);
}

/** `pass`, `miss` or `not measured`. */
export function verdict({ value, most, least }) {
  if (value === null) return 'not measured';
  return value <= (most ?? Number.POSITIVE_INFINITY) && value >= (least ?? 0) ? 'pass' : 'miss';
}

function lineText({ name, value, unit, digits = 0, ratio, text = '' }) {
  const figure = value === undefined ? '' : `${value.toFixed(digits)} ${unit}`;
  const compared = ratio === undefined ? '' : `lo is ${ratio.toFixed(2)} x`;
  return `${name.padEnd(NAME_WIDTH)} ${figure.padStart(10)}  ${ratio === 1 ? '' : compared}${text === '' ? '' : `  ${text}`}`;
}

function verdictText(budget) {
  const { text, value, unit } = budget;
  const got = value === null ? '' : `: ${value.toFixed(2)}${unit === undefined ? ' x' : ` ${unit}`}`;
  return `[${verdict(budget)}] ${text}${got}`;
}
