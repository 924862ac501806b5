/**
 * Tables that fit: columns as wide as their longest cell, cut where the screen is narrower, left out when nothing stands in them. It
 * must not know what the cells mean.
 */

import type { Paint, Painter } from './style.ts';
import { displayWidth, fit, padEnd, padStart } from './text.ts';

export interface Column {
  readonly title: string;
  readonly align?: 'right';
  /** May be cut down to so many columns. Absent: never cut. */
  readonly least?: number;
  /** On a narrow screen the column with the highest number goes first. Absent: never. */
  readonly drop?: number;
}

/** Text without escape sequences. */
export type Cell = string | { readonly text: string; readonly paints: readonly Paint[] };

export interface TableLook {
  /** Columns of the screen; Infinity: nothing is cut. */
  readonly width: number;
  readonly paint: Painter;
  /** Stands where something was cut. */
  readonly mark: string;
  readonly indent?: string;
}

const GAP = 2;

/** Lines without their ends; the first is the header. */
export function formatTable(
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  look: TableLook,
): readonly string[] {
  const indent = look.indent ?? '';
  const used = columns
    .map((column, index) => ({ column, index, natural: naturalWidth(column, index, rows) }))
    .filter(({ index }) => rows.some((row) => textOf(row[index]) !== ''));
  const shown = fitColumns(used, look.width - indent.length);
  const header = shown.map(({ column }): Cell => ({ text: column.title, paints: ['dim'] }));
  const body = rows.map((row) => shown.map(({ index }) => row[index] ?? ''));
  return [header, ...body].map((cells) => indent + formatRow(cells, shown, look));
}

interface Shown {
  readonly column: Column;
  readonly index: number;
  readonly natural: number;
}

interface Fitted extends Shown {
  readonly width: number;
}

function naturalWidth(column: Column, index: number, rows: readonly (readonly Cell[])[]): number {
  return rows.reduce(
    (widest, row) => Math.max(widest, displayWidth(textOf(row[index]))),
    column.title.length,
  );
}

function fitColumns(all: readonly Shown[], width: number): readonly Fitted[] {
  const columns = dropColumns(all, width);
  let over = total(columns.map(({ natural }) => natural)) - width;
  const fitted = columns.map((shown) => ({ ...shown, width: shown.natural }));
  while (over > 0) {
    // One column at a time from whichever is widest now, so that no single one pays for all.
    const widest = fitted
      .filter((shown) => shown.column.least !== undefined && shown.width > shown.column.least)
      .reduce<(typeof fitted)[number] | null>(
        (best, shown) => (best === null || shown.width > best.width ? shown : best),
        null,
      );
    if (widest === null) break;
    widest.width -= 1;
    over -= 1;
  }
  return fitted;
}

function dropColumns(all: readonly Shown[], width: number): readonly Shown[] {
  let columns = all;
  const least = ({ column, natural }: Shown): number => Math.min(natural, column.least ?? natural);
  while (total(columns.map(least)) > width) {
    const first = columns.reduce<Shown | null>(
      (best, shown) => ((shown.column.drop ?? 0) > (best?.column.drop ?? 0) ? shown : best),
      null,
    );
    if (first === null) break;
    columns = columns.filter((shown) => shown !== first);
  }
  return columns;
}

function total(widths: readonly number[]): number {
  return widths.reduce((sum, width) => sum + width, 0) + GAP * Math.max(0, widths.length - 1);
}

function formatRow(cells: readonly Cell[], columns: readonly Fitted[], look: TableLook): string {
  const parts = columns.map(({ column, width }, index) => {
    const cell = cells[index] ?? '';
    const cut = fit(textOf(cell), width, look.mark);
    const last = index === columns.length - 1;
    const padded = column.align === 'right' ? padStart(cut, width) : last ? cut : padEnd(cut, width);
    return typeof cell === 'string' ? padded : look.paint(padded, ...cell.paints);
  });
  return parts.join(' '.repeat(GAP)).trimEnd();
}

function textOf(cell: Cell | undefined): string {
  if (cell === undefined) return '';
  return typeof cell === 'string' ? cell : cell.text;
}
