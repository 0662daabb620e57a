/** The one sentence that comes first: what is faster, and by how much. */

import { isDecided } from '../statistics/paired.js';
import { compare } from '../statistics/sample.js';
import { workloadTraits } from '../workloads/table.js';
import { inverse, sureness, sureRatio, undecidedText } from './judgement.js';
import { type Metric, metrics } from './metrics.js';
import { type Column, figure, type Panel } from './panels.js';
import { ratioText } from './table.js';

/** The figure by which the columns of a panel are judged, and how it is said. */
export function judgedBy({ columns }: Panel): { readonly name: 'operations' | 'compaction'; readonly unit: string } {
  return workloadTraits(columns[0].config.workload).judgedBy === 'operations'
    ? { name: 'operations', unit: 'operations a second' }
    : { name: 'compaction', unit: 'live MB/s compacted' };
}

interface Runner {
  readonly column: Column;
  readonly label: string;
  readonly spread: ReturnType<typeof figure>;
  readonly text: string;
}

/**
 * `continue·bank is 1.12 times as fast as copy·remap [1.07–1.17]: 655k against 587k operations a second.` Or that they are
 * level, or that it is not decided, why, and what would decide it. With more than two: the first, the next and the last;
 * what is not told from the first is not second.
 */
export function headline(panel: Panel): string {
  const { name, unit } = judgedBy(panel);
  const metric: Metric = metrics[name];
  const runners = panel.columns
    .map((column: Column): Runner => {
      const spread = figure(column, name);
      return { column, label: column.label, spread, text: metric.format(spread.median) };
    })
    .filter(({ spread }) => spread.median > 0);
  if (runners.length === 0) return 'Nothing was measured that counts.';
  const [first] = runners;
  if (runners.length === 1) return `${first.label} does ${first.text} ${unit}; there is nothing to compare it with.`;
  if (runners.length === 2) return ofTwo(runners, unit);
  return ofMany(
    runners.sort((a, b) => b.spread.median - a.spread.median),
    unit,
  );
}

function ofTwo([a, b]: readonly Runner[], unit: string): string {
  const relation = compare(a.spread, b.spread);
  if (!isDecided(relation.outcome)) {
    const judged = undecidedText(relation, [a.column, b.column]);
    return `${a.label} against ${b.label}: ${judged}: ${a.text} and ${b.text} ${unit}.${costOf(a, b)}`;
  }
  // Rounds decide, which need not go the way of the medians.
  const [fast, slow, { ratio, interval }] = relation.outcome === 'more' ? [a, b, relation] : [b, a, inverse(relation)];
  const figures = `${fast.text} against ${slow.text} ${unit}`;
  const times = `${ratioText(ratio)} times as fast as ${slow.label}${sureness(interval)}`;
  return `${fast.label} is ${times}: ${figures}.${costOf(fast, slow)}`;
}

/** The second figure: what an operation costs, by all threads. What others do to the machine is in it far less. */
function costOf(a: Runner, b: Runner): string {
  const name = 'cpuPerOperation';
  const relation = compare(figure(a.column, name), figure(b.column, name));
  if (relation.interval === undefined || !Number.isFinite(relation.ratio)) return '';
  const open = isDecided(relation.outcome) ? '' : relation.outcome === 'tie' ? ', a tie' : ', undecided';
  return ` Its processor time an operation is ${sureRatio(relation)} of the other's${open}.`;
}

function ofMany(runners: readonly Runner[], unit: string): string {
  const [first, second] = runners;
  const last = runners[runners.length - 1];
  const outcomes = new Map(runners.slice(1).map((runner) => [runner, compare(first.spread, runner.spread)]));
  const ratio = (runner: Runner) => ratioText(outcomes.get(runner)?.ratio ?? 1);
  const open = runners.slice(1).filter((runner) => outcomes.get(runner)?.outcome !== 'more');
  const level = open.every((runner) => outcomes.get(runner)?.outcome === 'tie');
  if (open.length === runners.length - 1) {
    const range = `${last.text} to ${first.text} ${unit}`;
    return level
      ? `All ${runners.length} are level: ${range}.`
      : `Which of ${runners.length} is the fastest is undecided: ${range}.`;
  }
  const times = (runner: Runner) => `${ratio(runner)} times ${runner.label}`;
  if (open.length === 0) {
    const next = last === second ? '' : `${times(second)}, the next, and `;
    return `${first.label} is the fastest with ${first.text} ${unit}: ${next}${times(last)}, the last.`;
  }
  const others = open.length > 2 ? `${open.length} others` : open.map(({ label }) => label).join(' and ');
  const leads = `${first.label} leads with ${first.text} ${unit}, ${level ? 'level with' : 'not told from'} ${others}`;
  // The last may be among those that are not told apart.
  const decided = runners.filter((runner) => runner !== first && !open.includes(runner));
  const slowest = decided[decided.length - 1];
  const place = slowest === last ? ', the last' : '';
  return `${leads}, and is ${ratio(slowest)} times as fast as ${slowest.label}${place}.`;
}
