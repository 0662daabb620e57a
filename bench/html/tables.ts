/** The terminal's tables as markup. */
import { groups, type Metric, type MetricName, metrics } from '../metrics.js';
import { bestOf, fields, textOf } from '../overview.js';
import { type Column, figure, type Panel, pairName, pairsOf } from '../panels.js';
import { compare } from '../statistics.js';
import { figureText, isShown, ratioText } from '../table.js';
import { colourOf } from './colours.js';
import { type Content, lookOf } from './content.js';
import { html, type Markup, type Piece } from './markup.js';

const missing = '–';

/** A column's label after a piece of its line. */
export function swatch(content: Content, column: Column): Markup {
  const look = lookOf(content, column);
  const [on, off] = look.dash;
  const kind = on === undefined ? '' : on > off ? ' dashed' : ' dotted';
  return html`<span class="swatch${kind}" style="--colour:${colourOf(look)}"></span>${column.label}`;
}

/** All panels at a glance: one row a way, the figures that decide, the best of each panel marked. */
export function overviewTable(content: Content): Markup {
  const heads = fields.map(({ head }) => html`<th scope="col">${head[0]}<br>${head[1]}</th>`);
  const groups = content.panels.map((panel) => {
    const rows = panel.columns.map((column) => overviewRow(content, panel, column));
    return html`<tr class="group"><th scope="rowgroup" colspan="${fields.length + 1}">${panel.title}</th></tr>${rows}`;
  });
  return html`<div class="wide" tabindex="0" role="region" aria-label="Overview"><table>
<caption>Medians over the invocations <span class="faint">the best of each group is bold</span></caption>
<thead><tr><th scope="col"><span class="faint">way</span></th>${heads}</tr></thead>
<tbody>${groups}</tbody></table></div>`;
}

function overviewRow(content: Content, panel: Panel, column: Column): Markup {
  const cells = fields.map(({ names }) => {
    const texts = names.map((name) => textOf(name, figure(column, name).median));
    if (texts.every((text) => text === missing)) return html`<td>${missing}</td>`;
    const parts = texts.map((text, i) => {
      const name = names[i];
      const best = bestOf(
        name,
        panel.columns.map((other) => figure(other, name).median),
      );
      return html`${i > 0 && '/'}${text === best ? html`<span class="best">${text}</span>` : text}`;
    });
    return html`<td>${parts}</td>`;
  });
  return html`<tr><th scope="row">${swatch(content, column)}${failures(column)}</th>${cells}</tr>`;
}

function failures({ failed, results }: Column): Piece {
  return failed > 0 && html`<br><span class="bad">${failed} of ${failed + results.length} failed</span>`;
}

/** Every figure of a panel: one column a configuration, and the ratio where there are two. */
export function figuresTable(content: Content, panel: Panel): Markup {
  const pairs = pairsOf(panel);
  const pair = panel.columns.length === 2 && pairs.length === 1 ? pairs[0] : undefined;
  const heads = panel.columns.map((column) => html`<th scope="col">${swatch(content, column)}${failures(column)}</th>`);
  if (pair) heads.push(html`<th scope="col">${pairName(pair)}</th>`);
  const body = groups.map(([title, names]) => {
    const rows = names.filter((name) => isShown(name, panel)).map((name) => figuresRow(name, panel, pair));
    return html`<tr class="group"><th scope="rowgroup" colspan="${heads.length + 1}">${title}</th></tr>${rows}`;
  });
  return html`<div class="wide" tabindex="0" role="region" aria-label="${panel.title}"><table>
<caption>${panel.title} <span class="faint">medians; in parentheses the range over the invocations</span></caption>
<thead><tr><td></td>${heads}</tr></thead><tbody>${body}</tbody></table></div>`;
}

function figuresRow(name: MetricName, panel: Panel, pair: readonly [Column, Column] | undefined): Markup {
  const metric: Metric = metrics[name];
  const cells = panel.columns.map((column) => html`<td>${figureText(metric, figure(column, name))}</td>`);
  if (pair) cells.push(ratioCell(metric, pair, name));
  return html`<tr><th scope="row">${metric.label}</th>${cells}</tr>`;
}

function ratioCell({ better }: Metric, [a, b]: readonly [Column, Column], name: MetricName): Markup {
  const { ratio, tie } = compare(figure(a, name), figure(b, name));
  if (!Number.isFinite(ratio)) return html`<td>${missing}</td>`;
  if (!better) return html`<td>${ratioText(ratio)}</td>`;
  if (tie) return html`<td class="faint">${ratioText(ratio)} ≈</td>`;
  return html`<td class="${ratio > 1 === (better === 'more') ? 'good' : 'bad'}">${ratioText(ratio)}</td>`;
}
