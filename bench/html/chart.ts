/** A chart in the report: a figure with a caption, what it shows in words, its data, and the same as a table. */
import { html, type Markup } from './markup.js';
import type { ChartSpec } from './page/chart-spec.js';
import { written } from './page/units.js';
import type { DataBlock } from './section.js';

/** Rows of the table below a chart: enough for a curve's shape, not for a recording. */
const mostRows = 24;

export interface Chart {
  readonly figure: Markup;
  readonly data: DataBlock;
}

/** `id` is unique in the page; `caption` says what is drawn. Series without a point are left out. */
export function chart(id: string, caption: string, spec: ChartSpec): Chart {
  const series = spec.series.filter(({ points, failed }) => points.length > 0 || failed?.length);
  const drawn = { ...spec, series };
  const says = `${caption}: ${spec.y.label} over ${spec.x.label}, ${series.map(({ label }) => label).join(', ')}`;
  const figure = html`<figure class="chart"><figcaption id="${id}-caption">${caption}</figcaption>
<div class="plot" id="${id}" data-chart="${id}-data" role="img" aria-label="${says}"></div>
<details><summary>as a table</summary>${table(caption, drawn)}</details></figure>`;
  return { figure, data: { id: `${id}-data`, json: drawn } };
}

function table(caption: string, { x, y, series }: ChartSpec): Markup {
  const all = series.flatMap(({ points, failed }) => [...points.map(([at]) => at), ...(failed ?? [])]);
  const rows = thinned([...new Set(all)].sort((a, b) => a - b));
  const values = series.map(({ points }) => new Map(points));
  const cell = (i: number, at: number) => {
    const value = values[i].get(at);
    if (value !== undefined) return written(y.unit, value);
    return series[i].failed?.includes(at) ? 'failed' : '–';
  };
  return html`<div class="wide"><table><caption>${caption} <span class="faint">${y.label}</span></caption>
<thead><tr><th scope="col">${x.label}</th>${series.map(({ label }) => html`<th scope="col">${label}</th>`)}</tr></thead>
<tbody>${rows.map(
    (at) =>
      html`<tr><th scope="row">${written(x.unit, at)}</th>${series.map((_, i) => html`<td>${cell(i, at)}</td>`)}</tr>`,
  )}</tbody></table></div>`;
}

/** Evenly chosen, the first and the last among them. */
function thinned(values: readonly number[]): number[] {
  if (values.length <= mostRows) return [...values];
  const step = (values.length - 1) / (mostRows - 1);
  return Array.from({ length: mostRows }, (_, i) => values[Math.round(i * step)]);
}
