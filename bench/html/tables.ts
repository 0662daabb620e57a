/** The terminal's tables as markup. */
import { groups, type Metric, type MetricName, metrics } from '../report/metrics.js';
import { cellText, fields, unbeaten } from '../report/overview.js';
import { type Column, countOf, figure, type Panel, pairName, pairsOf } from '../report/panels.js';
import { figureText, isShown, legendOf, markOf, ratioText } from '../report/table.js';
import { isDecided } from '../statistics/paired.js';
import { compare } from '../statistics/sample.js';
import { colourOf } from './colours.js';
import { type Content, lookOf } from './content.js';
import { html, type Markup, type Piece } from './markup.js';

const missing = '–';

/** What fits beside each other: kinds of pages are among the figures below. */
const shown = fields.filter(({ names }) => !names.includes('built'));

/** A column's label after a piece of its line. */
export function swatch(content: Content, column: Column): Markup {
  const look = lookOf(content, column);
  const [on, off] = look.dash;
  const kind = on === undefined ? '' : on > off ? ' dashed' : ' dotted';
  return html`<span class="swatch${kind}" style="--colour:${colourOf(look)}"></span>${column.label}`;
}

/** All panels at a glance: one row a way, the figures that decide, the best of each panel marked. */
export function overviewTable(content: Content): Markup {
  const heads = shown.map(({ head }) => html`<th scope="col">${head[0]}<br>${head[1]}</th>`);
  const groups = content.panels.map((panel) => {
    const rows = panel.columns.map((column) => overviewRow(content, panel, column));
    return html`<tr class="group"><th scope="rowgroup" colspan="${shown.length + 1}">${panel.title}</th></tr>${rows}`;
  });
  return html`<div class="wide" tabindex="0" role="region" aria-label="Overview"><table>
<caption>Medians over the invocations <span class="faint">the best of each group is bold</span></caption>
<thead><tr><th scope="col"><span class="faint">way</span></th>${heads}</tr></thead>
<tbody>${groups}</tbody></table></div>`;
}

function overviewRow(content: Content, panel: Panel, column: Column): Markup {
  const at = panel.columns.indexOf(column);
  const cells = shown.map((field) => {
    const texts = field.names.map((name) => cellText(field, name, figure(column, name)));
    if (texts.every((text) => text === missing)) return html`<td>${missing}</td>`;
    const parts = texts.map((text, i) => {
      const name = field.names[i];
      const best = unbeaten(
        name,
        panel.columns.map((other) => figure(other, name)),
      );
      return html`${i > 0 && '/'}${best[at] ? html`<span class="best">${text}</span>` : text}`;
    });
    return html`<td>${parts}</td>`;
  });
  return html`<tr><th scope="row">${swatch(content, column)}${failures(column)}</th>${cells}</tr>`;
}

function failures(column: Column): Piece {
  const { failed } = column;
  return failed > 0 && html`<br><span class="bad">${failed} of ${failed + countOf(column)} failed</span>`;
}

/** Every figure of a panel: one column a configuration, and the ratio where there are two. */
export function figuresTable(content: Content, panel: Panel): Markup {
  const pairs = pairsOf(panel);
  const pair = panel.columns.length === 2 && pairs.length === 1 ? pairs[0] : undefined;
  const heads = panel.columns.map((column) => html`<th scope="col">${swatch(content, column)}${failures(column)}</th>`);
  if (pair) heads.push(html`<th scope="col">${pairName(pair)}</th>`);
  const body = groups.map(([title, names]) => {
    const rows = names.filter((name) => isShown(name, panel)).map((name) => figuresRow(name, panel, pair));
    if (rows.length === 0) return html``;
    return html`<tr class="group"><th scope="rowgroup" colspan="${heads.length + 1}">${title}</th></tr>${rows}`;
  });
  const legend = ['medians', legendOf(panel)].filter((part) => part !== '').join('; ');
  return html`<div class="wide" tabindex="0" role="region" aria-label="${panel.title}"><table>
<caption>${panel.title} <span class="faint">${legend}</span></caption>
<thead><tr><td></td>${heads}</tr></thead><tbody>${body}</tbody></table></div>`;
}

function figuresRow(name: MetricName, panel: Panel, pair: readonly [Column, Column] | undefined): Markup {
  const metric: Metric = metrics[name];
  const cells = panel.columns.map((column) => html`<td>${figureText(metric, figure(column, name))}</td>`);
  if (pair) cells.push(ratioCell(metric, pair, name));
  return html`<tr><th scope="row">${metric.label}</th>${cells}</tr>`;
}

function ratioCell({ better }: Metric, [a, b]: readonly [Column, Column], name: MetricName): Markup {
  const { ratio, outcome } = compare(figure(a, name), figure(b, name));
  if (!Number.isFinite(ratio)) return html`<td>${missing}</td>`;
  if (!better) return html`<td>${ratioText(ratio)}</td>`;
  if (!isDecided(outcome)) return html`<td class="faint">${ratioText(ratio)} ${markOf(outcome)}</td>`;
  return html`<td class="${ratio > 1 === (better === 'more') ? 'good' : 'bad'}">${ratioText(ratio)}</td>`;
}
