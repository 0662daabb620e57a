/** Two runs in one HTML file: what changed, how sure that is, and what else was not the same. */
import { dirname } from 'node:path';
import type { ComparedConfiguration, ComparedMetric, Comparison, Outcome } from '../compare/index.js';
import { conclusions, precise } from '../compare/text.js';
import { metrics } from '../report/metrics.js';
import { figureText, intervalText } from '../report/table.js';
import { contentOf, type Source } from './content.js';
import { html, type Markup } from './markup.js';
import { pageOf } from './report.js';
import type { Section } from './section.js';
import { environmentSection, filesSection } from './sections/rest.js';

export interface Runs {
  /** What each was called at the command line. */
  readonly a: string;
  readonly b: string;
  readonly sources: readonly Source[];
}

/** The whole file, which will be at `file`. */
export function comparisonPage(comparison: Comparison, { a, b, sources }: Runs, file: string): string {
  const facts = html`<p class="small"><strong>A</strong> <code>${a}</code><br><strong>B</strong> <code>${b}</code></p>`;
  const content = contentOf(sources);
  return pageOf('Continuum: B against A', facts, [
    verdictSection(comparison),
    tablesSection(comparison),
    environmentSection(content),
    filesSection(content, dirname(file)),
  ]);
}

function verdictSection(comparison: Comparison): Section {
  const { configurations } = comparison;
  const span = spanOf(configurations.flatMap((one) => one.metrics));
  return {
    id: 'verdict',
    title: 'What changed',
    css: forestRules,
    body: html`<p class="headline">${headline(configurations.flatMap((one) => one.metrics))}</p>
<div class="cards">${configurations.map((one) => card(one, span))}</div>
<ul class="plain small">${conclusions(comparison).map((sentence) => html`<li>${sentence}</li>`)}</ul>`,
  };
}

/** `Of 12 figures B is better in 3 and worse in 1; 8 are open.` */
function headline(all: readonly ComparedMetric[]): string {
  const count = (outcome: Outcome) => all.filter((one) => one.outcome === outcome).length;
  const judged = all.length - count('too few');
  const unjudged = count('too few') > 0 ? `; ${count('too few')} have too few invocations for a verdict` : '';
  if (judged === 0) return `No verdict: too few invocations for an interval in all ${all.length} figures.`;
  const open = `${count('open')} ${count('open') === 1 ? 'is' : 'are'} open`;
  return `Of ${judged} figures B is better in ${count('better')} and worse in ${count('worse')}; ${open}${unjudged}.`;
}

/** Half the width of the tracks as a logarithm: what holds every ratio, and all of the usual intervals. */
function spanOf(all: readonly ComparedMetric[]): number {
  const ends = all.flatMap(({ ratio, interval }) => [ratio, ...(interval ? [interval.low, interval.high] : [])]);
  const sizes = ends.filter((end) => end > 0 && Number.isFinite(end)).map((end) => Math.abs(Math.log(end)));
  return Math.min(Math.max(Math.log(1.05), ...sizes), Math.log(4)) * 1.05;
}

function card(one: ComparedConfiguration, span: number): Markup {
  const at = (ratio: number) => {
    const part = 50 + (50 * Math.log(Math.max(ratio, Number.MIN_VALUE))) / span;
    return `${Math.min(100, Math.max(0, part)).toFixed(2)}%`;
  };
  const rows = one.metrics.map(({ label, ratio, interval, outcome, better }) => {
    const range =
      interval && html`<span class="range" style="--low:${at(interval.low)};--high:${at(interval.high)}"></span>`;
    return html`<div class="${classOf(outcome)}"><span class="name">${label} <span class="faint">(${better} is better)</span></span>
<span class="track" aria-hidden="true">${range}<span class="dot" style="--at:${at(ratio)}"></span></span>
<span class="value">${precise(ratio)} ${outcome}</span></div>`;
  });
  return html`<article class="card"><h3>${one.title}</h3>
<figure><div class="bars forest">${rows}</div>
<figcaption>B over A with its 95% interval; the line in the middle is no change</figcaption></figure></article>`;
}

function classOf(outcome: Outcome): string {
  return { better: 'good', worse: 'bad', open: 'faint', 'too few': 'faint' }[outcome];
}

function tablesSection({ configurations }: Comparison): Section {
  const heads = ['A', 'B', 'B/A', '95% interval', 'B is'].map((head) => html`<th scope="col">${head}</th>`);
  const tables = configurations.map(({ title, a, b, metrics: rows }) => {
    const body = rows.map((row) => {
      const format = metrics[row.name];
      const sure = row.interval ? intervalText(row.interval, precise) || precise(row.interval.low) : '–';
      return html`<tr><th scope="row">${row.label}</th><td>${figureText(format, row.a)}</td><td>${figureText(format, row.b)}</td>
<td>${precise(row.ratio)}</td><td>${sure}</td><td class="${classOf(row.outcome)}">${row.outcome}</td></tr>`;
    });
    const failed = a.failed + b.failed > 0 && html` <span class="bad">${a.failed} and ${b.failed} failed</span>`;
    return html`<div class="wide" tabindex="0" role="region" aria-label="${title}"><table><caption>${title}
<span class="faint">${a.counted} against ${b.counted} invocations</span>${failed}</caption>
<thead><tr><td></td>${heads}</tr></thead><tbody>${body}</tbody></table></div>`;
  });
  return { id: 'figures', title: 'Figures', body: html`${tables}` };
}

const forestRules = `
.forest .track{background:linear-gradient(var(--line),var(--line)) center/2px 100% no-repeat}
.forest .track .range{border-color:currentColor}
.forest .track .range::before,.forest .track .range::after{border-color:currentColor}
.forest .dot{position:absolute;top:5px;left:calc(var(--at) - 5px);width:10px;height:10px;border-radius:5px;background:currentColor}
.forest .good .track,.forest .good .value{color:var(--good)}
.forest .bad .track,.forest .bad .value{color:var(--bad)}
.forest .faint .track,.forest .faint .value{color:var(--faint)}
.forest .name{color:var(--ink)}
`;
