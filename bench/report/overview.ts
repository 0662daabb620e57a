/** More than two ways at a glance: one row a way, the figures that decide, marked where none is better. */

import { isDecided } from '../statistics/paired.js';
import { compare, type Sample } from '../statistics/sample.js';
import { plainStyle, type Style, wrap } from '../style.js';
import { type Metric, type MetricName, metrics } from './metrics.js';
import { countOf, failuresText, figure, type Panel } from './panels.js';
import { figureText } from './table.js';

const gap = '  ';
const missing = '–';

/** A column of the overview: one figure, or several with a slash between them. */
export interface Field {
  /** Two lines of heading. */
  readonly head: readonly [string, string];
  readonly names: readonly MetricName[];
  /** Whether the 95% interval is shown where there is one. */
  readonly interval?: boolean;
}

export const fields: readonly Field[] = [
  { head: ['operations', 'a second'], names: ['operations'], interval: true },
  { head: ['longest', 'batch, ms'], names: ['batchMax'] },
  { head: ['collection', 'ms'], names: ['totalMs'] },
  { head: ['pause, µs', 'p50/longest'], names: ['pauseP50', 'pauseMax'] },
  { head: ['', 'faults'], names: ['faults'] },
  { head: ['by faults', '% of pages'], names: ['faultShare'] },
  { head: ['service, µs', 'p50/p99'], names: ['serviceP50', 'serviceP99'] },
  { head: ['publish', 'ns/page'], names: ['publishNs'] },
  { head: ['', 'peak PSS'], names: ['pss'] },
  { head: ['× the floor', 'wall/CPU'], names: ['wallOverhead', 'cpuOverhead'] },
  { head: ['collector', 'CPU, ms'], names: ['cpuCollector'] },
  { head: ['pages a collection', 'built/updated/as is'], names: ['built', 'updated', 'asIs'] },
];

/** Panels that an overview is worth its while for: with more than two ways. */
export function overviewOf(panels: readonly Panel[]): Panel[] {
  return panels.filter(({ columns }) => columns.length > 2);
}

/** One table of all panels, without a line break at its end: medians. Fields that do not fit go below. */
export function renderOverview(panels: readonly Panel[], style: Style = plainStyle, width = 100): string {
  const labelWidth = Math.max(...panels.flatMap(({ columns }) => columns.map(({ label }) => label.length)));
  const blocks: string[] = [];
  for (let from = 0; from < fields.length; ) {
    let used = labelWidth;
    const chosen: FieldCells[] = [];
    for (const field of fields.slice(from)) {
      const cells = new FieldCells(field, panels);
      used += gap.length + cells.width;
      if (used > width && chosen.length > 0) break;
      chosen.push(cells);
    }
    from += chosen.length;
    blocks.push(renderBlock(panels, labelWidth, chosen, style, width));
  }
  return blocks.join('\n\n');
}

function renderBlock(
  panels: readonly Panel[],
  labelWidth: number,
  fields: readonly FieldCells[],
  style: Style,
  width: number,
): string {
  const line = (label: string, cells: readonly string[]) => [label.padEnd(labelWidth), ...cells].join(gap).trimEnd();
  const lineWidth = fields.reduce((total, field) => total + gap.length + field.width, labelWidth);
  const lines = [0, 1].map((row) =>
    line(
      '',
      fields.map((field) => style.bold(field.head(row))),
    ),
  );
  lines.push(style.dim('─'.repeat(lineWidth)));
  for (const [p, { title, columns }] of panels.entries()) {
    lines.push(style.dim(wrap(title, width, '  ')));
    for (const [row, column] of columns.entries()) {
      const cells = fields.map((field) => field.cell(p, row, style));
      const failures = style.bad(failuresText(column));
      // A way that never came to its end is a row as well, which says why. One that did now and then has both.
      if (countOf(column) > 0) lines.push(line(column.label, cells));
      if (column.failed > 0) lines.push(line(countOf(column) > 0 ? '' : column.label, [failures]));
    }
  }
  return lines.join('\n');
}

/** One field of every way of every panel. */
class FieldCells {
  readonly width: number;
  /** Panel, way, figure. */
  private readonly texts: string[][][];
  /** Panel, way, figure: whether no other of its panel is better. */
  private readonly best: boolean[][][];

  constructor(
    private readonly field: Field,
    panels: readonly Panel[],
  ) {
    const samples = panels.map(({ columns }) =>
      columns.map((column) => field.names.map((name) => figure(column, name))),
    );
    this.texts = samples.map((rows) =>
      rows.map((row) => row.map((sample, i) => cellText(field, field.names[i], sample))),
    );
    this.best = samples.map((rows) => {
      const marks = field.names.map((name, i) =>
        unbeaten(
          name,
          rows.map((row) => row[i]),
        ),
      );
      return rows.map((_, way) => marks.map((ways) => ways[way]));
    });
    this.width = Math.max(...[...field.head, ...this.texts.flat().map(joined)].map(({ length }) => length));
  }

  head(row: number): string {
    return this.field.head[row].padStart(this.width);
  }

  cell(panel: number, row: number, style: Style): string {
    const parts = this.texts[panel][row];
    const padding = ' '.repeat(this.width - joined(parts).length);
    if (isAbsent(parts)) return padding + missing;
    const best = this.best[panel][row];
    return padding + parts.map((text, i) => (best[i] ? style.good(text) : text)).join('/');
  }
}

/** A median as it stands in the overview, with its interval where the field shows it. */
export function cellText(field: Field, name: MetricName, sample: Sample): string {
  return field.interval && sample.interval ? figureText(metrics[name], sample) : textOf(name, sample.median);
}

function joined(parts: readonly string[]): string {
  return isAbsent(parts) ? missing : parts.join('/');
}

function isAbsent(parts: readonly string[]): boolean {
  return parts.every((part) => part === missing);
}

function textOf(name: MetricName, value: number): string {
  if (!Number.isFinite(value)) return missing;
  const metric: Metric = metrics[name];
  return metric.format(value);
}

/**
 * Which ways are to be marked: the best, what is written the same, and what the interval of the ratio does not tell
 * from the best. None where that is all of them, or where none is better.
 */
export function unbeaten(name: MetricName, ways: readonly Sample[]): boolean[] {
  const { better }: Metric = metrics[name];
  const [best] = ways
    .filter(({ median }) => Number.isFinite(median))
    .sort((a, b) => (better === 'more' ? b.median - a.median : a.median - b.median));
  const marks = ways.map((way) => {
    if (better === undefined || best === undefined || !Number.isFinite(way.median)) return false;
    const { interval, outcome } = compare(way, best);
    return textOf(name, way.median) === textOf(name, best.median) || (interval !== undefined && !isDecided(outcome));
  });
  return marks.every((mark, i) => mark || !Number.isFinite(ways[i].median)) ? marks.map(() => false) : marks;
}
