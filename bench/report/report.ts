/** What is printed at the end of a sweep: the overview where there are many ways, heap curves, then each panel and what it says. */

import type { ResultLine } from '../schema/index.js';
import { plainStyle, type Style } from '../style.js';
import { heapCurves, renderHeapCurve } from './heap-curve.js';
import { overviewOf, renderOverview } from './overview.js';
import { renderPagesTables } from './pages-table.js';
import { panelsOf } from './panels.js';
import { renderPanel, tableWidth } from './table.js';
import { renderVerdict } from './verdict.js';

/** The parts of the report, in order, each without a line break at its end. */
export function renderReport(lines: readonly ResultLine[], style: Style = plainStyle, width = tableWidth): string[] {
  const panels = panelsOf(lines);
  const many = overviewOf(panels);
  const parts = panels.map((panel) =>
    [renderPanel(panel, style, width), renderVerdict(panel, style, width)].filter((part) => part !== '').join('\n\n'),
  );
  const curves = heapCurves(lines).map((curve) => renderHeapCurve(curve, style, width));
  const tables = renderPagesTables(lines, width, style);
  return [...(many.length > 0 ? [renderOverview(many, style, width)] : []), ...curves, ...parts, ...tables];
}
