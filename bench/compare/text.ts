/** A comparison of two runs as text: a table a configuration, then what may be concluded. */
import { metrics } from '../report/metrics.js';
import { figureText, intervalText, ratioText, tableWidth } from '../report/table.js';
import { significant } from '../sizes.js';
import { leastForInterval } from '../statistics/bootstrap.js';
import { plainStyle, type Style, wrap } from '../style.js';
import type { ComparedConfiguration, ComparedMetric, Comparison, Invocations, Outcome } from './comparison.js';

/** What the runs are called besides A and B: the paths they were read from. */
export interface RunNames {
  readonly a: string;
  readonly b: string;
}

/** The parts of the text, in order, each without a line break at its end. */
export function renderComparison(
  comparison: Comparison,
  names: RunNames,
  style: Style = plainStyle,
  width: number = tableWidth,
): string[] {
  const paragraphs = (lines: readonly string[]) => lines.map((line) => wrap(line, width, '  ')).join('\n');
  const parts = [
    paragraphs([`A  ${names.a}`, `B  ${names.b}`]),
    ...comparison.configurations.map((one) => renderConfiguration(one, style, width)),
    paragraphs(conclusions(comparison)),
  ];
  return parts.filter((part) => part !== '');
}

const heads = ['', 'A', 'B', 'B/A', '95% interval', 'B is'] as const;
const gap = '  ';

function renderConfiguration(one: ComparedConfiguration, style: Style, width: number): string {
  const title = style.bold(wrap(`${one.title}: ${invocationsText(one.a, one.b)}`, width, '  '));
  if (one.metrics.length === 0) return `${title}\nNothing was measured in both.`;
  const wide = [heads, ...one.metrics.map((metric) => cellsOf(metric, figureText))];
  const rows = lineWidth(widthsOf(wide)) <= width ? wide : [heads, ...one.metrics.map((m) => cellsOf(m, medianText))];
  const widths = widthsOf(rows);
  const lines = rows.map((row, r) => {
    const cells = row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i])));
    const dress = r === 0 ? style.bold : dressOf(one.metrics[r - 1].outcome, style);
    return [...cells.slice(0, -1), dress(cells[cells.length - 1])].join(gap);
  });
  const line = '─'.repeat(lineWidth(widths));
  return [title, lines[0], style.dim(line), ...lines.slice(1)].join('\n');
}

function invocationsText(a: Invocations, b: Invocations): string {
  const side = ({ counted, failed }: Invocations) => `${counted}${failed ? ` (and ${failed} failed)` : ''}`;
  return `${side(a)} against ${side(b)} invocations`;
}

function widthsOf(rows: readonly (readonly string[])[]): number[] {
  return heads.map((_, i) => Math.max(...rows.map((row) => row[i].length)));
}

function lineWidth(widths: readonly number[]): number {
  return widths.reduce((total, width) => total + width + gap.length, -gap.length);
}

/** Where there is no room for the spread of each run, the ratio's interval has to do. */
const medianText: typeof figureText = (metric, { median }) => metric.format(median);

function cellsOf({ name, label, a, b, ratio, interval, outcome }: ComparedMetric, text: typeof figureText): string[] {
  const [figureA, figureB] = [a, b].map((sample) => text(metrics[name], sample));
  const sure = interval && (intervalText(interval, precise) || precise(interval.low));
  return [label, figureA, figureB, precise(ratio), sure ?? '–', outcome];
}

/** A change of half a percent is worth showing where it is sure. */
export function precise(ratio: number): string {
  return ratio < 10 ? ratio.toFixed(3) : ratioText(ratio);
}

function dressOf(outcome: Outcome, style: Style): (text: string) => string {
  return outcome === 'better' ? style.good : outcome === 'worse' ? style.bad : style.dim;
}

/** What the tables say together, and what has to be known to believe them. */
export function conclusions({ configurations, family, surroundings, onlyInA, onlyInB }: Comparison): string[] {
  const said: string[] = [];
  if (family.comparisons > 0) {
    said.push(
      `${plural(family.comparisons, 'ratio')} judged, ${family.decided} of them decided. Had nothing changed, chance alone ` +
        `would decide ${significant(family.expectedByChance)} on average, at most: read single verdicts accordingly.`,
    );
  }
  if (family.tooFew > 0) {
    said.push(
      `${plural(family.tooFew, 'ratio')} without a verdict: an interval takes ${leastForInterval} invocations of each ` +
        '(--invocations 20 is the custom).',
    );
  }
  if (configurations.length > 0) {
    said.push(
      'The invocations of A and B were not interleaved: what else changed between the runs shows as a difference too.',
    );
  }
  for (const { what, a, b } of surroundings)
    said.push(`Not the same: ${what}: ${a.join(', ')} against ${b.join(', ')}.`);
  if (onlyInA.length > 0) said.push(`Only in A: ${onlyInA.join('; ')}.`);
  if (onlyInB.length > 0) said.push(`Only in B: ${onlyInB.join('; ')}.`);
  return said;
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
