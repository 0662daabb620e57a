/** The table at the end: one column a configuration, rows in groups, never wider than `width`. */

import { type Interval, leastForInterval } from '../statistics/bootstrap.js';
import { isDecided, level, type Outcome } from '../statistics/paired.js';
import { compare, type Sample } from '../statistics/sample.js';
import { plainStyle, type Style, wrap } from '../style.js';
import { groups, type Metric, type MetricName, metrics } from './metrics.js';
import { countOf, figure, type OwnColumn, type Panel, pairName, pairsOf } from './panels.js';

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
  const legend = legendOf(panel);
  if (legend) parts.push(style.dim(wrap(legend, width, '  ')));
  return parts.join('\n');
}

/** What brackets and marks mean: intervals, ranges, or both where some columns have too few invocations. */
export function legendOf(panel: Panel): string {
  const { columns } = panel;
  const ranged = (Object.keys(metrics) as MetricName[]).filter((name) => (metrics[name] as Metric).ranged);
  const samples = ranged.flatMap((name) => columns.map((column) => figure(column, name)));
  const repeated = samples.filter(({ count }) => count > 1);
  const meanings = [
    repeated.some(({ interval }) => interval) && '[ ] 95% bootstrap interval of the median',
    repeated.some(({ interval }) => !interval) &&
      `( ) least and most, no interval: that takes ${leastForInterval} invocations`,
    pairsOf(panel).length === 1 && `≈ a tie, within ${Math.round(100 * (level - 1))}%; ? undecided`,
  ];
  return meanings.filter(Boolean).join('; ');
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
    return [row.label.padEnd(widths[0]), ...cells].join(gap).trimEnd();
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
  if (panel.columns.some(({ failed }) => failed > 0)) rows.push(...failedRows(panel, style));
  if (panel.columns.every((column) => countOf(column) === 0)) return rows;
  for (const [title, names] of groups) {
    const shown = names.filter((name) => isShown(name, panel));
    if (shown.length > 0) rows.push({ label: title, cells: [], title: true });
    for (const name of shown) rows.push(metricRow(name, panel, pair, style));
  }
  return rows;
}

export function isShown(name: MetricName, { columns }: Panel): boolean {
  const metric: Metric = metrics[name];
  // Where there are only peers, what is ours alone has no row.
  if (columns.every((column) => column.peers && figure(column, name).count === 0)) return false;
  if (metric.besidePeers && columns.every(({ peers }) => peers === undefined)) return false;
  return !metric.whereAny || columns.some((column) => figure(column, name).max > 0);
}

function failedRows(panel: Panel, style: Style): Row[] {
  const counts = panel.columns.map((column) =>
    column.failed
      ? { text: `${column.failed} of ${column.failed + countOf(column)}`, dress: style.bad }
      : { text: '0' },
  );
  // A row a reason: several in one cell would not leave room for the other columns.
  const most = Math.max(...panel.columns.map(({ reasons }) => reasons.length));
  const why = Array.from({ length: most }, (_, i) => ({
    label: i === 0 ? '  because' : '',
    cells: panel.columns.map(({ reasons }) => (reasons[i] ? { text: reasons[i], dress: style.bad } : { text: '' })),
  }));
  return [{ label: 'failed invocations', cells: counts }, ...why];
}

function metricRow(
  name: MetricName,
  panel: Panel,
  pair: readonly [OwnColumn, OwnColumn] | undefined,
  style: Style,
): Row {
  const metric: Metric = metrics[name];
  const cells: Cell[] = panel.columns.map((column) => ({ text: figureText(metric, figure(column, name)) }));
  if (pair) cells.push(ratioCell(metric, figure(pair[0], name), figure(pair[1], name), style));
  return { label: `  ${metric.label}`, cells };
}

/**
 * Median, and for rows where it matters what the invocations allow: the 95% interval, `812k [805k–820k]`, or with too
 * few of them least and most, `812k (805k–820k)`.
 */
export function figureText(metric: Metric, figure: Sample): string {
  if (!Number.isFinite(figure.median)) return missing;
  const middle = metric.format(figure.median);
  const spread = metric.ranged ? spreadText(metric, figure) : undefined;
  return spread ? `${middle} ${spread}` : middle;
}

/** `[805k–820k]` for an interval, `(805k–820k)` for least and most, nothing where there is no spread. */
function spreadText(metric: Metric, figure: Sample): string | undefined {
  const { interval } = figure;
  const text = rangeText(metric, figure);
  return text && (interval ? `[${text}]` : `(${text})`);
}

/** The 95% interval, or without one least and most: `805k–820k`; nothing when both ends look the same. */
export function rangeText(metric: Metric, { interval, count, min, max }: Sample): string {
  if (count < 2) return '';
  return intervalText(interval ?? { low: min, high: max }, metric.format);
}

/** `805k–820k`, and `131–141 MiB`: a unit both share is written once. Nothing when both ends look the same. */
export function intervalText({ low, high }: Interval, format: (value: number) => string): string {
  const [least, most] = [low, high].map((value) => (value === Number.POSITIVE_INFINITY ? '∞' : format(value)));
  if (least === most) return '';
  const unit = / \S+$/.exec(most)?.[0];
  return `${unit && least.endsWith(unit) ? least.slice(0, -unit.length) : least}–${most}`;
}

function ratioCell(metric: Metric, a: Sample, b: Sample, style: Style): Cell {
  const { ratio, outcome } = compare(a, b);
  if (!Number.isFinite(ratio)) return { text: `${missing}  ` };
  const text = `${ratioText(ratio)}  `;
  if (!metric.better) return { text };
  if (!isDecided(outcome)) return { text: text.replace(/ $/, markOf(outcome)), dress: style.dim };
  return { text, dress: ratio > 1 === (metric.better === 'more') ? style.good : style.bad };
}

/** What stands behind a ratio that is not decided: `≈` for a tie that was shown, `?` for what is not known. */
export function markOf(outcome: Outcome): '' | '≈' | '?' {
  if (isDecided(outcome)) return '';
  return outcome === 'tie' ? '≈' : '?';
}

/** Two decimals near one, so that 0.97 is not 1; fewer above. */
export function ratioText(ratio: number): string {
  return ratio >= 10 || ratio === 0 ? ratio.toFixed(0) : ratio < 0.1 ? ratio.toFixed(3) : ratio.toFixed(2);
}
