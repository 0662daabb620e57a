/** What a page costs by the references on it, a row each: the results of workload `pages` in one table. */

import { shareText, wayText } from '../configurations/describe.js';
import { failureOf } from '../results/checks.js';
import { isResult, type Result, type ResultLine } from '../schema/index.js';
import { formatCount, formatSize } from '../sizes.js';
import { spreadOf } from '../statistics/sample.js';
import { plainStyle, type Style, wrap } from '../style.js';
import { renderGrid } from './grid.js';
import { groupBy } from './group.js';
import { metrics } from './metrics.js';

const missing = '–';

/** One table for all that differs in nothing but way and references, where there is more than one number of these. */
export function renderPagesTables(lines: readonly ResultLine[], width: number, style: Style = plainStyle): string[] {
  const counted = lines.filter(isResult).filter((line) => line.config.workload === 'pages' && !failureOf(line));
  const groups = groupBy(counted, ({ config: { resolution, delivery, flip, references, ...rest } }) =>
    JSON.stringify(rest),
  );
  return [...groups.values()]
    .filter((results) => valuesOf(results, ({ config }) => config.references).length > 1)
    .map((results) => render(results, width, style));
}

function valuesOf<V>(results: readonly Result[], of: (result: Result) => V): V[] {
  return [...new Set(results.map(of))];
}

function render(results: readonly Result[], width: number, style: Style): string {
  const ways = valuesOf(results, ({ config }) => wayText(config));
  const counts = valuesOf(results, ({ config }) => config.references ?? 0).sort((a, b) => a - b);
  const { scale, heapBytes } = results[0].config;
  const title =
    `pages: compaction, ns a page, by references a page; in parentheses, how much of it publishing is ` +
    `(scale ${shareText(scale)}, heap ${formatSize(heapBytes)})`;
  const columns = ways.map((way) => {
    const ofWay = results.filter(({ config }) => wayText(config) === way);
    return [way, ...counts.map((count) => cell(ofWay.filter(({ config }) => config.references === count)))];
  });
  const fixed = [['references', ...counts.map(String)]];
  return [style.bold(wrap(title, width, '  ')), renderGrid({ fixed, columns }, style, width)].join('\n');
}

/** `1,850 (29%)`; without a share where pages are not published. */
function cell(results: readonly Result[]): string {
  const ns = spreadOf(results.map((result) => metrics.pageNs.value(result))).median;
  const publish = spreadOf(results.map((result) => metrics.publishNs.value(result))).median;
  if (!Number.isFinite(ns)) return missing;
  return Number.isFinite(publish) ? `${formatCount(ns)} (${Math.round((100 * publish) / ns)}%)` : formatCount(ns);
}
