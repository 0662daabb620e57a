/** Draws the charts of the report, and again whenever the theme or the width changes. */
import type UPlot from 'uplot';
import type { ChartSpec, SeriesSpec } from './chart-spec.js';
import { onTheme } from './theme.js';
import { written } from './units.js';

declare const uPlot: typeof UPlot;

const height = 280;
const leastWidth = 120;
const failedSize = 5;
/** Steps of an axis of bytes, 1 KiB to 512 GiB. */
const binarySteps = Array.from({ length: 30 }, (_, i) => 1024 * 2 ** i);

/** Draws every chart of the page. */
export function drawCharts(): void {
  for (const place of document.querySelectorAll<HTMLElement>('[data-chart]')) {
    const data = document.getElementById(place.dataset.chart ?? '');
    if (data) new ChartPlace(place, JSON.parse(data.textContent ?? '') as ChartSpec);
  }
}

/** An element with a chart in it. */
class ChartPlace {
  private plot: UPlot | undefined;
  private width = 0;

  constructor(
    private readonly place: HTMLElement,
    private readonly spec: ChartSpec,
  ) {
    // What is hidden has no width, and is drawn once it is shown.
    new ResizeObserver(() => this.fit()).observe(place);
    onTheme(() => this.draw());
  }

  private fit(): void {
    const width = Math.floor(this.place.clientWidth);
    if (width < leastWidth || width === this.width) return;
    this.width = width;
    if (this.plot) this.plot.setSize({ width, height });
    else this.draw();
  }

  private draw(): void {
    if (this.width === 0) return;
    this.plot?.destroy();
    this.plot = new uPlot(optionsOf(this.spec, this.width), tableOf(this.spec), this.place);
  }
}

/** The series over one column of x, as uPlot wants them: null where a series has no point. */
function tableOf({ series, y }: ChartSpec): UPlot.AlignedData {
  const drawn = (value: number) => (y.log && value <= 0 ? null : value);
  // A series that failed everywhere still has its place, and its x; its y stay empty.
  const columns = series.map(({ points, failed = [] }): UPlot.AlignedData => {
    const rows = [
      ...points.map(([x, value]): [number, number | null] => [x, drawn(value)]),
      ...failed.map((x): [number, null] => [x, null]),
    ].sort(([a], [b]) => a - b);
    return [rows.map(([x]) => x), rows.map(([, value]) => value)];
  });
  return uPlot.join(columns);
}

function optionsOf(spec: ChartSpec, width: number): UPlot.Options {
  const { x, y, series } = spec;
  const colour = colours();
  const grid = { stroke: colour('line'), width: 1 };
  const axis = {
    stroke: colour('faint'),
    grid,
    ticks: grid,
    font: '12px system-ui, sans-serif',
    labelFont: '12px system-ui, sans-serif',
  };
  return {
    width,
    height,
    padding: [8, 26, 0, 0],
    legend: { markers: { dash: (_, i) => dashOf(series[i - 1]) } },
    scales: {
      x: { time: false, ...(x.log && { distr: 3 as const }), range: (_, least, most) => rangeOfX(spec, least, most) },
      y: { ...(y.log ? { distr: 3 as const } : { range: (_, __, most) => [0, topOf(y, most)] }) },
    },
    axes: [
      {
        ...axis,
        label: x.label,
        labelSize: 20,
        ...(x.ticks && { splits: () => [...x.ticks!], filter: (_: UPlot, at: number[]) => at }),
        size: 34,
        space: 46,
        values: (plot, at) => withRoom(plot, at, (value) => written(x.unit, value)),
      },
      {
        ...axis,
        label: y.label,
        labelSize: 20,
        size: 72,
        ...(y.unit === 'bytes' && { incrs: binarySteps }),
        ...(y.log && { grid: { ...grid, filter: decades }, ticks: { ...grid, filter: decades } }),
        values: (_, at) => at.map((value) => (value === null ? '' : written(y.unit, value))),
      },
    ],
    series: [
      { label: x.label, value: (_, value) => (value === null ? '' : written(x.unit, value)) },
      ...series.map(
        (one): UPlot.Series => ({
          label: one.label,
          stroke: colour(`way-${one.shade}`),
          width: 2,
          dash: [...one.dash],
          spanGaps: true,
          points: { show: one.marked === true, size: 7, fill: colour(`way-${one.shade}`) },
          value: (_, value) => (value === null ? '' : written(y.unit, value)),
        }),
      ),
    ],
    cursor: { drag: { x: true, y: false } },
    hooks: { draw: [(plot) => drawMarks(plot, series, colour)] },
  };
}

