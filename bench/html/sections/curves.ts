/** The sections that are curves: latency, MMU, heap sizes, fault storm, memory. One without data is left out. */

import { wayText } from '../../configurations.js';
import { judgedBy } from '../../headline.js';
import type { MetricName } from '../../metrics.js';
import type { Column, Panel } from '../../panels.js';
import { type Chart, chart } from '../chart.js';
import { type Content, lookOf, panelId } from '../content.js';
import {
  batchCurve,
  heapCurves,
  heapSweeps,
  latencyCurve,
  memoryCurve,
  mmuCurve,
  type Point,
  stormCurve,
} from '../curves.js';
import { html, type Markup } from '../markup.js';
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
        ...{ id: 'latency-batch', caption: 'Time of a batch of 1000 operations', x: percentiles, marked: true },
        y: { ...y, label: 'time of a batch' },
        curve: batchCurve,
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

const heapFigures: readonly { name: MetricName; caption: string; y: AxisSpec }[] = [
  {
    name: 'batchP999',
    caption: '99.9% of the batches took no longer than',
    y: { label: 'time', unit: 'ms', log: true },
  },
  { name: 'cpuPerOperation', caption: 'Processor time of an operation', y: { label: 'time', unit: 'µs' } },
];

export function heapSection(content: Content): Section | undefined {
  const sweeps = heapSweeps(content.panels);
  if (sweeps.length === 0) return undefined;
  const wayOf = ({ config }: Column) => wayText(config);
  const data: Chart['data'][] = [];
  const parts = sweeps.map((sweep, i): Markup => {
    const { name, unit } = judgedBy(sweep);
    const caption = name === 'operations' ? 'Throughput' : 'Compaction';
    const ticks = [...new Set(sweep.columns.map(({ config }) => config.heapBytes))].sort((a, b) => a - b);
    const kinds = [{ name, caption, y: { label: unit, unit: 'count' } as AxisSpec }, ...heapFigures];
    const charts = kinds.map(({ name, caption, y }) => {
      const series = heapCurves(sweep, name, wayOf).map(({ label, ...curve }): SeriesSpec => {
        const column = sweep.columns.find((one) => wayOf(one) === label)!;
        return { label, ...lookOfWay(content, column, label), marked: true, ...curve };
      });
      return chart(`heap-${i}-${name}`, caption, { x: { label: 'heap', unit: 'heap', ticks }, y, series });
    });
    data.push(...charts.map((one) => one.data));
    return html`<h3>${sweep.title}</h3><div class="charts">${charts.map(({ figure }) => figure)}</div>`;
  });
  const text =
    'The smaller the heap, the more of the time goes into collecting it. A cross at the foot marks a size at which a way failed.';
  return { id: 'heap', title: 'Heap sizes', body: html`<p>${text}</p>${parts}`, data };
}

/** The look of a way; of its first column where columns are called by their heaps. */
function lookOfWay(content: Content, column: Column, label: string) {
  return content.looks.get(label) ?? lookOf(content, column);
}
