/** A plain table in a terminal: columns of cells, each with its head first. */
import type { Style } from '../style.js';

const gap = '  ';

export interface Grid {
  /** Columns that begin every block, such as what the rows are. */
  readonly fixed: readonly (readonly string[])[];
  /** The others: what does not fit beside each other goes below. */
  readonly columns: readonly (readonly string[])[];
  /** How a cell is dressed once it has been padded; the heads are bold. */
  readonly dress?: (cell: string) => string;
}

/** Right aligned, without a line break at its end. */
export function renderGrid({ fixed, columns, dress = String }: Grid, style: Style, width: number): string {
  const [first, others] = [fixed.map(padded), columns.map(padded)];
  const blocks: string[] = [];
  for (let from = 0; from < others.length; ) {
    let fits = 1;
    while (from + fits < others.length && widthOf([...first, ...others.slice(from, from + fits + 1)]) <= width) fits++;
    blocks.push(renderBlock([...first, ...others.slice(from, from + fits)], style, dress));
    from += fits;
  }
  return blocks.join('\n');
}

function padded(cells: readonly string[]): string[] {
  const width = Math.max(...cells.map(({ length }) => length));
  return cells.map((cell) => cell.padStart(width));
}

function widthOf(columns: readonly (readonly string[])[]): number {
  return columns.reduce((total, [head]) => total + head.length + gap.length, -gap.length);
}

function renderBlock(columns: readonly (readonly string[])[], style: Style, dress: (cell: string) => string): string {
  const [heads, ...rows] = columns[0].map((_, row) => columns.map((cells) => cells[row]));
  const lines = rows.map((cells) => cells.map(dress).join(gap));
  return [style.bold(heads.join(gap)), style.dim('─'.repeat(widthOf(columns))), ...lines].join('\n');
}
