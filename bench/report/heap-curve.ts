/** Throughput against heap size, way by way, with the points where a way failed. */

import { shareText, wayText } from '../configurations/describe.js';
import { departures } from '../configurations/settings.js';
import { failureOf } from '../results/checks.js';
import { isPeerConfig, type ResultLine, type SweepConfig } from '../schema/index.js';
import { formatSize, significant } from '../sizes.js';
import { type Sample, sampleOf } from '../statistics/sample.js';
import { plainStyle, type Style, wrap } from '../style.js';
import { workloadTraits } from '../workloads/table.js';
import { renderGrid } from './grid.js';
import { groupBy } from './group.js';
import { type Metric, metrics } from './metrics.js';
import { figureText, tableWidth } from './table.js';
import { workKey } from './work.js';

/** One workload over several heap sizes. */
export interface HeapCurve {
  readonly workload: SweepConfig['workload'];
  readonly scale: number;
  readonly mutators: number;
  /** What throughput is here; `metrics[metric]` labels and formats it. */
  readonly metric: 'operations' | 'compaction';
  /** What `times` counts: the smallest heap the workload runs in, where sizes were asked for so, else what is live. */
  readonly timesOf: 'minimum' | 'live';
  /** Smallest first. */
  readonly heaps: readonly { readonly bytes: number; readonly times: number }[];
  readonly ways: readonly CurveWay[];
}

export interface CurveWay {
  /** `continue·bank`, with the settings in which the ways differ. */
  readonly label: string;
  /** One for each of the curve's heaps; undefined where this way was not asked to run in it. */
  readonly points: readonly (CurvePoint | undefined)[];
}

export interface CurvePoint {
  /** Over the invocations that count: operations a second, or live MB/s compacted. */
  readonly throughput: Sample;
  readonly counted: number;
  readonly failed: number;
  /** Codes of what failed, each once. */
  readonly reasons: readonly string[];
}

/** A curve for each workload (at one scale, with as many mutators, for the same time) that ran in several heaps. */
export function heapCurves(lines: readonly ResultLine[]): HeapCurve[] {
  const sets = groupBy(lines, ({ config }) => {
    const traced = !isPeerConfig(config) && config.trace === true;
    return `${workKey(config)} ${traced}`;
  });
  return [...sets.values()].filter((set) => new Set(set.map(({ config }) => config.heapBytes)).size > 1).map(curveOf);
}

function curveOf(lines: readonly ResultLine[]): HeapCurve {
  const { workload, scale, mutators } = lines[0].config;
  const { judgedBy, liveBytes } = workloadTraits(workload);
  const asked = lines.every(({ config }) => config.heapTimes !== undefined);
  const heaps = [...groupBy(lines, ({ config }) => config.heapBytes).values()]
    .map(([{ config }]) => ({
      bytes: config.heapBytes,
      times: asked ? config.heapTimes! : config.heapBytes / liveBytes(scale),
    }))
    .sort((a, b) => a.bytes - b.bytes);
  const workers = new Set(lines.map(({ config }) => config.gcWorkers));
  const ways = [...groupBy(lines, ({ config }) => labelOf(config, workers.size > 1))].map(([label, ofWay]) => ({
    label,
    points: heaps.map(({ bytes }) =>
      pointOf(
        ofWay.filter(({ config }) => config.heapBytes === bytes),
        judgedBy,
      ),
    ),
  }));
  return { workload, scale, mutators, metric: judgedBy, timesOf: asked ? 'minimum' : 'live', heaps, ways };
}

function labelOf(config: SweepConfig, withWorkers: boolean): string {
  const workers = withWorkers ? [`${config.gcWorkers}w`] : [];
  const settings = isPeerConfig(config) ? [] : departures(config).filter((text) => text !== '');
  return [wayText(config), ...workers, ...settings].join(' ');
}

function pointOf(lines: readonly ResultLine[], metric: HeapCurve['metric']): CurvePoint | undefined {
  if (lines.length === 0) return undefined;
  const failures = lines.flatMap((line) => failureOf(line)?.code ?? []);
  const values = lines.filter((line) => !failureOf(line)).map((line) => throughputOf(line, metric));
  return {
    throughput: sampleOf(values),
    counted: values.length,
    failed: failures.length,
    reasons: [...new Set(failures)],
  };
}

function throughputOf(line: ResultLine, metric: HeapCurve['metric']): number {
  if (!('operations' in line)) return Number.NaN;
  return metric === 'operations' ? line.operations.perSecond : (line.compactionMBps ?? Number.NaN);
}

/** A curve as text, without a line break at its end: a row a heap, a column a way; what does not fit goes below. */
export function renderHeapCurve(curve: HeapCurve, style: Style = plainStyle, width: number = tableWidth): string {
  const { workload, scale, metric, heaps, timesOf } = curve;
  const scaled = scale === 1 ? workload : `${workload} at scale ${shareText(scale)}`;
  const title = style.bold(wrap(`${scaled}: ${metrics[metric].label} against heap size`, width, '  '));
  const fixed = [
    ['heap', ...heaps.map(({ bytes }) => formatSize(bytes))],
    [`× ${timesOf}`, ...heaps.map(({ times }) => significant(times))],
  ];
  const columns = curve.ways.map(({ label, points }) => [label, ...points.map((one) => pointText(one, metric))]);
  const dress = (cell: string) => (cell.includes(failText) ? style.bad(cell) : cell);
  return [title, renderGrid({ fixed, columns, dress }, style, width)].join('\n');
}

const failText = 'FAIL';

function pointText(point: CurvePoint | undefined, name: HeapCurve['metric']): string {
  if (!point) return '–';
  const { throughput, counted, failed, reasons } = point;
  const metric: Metric = metrics[name];
  const failure = `${failText} ${failed === 1 ? '' : `${failed}× `}${reasons.join(', ')}`;
  if (counted === 0) return failure;
  return [figureText(metric, throughput), ...(failed > 0 ? [failure] : [])].join(' ');
}
