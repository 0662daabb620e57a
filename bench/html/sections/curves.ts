/** The sections that are curves: latency, MMU, heap sizes, fault storm, memory. One without data is left out. */
import { shareText } from '../../configurations/describe.js';
import { heapCurves } from '../../report/heap-curve.js';
import { metrics } from '../../report/metrics.js';
import type { Column, Panel } from '../../report/panels.js';
import { type Chart, chart } from '../chart.js';
import { anyLook, type Content, intervalOf, lookOf, panelId } from '../content.js';
import {
  batchCurve,
  batchPercentiles,
  latencyCurve,
  memoryCurve,
  mmuCurve,
  type Point,
  stormCurve,
} from '../curves.js';
import { html } from '../markup.js';
import type { AxisSpec, SeriesSpec } from '../page/chart-spec.js';
import type { Section } from '../section.js';

/** Where percentiles are told: 50%, 90%, 99%, 99.9% …. */
const percentileTicks = [0, Math.log10(2), 1, 2, 3, 4, 5, 6, 7];
const percentiles: AxisSpec = { label: 'percentile', unit: 'nines', ticks: percentileTicks };

interface CurveKind {
  readonly id: string;
  readonly caption: string;
  readonly x: AxisSpec;
  readonly y: AxisSpec;
  readonly curve: (column: Column) => Point[];
  readonly marked?: boolean;
}

/** A section with the charts of each kind for each panel; undefined where no panel has any. */
function curveSection(
  content: Content,
  { id, title, text, kinds }: { id: string; title: string; text: string; kinds: readonly CurveKind[] },
): Section | undefined {
  const made = content.panels.map((panel) => ({
    panel,
    charts: kinds.flatMap((kind) => panelChart(content, panel, kind, kinds.length === 1 ? panel.title : kind.caption)),
  }));
  const shown = made.filter(({ charts }) => charts.length > 0);
  if (shown.length === 0) return undefined;
  const figures = (charts: readonly Chart[]) => html`<div class="charts">${charts.map(({ figure }) => figure)}</div>`;
  // One chart a panel: panels stand beside each other, and the charts have their titles.
  const parts =
    kinds.length === 1
      ? figures(shown.flatMap(({ charts }) => charts))
      : shown.map(({ panel, charts }) => html`<h3>${panel.title}</h3>${figures(charts)}`);
  return {
    ...{ id, title, body: html`<p>${text}</p>${parts}` },
    data: shown.flatMap(({ charts }) => charts.map(({ data }) => data)),
  };
}

function panelChart(content: Content, panel: Panel, { id, x, y, curve, marked }: CurveKind, caption: string): Chart[] {
  const series = panel.columns.map((column): SeriesSpec => {
    const look = lookOf(content, column);
    return { label: column.label, ...look, points: curve(column), ...(marked && { marked }) };
  });
  if (series.every(({ points }) => points.length === 0)) return [];
  return [chart(`${id}-${panelId(content, panel)}`, caption, { x, y, series })];
}

export function latencySection(content: Content): Section | undefined {
  const y: AxisSpec = { label: 'latency', unit: 'µs', log: true };
  const batchAxis: AxisSpec = { ...y, label: 'time of a batch' };
  // Peers, and runs of before curves were kept, have a few percentiles: there all are compared by those.
  const lacksCurve = (column: Column) =>
    batchPercentiles(column).length > 0 && batchCurve(column, 'simple').length === 0;
  const byPercentiles = content.panels.some(({ columns }) => columns.some(lacksCurve));
  return curveSection(content, {
    id: 'latency',
    title: 'Latency',
    text:
      'The share of requests, or of batches of operations, that took no longer. ' +
      'Metered latency counts from when a request was due, and so has the queue that a pause leaves behind it; ' +
      'simple latency counts from when it began.',
    kinds: [
      {
        ...{ id: 'latency-metered', caption: 'Metered latency at a fixed rate', x: percentiles, y },
        curve: (column) => latencyCurve(column, 'meteredUs'),
      },
      {
        ...{ id: 'latency-simple', caption: 'Simple latency at a fixed rate', x: percentiles, y },
        curve: (column) => latencyCurve(column, 'simpleUs'),
      },
      {
        ...{ id: 'batch-metered', caption: 'Metered time of a batch of operations', x: percentiles, y: batchAxis },
        curve: (column) => batchCurve(column, 'metered'),
      },
      {
        ...{ id: 'batch-simple', caption: 'Time of a batch of operations', x: percentiles, y: batchAxis },
        curve: (column) => batchCurve(column, 'simple'),
      },
      {
        ...{ id: 'batch', caption: 'Percentiles of the time of a batch', x: percentiles, y: batchAxis, marked: true },
        curve: (column) => (byPercentiles ? batchPercentiles(column) : []),
      },
    ],
  });
}

