/** What comes first: for each panel a sentence, bars with intervals, and why; then all of them in one table. */

import { describeConfig } from '../../configurations/describe.js';
import { headline, judgedBy } from '../../report/headline.js';
import { type Metric, metrics } from '../../report/metrics.js';
import { type Column, figure, type Panel } from '../../report/panels.js';
import { verdict } from '../../report/verdict.js';
import { failureOf } from '../../results/checks.js';
import type { Sample } from '../../statistics/sample.js';
import { type Bar, bars } from '../bars.js';
import { colourOf } from '../colours.js';
import { type Content, intervalOf, lookOf, panelId } from '../content.js';
import { html, type Markup, type Piece } from '../markup.js';
import type { Section } from '../section.js';
import { overviewTable, swatch } from '../tables.js';

export function comparisonSection(content: Content): Section {
  return {
    id: 'comparison',
    title: 'Comparison',
    body: html`<div class="cards">${content.panels.map((panel) => card(content, panel))}</div>
${failedLines(content)}
${overviewTable(content)}`,
  };
}

function card(content: Content, panel: Panel): Markup {
  return html`<article class="card" aria-labelledby="${panelId(content, panel)}">
<h3 id="${panelId(content, panel)}">${panel.title}</h3>
<p class="headline">${headline(panel)}</p>
${panelBars(content, panel)}
${why(panel)}</article>`;
}

function panelBars(content: Content, panel: Panel): Markup {
  const { name, unit } = judgedBy(panel);
  const metric: Metric = metrics[name];
  const value = (column: Column) => figure(column, name).median;
  const sorted = [...panel.columns].sort((a, b) => (value(b) || 0) - (value(a) || 0));
  const rows = sorted.map((column, i): Bar => {
    const sample = figure(column, name);
    const { median } = sample;
    const measured = Number.isFinite(median);
    return {
      name: swatch(content, column),
      value: measured ? median : undefined,
      text: measured ? metric.format(median) : '–',
      colour: colourOf(lookOf(content, column)),
      interval: intervalOf(sample) ?? undefined,
      best: i === 0 && measured && sorted.length > 1,
    };
  });
  const legend = whiskers(panel.columns.map((column) => figure(column, name)));
  return html`<figure>${bars(rows)}<figcaption>${unit}, more is better${legend}</figcaption></figure>`;
}

/** What the whiskers are. */
function whiskers(samples: readonly Sample[]): string {
  if (samples.some(({ interval }) => interval)) return '; whiskers: 95% bootstrap intervals of the median';
  if (samples.some(({ count }) => count > 1)) return '; whiskers: least and most of the invocations';
  return '; one invocation each, so nothing shows how much a run varies';
}

function why(panel: Panel): Piece {
  const said = verdict(panel);
  if (said.length === 0) return undefined;
  const parts = said.map(
    ({ title, sentences }) => html`<p class="small"><strong>${title}</strong></p>
<ul class="plain small">${sentences.map((sentence) => html`<li>${sentence}</li>`)}</ul>`,
  );
  return html`<details><summary>why, in sentences</summary>${parts}</details>`;
}

/** Every invocation that does not count, and why. */
function failedLines({ lines }: Content): Piece {
  const failed = lines.flatMap((line) => {
    const error = failureOf(line);
    return error ? [{ line, error }] : [];
  });
  if (failed.length === 0) return undefined;
  const items = failed.map(({ line, error }) => {
    const hint = error.hint && html` <span class="faint">(${error.hint})</span>`;
    const where = `${describeConfig(line.config)}, invocation ${line.invocation + 1}`;
    return html`<li>${where}: <code>${error.code}</code> ${error.message}${hint}</li>`;
  });
  return html`<div class="warning" id="failed"><p><strong class="bad">${failed.length} of ${lines.length} invocations failed</strong>
and are in no figure.</p><details><summary>which, and why</summary><ul class="plain small">${items}</ul></details></div>`;
}
