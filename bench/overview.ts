/** More than two ways at a glance: one row a way, the figures that decide, the best of each marked. */
import { type Metric, type MetricName, metrics } from './metrics.js';
import { failuresText, figure, type Panel } from './panels.js';
import { plainStyle, type Style, wrap } from './style.js';

const gap = '  ';
const missing = '–';

/** A column of the overview: one figure, or several with a slash between them. */
interface Field {
  /** Two lines of heading. */
  readonly head: readonly [string, string];
  readonly names: readonly MetricName[];
}

const fields: readonly Field[] = [
  { head: ['operations', 'a second'], names: ['operations'] },
  { head: ['longest', 'batch, ms'], names: ['batchMax'] },
  { head: ['collection', 'ms'], names: ['totalMs'] },
  { head: ['pause, µs', 'p50/longest'], names: ['pauseP50', 'pauseMax'] },
  { head: ['', 'faults'], names: ['faults'] },
  { head: ['by faults', '% of pages'], names: ['faultShare'] },
  { head: ['service, µs', 'p50/p99'], names: ['serviceP50', 'serviceP99'] },
  { head: ['publish', 'ns/page'], names: ['publishNs'] },
  { head: ['', 'peak PSS'], names: ['pss'] },
  { head: ['collector', 'CPU, ms'], names: ['cpuCollector'] },
  { head: ['CPU an op-', 'eration, µs'], names: ['cpuPerOperation'] },
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
      if (column.results.length > 0) lines.push(line(column.label, cells));
      if (column.failed > 0) lines.push(line(column.results.length > 0 ? '' : column.label, [failures]));
    }
  }
  return lines.join('\n');
}

/** One field of every way of every panel. */
class FieldCells {
  readonly width: number;
  /** Panel, way, figure. */
  private readonly texts: string[][][];
  /** Panel, figure: the best among its ways. */
  private readonly best: string[][];

  constructor(
    private readonly field: Field,
    panels: readonly Panel[],
  ) {
    const medians = panels.map(({ columns }) =>
      columns.map((column) => field.names.map((name) => figure(column, name).median)),
    );
    this.texts = medians.map((rows) => rows.map((row) => row.map((value, i) => textOf(field.names[i], value))));
    this.best = medians.map((rows) =>
      field.names.map((name, i) =>
        bestOf(
          name,
          rows.map((row) => row[i]),
        ),
      ),
    );
    this.width = Math.max(...[...field.head, ...this.texts.flat().map(joined)].map(({ length }) => length));
  }

  head(row: number): string {
    return this.field.head[row].padStart(this.width);
  }

  cell(panel: number, row: number, style: Style): string {
    const parts = this.texts[panel][row];
    const padding = ' '.repeat(this.width - joined(parts).length);
    if (isAbsent(parts)) return padding + missing;
    const best = this.best[panel];
    return padding + parts.map((text, i) => (text === best[i] ? style.good(text) : text)).join('/');
  }
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

/** The best as it is written, so that what looks the same is marked the same; empty where none is better. */
function bestOf(name: MetricName, medians: readonly number[]): string {
  const { better }: Metric = metrics[name];
  const values = medians.filter(Number.isFinite);
  if (better === undefined || new Set(values.map((value) => textOf(name, value))).size < 2) return '';
  return textOf(name, better === 'more' ? Math.max(...values) : Math.min(...values));
}
