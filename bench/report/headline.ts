/** The one sentence that comes first: what is faster, and by how much. */

import { compare } from '../statistics/sample.js';
import { workloadTraits } from '../workloads/table.js';
import { type Metric, metrics } from './metrics.js';
import { type Column, figure, type Panel } from './panels.js';
import { intervalText, ratioText } from './table.js';

/** The figure by which the columns of a panel are judged, and how it is said. */
export function judgedBy({ columns }: Panel): { readonly name: 'operations' | 'compaction'; readonly unit: string } {
  return workloadTraits(columns[0].config.workload).judgedBy === 'operations'
    ? { name: 'operations', unit: 'operations a second' }
    : { name: 'compaction', unit: 'live MB/s compacted' };
}

interface Runner {
  readonly label: string;
  readonly spread: ReturnType<typeof figure>;
  readonly text: string;
}

/**
 * `continue·bank is 1.12 times as fast as copy·remap: 655k against 587k operations a second.`
 * With more than two: the first, the next and the last. What is within noise of the first is level with it.
 */
export function headline(panel: Panel): string {
  const { name, unit } = judgedBy(panel);
  const metric: Metric = metrics[name];
  const runners = panel.columns
    .map((column: Column): Runner => {
      const spread = figure(column, name);
      return { label: column.label, spread, text: metric.format(spread.median) };
    })
    .filter(({ spread }) => spread.median > 0)
    .sort((a, b) => b.spread.median - a.spread.median);
  if (runners.length === 0) return 'Nothing was measured that counts.';
  const [first, second] = runners;
  const last = runners[runners.length - 1];
  if (runners.length === 1) return `${first.label} does ${first.text} ${unit}; there is nothing to compare it with.`;
  if (runners.length === 2) {
    const { ratio, interval, tie } = compare(first.spread, second.spread);
    if (tie)
      return `${first.label} and ${second.label} are level: ${first.text} and ${second.text} ${unit}, within noise.`;
    const figures = `${first.text} against ${second.text} ${unit}`;
    const sure = interval ? ` (95% interval ${intervalText(interval, ratioText)})` : '';
    return `${first.label} is ${ratioText(ratio)} times as fast as ${second.label}${sure}: ${figures}.`;
  }
  const level = runners.filter((runner) => runner === first || compare(first.spread, runner.spread).tie);
  if (level.length === runners.length) {
    return `All ${runners.length} are level: ${last.text} to ${first.text} ${unit}, within noise.`;
  }
  const times = (runner: Runner) => `${ratioText(compare(first.spread, runner.spread).ratio)} times ${runner.label}`;
  if (level.length === 1) {
    const next = last === second ? '' : `${times(second)}, the next, and `;
    return `${first.label} is the fastest with ${first.text} ${unit}: ${next}${times(last)}, the last.`;
  }
  const others = level.slice(1);
  const levelWith = others.length > 2 ? `${others.length} others` : others.map(({ label }) => label).join(' and ');
  const leads = `${first.label} leads with ${first.text} ${unit}, level with ${levelWith} within noise`;
  const { ratio } = compare(first.spread, last.spread);
  return `${leads}, and is ${ratioText(ratio)} times as fast as ${last.label}, the last.`;
}
