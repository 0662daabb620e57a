/** The table at the end: one column a configuration, rows in groups, never wider than `width`. */
import { groups, type Metric, type MetricName, metrics } from './metrics.js';
import { type Column, figure, type Panel, pairName, pairsOf } from './panels.js';
import { compare, type Spread } from './statistics.js';
import { plainStyle, type Style, wrap } from './style.js';

export const tableWidth = 100;
const gap = '  ';
const missing = '–';

/** A cell: its text, and how it is dressed once it has been padded. */
interface Cell {
  readonly text: string;
  readonly dress?: (text: string) => string;
}

interface Row {
  readonly label: string;
  readonly cells: readonly Cell[];
  readonly title?: boolean;
}

/** A panel as text, without a line break at its end. What does not fit beside each other goes below. */
export function renderPanel(panel: Panel, style: Style = plainStyle, width: number = tableWidth): string {
  const parts = [style.bold(wrap(panel.title, width, '  '))];
  let from = 0;
  while (from < panel.columns.length) {
    const fits = mostColumns(panel, from, style, width);
    parts.push(renderColumns({ ...panel, columns: panel.columns.slice(from, from + fits) }, style));
    from += fits;
  }
  return parts.join('\n');
}

function mostColumns(panel: Panel, from: number, style: Style, width: number): number {
  let fits = panel.columns.length - from;
  while (fits > 1) {
    const rows = rowsOf({ ...panel, columns: panel.columns.slice(from, from + fits) }, style);
    if (lineWidth(widthsOf(rows)) <= width) break;
    fits--;
  }
  return fits;
}

function renderColumns(panel: Panel, style: Style): string {
  const rows = rowsOf(panel, style);
  const widths = widthsOf(rows);
  const lines = rows.map((row) => {
    if (row.title) return style.dim(row.label);
    const last = row.cells.length - 1;
    const cells = row.cells.map(({ text, dress }, i) => {
      const padded = text.padStart(widths[i + 1]);
      return (dress ?? String)(i === last ? padded.trimEnd() : padded);
    });
    return [row.label.padEnd(widths[0]), ...cells].join(gap);
  });
  lines.splice(1, 0, style.dim('─'.repeat(lineWidth(widths))));
  return lines.join('\n');
}

function widthsOf(rows: readonly Row[]): number[] {
  const cells = rows.filter((row) => !row.title);
  const columns = Math.max(...cells.map((row) => row.cells.length));
  const label = Math.max(...cells.map((row) => row.label.length));
  const widest = (i: number) => Math.max(...cells.map((row) => row.cells[i]?.text.length ?? 0));
  return [label, ...Array.from({ length: columns }, (_, i) => widest(i))];
}

function lineWidth(widths: readonly number[]): number {
  return widths.reduce((total, width) => total + width, 0) + gap.length * (widths.length - 1);
}

function rowsOf(panel: Panel, style: Style): Row[] {
  // With more than one pair, ratios would need a legend; the sentences below the table have them.
  const pairs = pairsOf(panel);
  const pair = panel.columns.length === 2 && pairs.length === 1 ? pairs[0] : undefined;
  const heads: Cell[] = panel.columns.map(({ label }) => ({ text: label, dress: style.bold }));
  if (pair) heads.push({ text: pairName(pair), dress: style.bold });
  const rows: Row[] = [{ label: '', cells: heads }];
  if (panel.columns.some(({ failed }) => failed > 0)) rows.push(failedRow(panel, style));
  if (panel.columns.every(({ results }) => results.length === 0)) return rows;
  for (const [title, names] of groups) {
    const shown = names.filter((name) => isShown(name, panel));
    if (shown.length > 0) rows.push({ label: title, cells: [], title: true });
    for (const name of shown) rows.push(metricRow(name, panel, pair, style));
  }
  return rows;
}

function isShown(name: MetricName, { columns }: Panel): boolean {
  const metric: Metric = metrics[name];
  return !metric.whereAny || columns.some((column) => figure(column, name).max > 0);
}

function failedRow(panel: Panel, style: Style): Row {
  const cells = panel.columns.map(({ failed, results }) =>
    failed ? { text: `${failed} of ${failed + results.length}`, dress: style.bad } : { text: '0' },
  );
  return { label: 'failed invocations', cells };
}

function metricRow(name: MetricName, panel: Panel, pair: readonly [Column, Column] | undefined, style: Style): Row {
  const metric: Metric = metrics[name];
  const cells: Cell[] = panel.columns.map((column) => ({ text: figureText(metric, figure(column, name)) }));
  if (pair) cells.push(ratioCell(metric, figure(pair[0], name), figure(pair[1], name), style));
  return { label: `  ${metric.label}`, cells };
}

/** Median, and for rows where it matters least and most: `812k (805k–820k)`. */
export function figureText(metric: Metric, figure: Spread): string {
  if (!Number.isFinite(figure.median)) return missing;
  const middle = metric.format(figure.median);
  const range = rangeText(metric, figure);
  return metric.ranged && range ? `${middle} (${range})` : middle;
}

/** `805k–820k`, or nothing when one invocation gave one value. */
export function rangeText(metric: Metric, figure: Spread): string {
  const [least, most] = [metric.format(figure.min), metric.format(figure.max)];
  if (figure.count < 2 || least === most) return '';
  // `131–141 MiB`: a unit both share is written once.
  const unit = / \S+$/.exec(most)?.[0];
  return `${unit && least.endsWith(unit) ? least.slice(0, -unit.length) : least}–${most}`;
}

function ratioCell(metric: Metric, a: Spread, b: Spread, style: Style): Cell {
  const { ratio, tie } = compare(a, b);
  if (!Number.isFinite(ratio)) return { text: `${missing}  ` };
  const text = `${ratioText(ratio)}  `;
  if (!metric.better) return { text };
  if (tie) return { text: text.replace(/ $/, '≈'), dress: style.dim };
  return { text, dress: ratio > 1 === (metric.better === 'more') ? style.good : style.bad };
}

/** Two decimals near one, so that 0.97 is not 1; fewer above. */
export function ratioText(ratio: number): string {
  return ratio >= 10 || ratio === 0 ? ratio.toFixed(0) : ratio < 0.1 ? ratio.toFixed(3) : ratio.toFixed(2);
}