export function mmuSection(content: Content): Section | undefined {
  return curveSection(content, {
    id: 'mmu',
    title: 'Minimum mutator utilisation',
    text:
      'The least share of any window of that length in which a mutator could run. ' +
      'Pauses, fault service and allocation stalls all count as time that was not the mutator’s.',
    kinds: [
      {
        ...{ id: 'mmu-curve', caption: 'Minimum mutator utilisation', marked: true, curve: mmuCurve },
        x: { label: 'window', unit: 'ms', log: true, ticks: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000] },
        y: { label: 'mutator’s share', unit: 'share' },
      },
    ],
  });
}

export function stormSection(content: Content): Section | undefined {
  return curveSection(content, {
    id: 'storm',
    title: 'Fault storm',
    text: 'Faults in each millisecond after a flip, the mean over the flips of a run: how hard the storm is, and when it is over.',
    kinds: [
      {
        ...{ id: 'storm-curve', caption: 'Faults after a flip', curve: stormCurve },
        x: { label: 'since the flip', unit: 'ms' },
        y: { label: 'faults a ms', unit: 'count' },
      },
    ],
  });
}

export function memorySection(content: Content): Section | undefined {
  return curveSection(content, {
    id: 'memory',
    title: 'Memory over time',
    text: 'Proportional set size of the process while it was measured, of one invocation each.',
    kinds: [
      {
        ...{ id: 'memory-curve', caption: 'Memory of the process', curve: memoryCurve },
        x: { label: 'since measuring began', unit: 'ms' },
        y: { label: 'PSS', unit: 'bytes' },
      },
    ],
  });
}

export function heapSection(content: Content): Section | undefined {
  const curves = heapCurves(content.lines);
  if (curves.length === 0) return undefined;
  const charts = curves.map((curve, i) => {
    const { workload, scale, mutators, metric, heaps, ways } = curve;
    const ticks = heaps.map(({ bytes }) => bytes);
    const series = ways.map(({ label, points }): SeriesSpec => {
      const look = content.looks.get(label) ?? anyLook;
      const at = points.flatMap((point, k) => (point ? [{ bytes: ticks[k], ...point }] : []));
      const measured = at.filter(({ throughput }) => Number.isFinite(throughput.median));
      return {
        ...{ label, ...look, marked: true },
        points: measured.map(({ bytes, throughput }): Point => [bytes, throughput.median]),
        intervals: measured.map(({ throughput }) => intervalOf(throughput)),
        failed: at.filter(({ counted }) => counted === 0).map(({ bytes }) => bytes),
      };
    });
    const scaled = scale === 1 ? '' : ` at scale ${shareText(scale)}`;
    const caption = `${workload}${scaled}, ${mutators} mutator${mutators === 1 ? '' : 's'}`;
    const y: AxisSpec = { label: metrics[metric].label, unit: 'count' };
    return chart(`heap-${i}`, caption, { x: { label: 'heap', unit: 'heap', ticks }, y, series });
  });
  const text =
    'The smaller the heap, the more of the time goes into collecting it. ' +
    'A cross at the foot marks a size at which a way failed.';
  return {
    ...{ id: 'heap', title: 'Heap sizes' },
    body: html`<p>${text}</p><div class="charts">${charts.map(({ figure }) => figure)}</div>`,
    data: charts.map(({ data }) => data),
  };
}