/** The whole powers of ten among the splits of a logarithmic axis. */
function decades(_: UPlot, at: number[]): (number | null)[] {
  return at.map((value) => (Number.isInteger(Math.round(1e6 * Math.log10(value)) / 1e6) ? value : null));
}

/** The border that shows how a line is dashed. */
function dashOf(series: SeriesSpec | undefined): string {
  const [on, off] = series?.dash ?? [];
  if (on === undefined) return 'solid';
  return on > off ? 'dashed' : 'dotted';
}

/** Shares are of one; all else has a little room above it. */
function topOf({ unit }: ChartSpec['y'], most: number): number {
  if (unit === 'share') return 1;
  return most > 0 ? most * 1.06 : 1;
}

/** Some room at the sides where points are few; from first to last where they are a curve. */
function rangeOfX({ x, series }: ChartSpec, least: number, most: number): [number, number] {
  if (!series.some(({ marked }) => marked)) return [least, most > least ? most : least + 1];
  if (x.log) return [least / 1.15, most * 1.15];
  const room = (most - least || most) * 0.06;
  return [least - room, most + room];
}

/** Labels of ticks, those left out that would touch the one before. */
function withRoom(plot: UPlot, at: readonly number[], text: (value: number) => string): string[] {
  let free = Number.NEGATIVE_INFINITY;
  return at.map((value) => {
    if (value === null) return '';
    const label = text(value);
    const middle = plot.valToPos(value, 'x');
    const half = 3.2 * label.length;
    if (middle - half < free) return '';
    free = middle + half + 4;
    return label;
  });
}

/** Intervals as whiskers, and a cross at the foot where a series failed. */
function drawMarks(plot: UPlot, series: readonly SeriesSpec[], colour: (name: string) => string): void {
  const { ctx, bbox } = plot;
  const ratio = devicePixelRatio;
  ctx.save();
  for (const [i, { shade, points, intervals, failed }] of series.entries()) {
    if (plot.series[i + 1].show === false) continue;
    ctx.strokeStyle = colour(`way-${shade}`);
    ctx.lineWidth = 1.5 * ratio;
    ctx.beginPath();
    for (const [k, interval] of (intervals ?? []).entries()) {
      if (!interval) continue;
      const x = plot.valToPos(points[k][0], 'x', true);
      const [low, high] = interval.map((value) => plot.valToPos(value, 'y', true));
      ctx.moveTo(x, low);
      ctx.lineTo(x, high);
      for (const end of [low, high]) {
        ctx.moveTo(x - 3 * ratio, end);
        ctx.lineTo(x + 3 * ratio, end);
      }
    }
    for (const at of failed ?? []) {
      const size = failedSize * ratio;
      // Above each other, so that each can be seen.
      const below = series.slice(0, i).filter((other) => other.failed?.includes(at)).length;
      const x = plot.valToPos(at, 'x', true);
      const y = bbox.top + bbox.height - 2 * size * (1 + 1.2 * below);
      ctx.moveTo(x - size, y - size);
      ctx.lineTo(x + size, y + size);
      ctx.moveTo(x - size, y + size);
      ctx.lineTo(x + size, y - size);
    }
    ctx.stroke();
  }
  ctx.restore();
}

/** The theme's colours as they are now. */
function colours(): (name: string) => string {
  const style = getComputedStyle(document.documentElement);
  return (name) => style.getPropertyValue(`--${name}`).trim();
}
