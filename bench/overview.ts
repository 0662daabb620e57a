/** More than two ways at a glance: one row a way, the figures that decide, the best of each marked. */
import { type Metric, type MetricName, metrics } from './metrics.js';
import { type Column, figure, type Panel } from './panels.js';
import { plainStyle, type Style } from './style.js';

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
  { head: ['pages a collection', 'built/updated/as is'], names: ['built', 'updated', 'asIs'] },
];

/** Medians over the invocations, as text without a line break at its end; fields that do not fit go below. */
export function renderOverview(panel: Panel, style: Style = plainStyle, width = 100): string {
  const labels = ['', '', ...panel.columns.map(({ label }) => label)];
  const labelWidth = Math.max(...labels.map(({ length }) => length));
  const blocks: string[] = [];
  for (let from = 0; from < fields.length; ) {
    let used = labelWidth;
    const chosen: FieldCells[] = [];
    for (const field of fields.slice(from)) {
      const cells = new FieldCells(field, panel.columns);
      used += gap.length + cells.width;
      if (used > width && chosen.length > 0) break;
      chosen.push(cells);
    }
    from += chosen.length;
    blocks.push(renderBlock(labels, labelWidth, chosen, style));
  }
  return blocks.join('\n\n');
}

function renderBlock(
  labels: readonly string[],
  labelWidth: number,
  fields: readonly FieldCells[],
  style: Style,
): string {
  const lines = labels.map((label, row) => {
    const cells = fields.map((field) => field.cell(row, style));
    return [label.padEnd(labelWidth), ...cells].join(gap).trimEnd();
  });
  const lineWidth = fields.reduce((total, { width }) => total + gap.length + width, labelWidth);
  lines.splice(2, 0, style.dim('─'.repeat(lineWidth)));
  return lines.join('\n');
}

/** One field of every way: two rows of heading, then a row a way. */
class FieldCells {
  readonly width: number;
  private readonly texts: string[][];
  private readonly best: string[];

  constructor(
    private readonly field: Field,
    columns: readonly Column[],
  ) {
    const medians = columns.map((column) => field.names.map((name) => figure(column, name).median));
    this.texts = medians.map((row) => row.map((value, i) => textOf(field.names[i], value)));
    this.best = field.names.map((name, i) =>
      bestOf(
        name,
        medians.map((row) => row[i]),
      ),
    );
    const lengths = [...field.head, ...this.texts.map(joined)].map(({ length }) => length);
    this.width = Math.max(...lengths);
  }

  cell(row: number, style: Style): string {
    if (row < 2) return style.bold(this.field.head[row].padStart(this.width));
    const parts = this.texts[row - 2];
    const padding = ' '.repeat(this.width - joined(parts).length);
    if (isAbsent(parts)) return padding + missing;
    return padding + parts.map((text, i) => (text === this.best[i] ? style.good(text) : text)).join('/');
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
