/** What follows the charts: every figure, where it was measured, and the files it can be checked against. */
import { relative } from 'node:path';
import { describeConfig } from '../../configurations/describe.js';
import type { Environment } from '../../schema/index.js';
import { approximateSize, significant } from '../../sizes.js';
import { type Content, type FileKind, rawFiles } from '../content.js';
import { html, type Markup, trusted } from '../markup.js';
import type { Section } from '../section.js';
import { figuresTable } from '../tables.js';
import { warningsOf } from '../warnings.js';

/** With more panels than these their tables are closed at first. */
const shownOpen = 2;

export function figuresSection(content: Content): Section {
  const open = content.panels.length <= shownOpen && trusted(' open');
  const tables = content.panels.map(
    (panel) => html`<details${open}><summary>${panel.title}</summary>${figuresTable(content, panel)}</details>`,
  );
  return { id: 'figures', title: 'Figures', body: html`${tables}` };
}

export function environmentSection({ lines }: Content): Section {
  const warnings = warningsOf(lines);
  const machines = new Map(lines.map(({ environment }) => [machineKey(environment), environment]));
  const warned =
    warnings.length > 0 &&
    html`<div class="warning"><p><strong>Read these figures with care:</strong></p>
<ul class="plain">${warnings.map((warning) => html`<li>${warning}</li>`)}</ul></div>`;
  return {
    id: 'environment',
    title: 'Environment',
    body: html`${warned}${[...machines.values()].map(facts)}`,
  };
}

/** What makes one machine, and one build, of a line's environment; the rest is of the moment. */
function machineKey({ kernel, cpu, cores, node, commit, continuum, memoryBytes, features }: Environment): string {
  return JSON.stringify([kernel, cpu, cores, node, commit, continuum, memoryBytes, features]);
}

/** Every field, as it was before the first invocation there. */
function facts(environment: Environment): Markup {
  const { warnings: _, ...fields } = environment;
  const rows = Object.entries(fields).filter(([, value]) => value !== undefined);
  return html`<dl class="facts">${rows.map(([name, value]) => html`<dt>${inWords(name)}</dt><dd>${factText(name, value)}</dd>`)}</dl>`;
}

/** `transparentHugePages` is `transparent huge pages`; the unit is with the value. */
function inWords(name: string): string {
  return name.replace(/Bytes$/, '').replace(/(?<=[a-z])[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

function factText(name: string, value: unknown): string {
  if (value === null) return 'unknown';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'number') return name.endsWith('Bytes') ? approximateSize(value) : significant(value);
  if (Array.isArray(value)) return value.map((one) => factText(name, one)).join(', ') || 'none';
  if (typeof value !== 'object') return String(value);
  return Object.entries(value)
    .map(([part, inner]) => `${inWords(part)} ${factText(part, inner)}`)
    .join(', ');
}

const fileKinds: Readonly<Record<FileKind, string>> = {
  trace: 'page events',
  hdrSimple: 'simple latency, HdrHistogram log',
  hdrMetered: 'metered latency, HdrHistogram log',
  latencyCsv: 'latency by percentile, CSV',
};

/** Links relative to `folder`, where the report is. */
export function filesSection(content: Content, folder: string): Section {
  const sources = content.sources.map(
    ({ file, lines }) =>
      html`<li>${link(folder, file)}: ${lines.length} result line${lines.length !== 1 && 's'}, JSON</li>`,
  );
  const more = rawFiles(content).map(({ kind, path, exists, result }) => {
    const what = `${fileKinds[kind]} of ${describeConfig(result.config)}, invocation ${result.invocation + 1}`;
    return exists
      ? html`<li>${link(folder, path)}: ${what}</li>`
      : html`<li><span class="mono">${relative(folder, path)}</span>: ${what} <span class="bad">(not there)</span></li>`;
  });
  const list = html`<ul class="plain">${more}</ul>`;
  const further =
    more.length > 12 ? html`<details><summary>${more.length} further files</summary>${list}</details>` : list;
  return {
    id: 'files',
    title: 'Raw data',
    body: html`<p>Every figure of this report follows from these files, found beside it.</p>
<ul class="plain">${sources}</ul>${more.length > 0 && further}`,
  };
}

function link(folder: string, file: string): Markup {
  const path = relative(folder, file);
  // A name with a colon in it would be taken for an address with a scheme.
  const address = path.split('/').map(encodeURIComponent).join('/');
  return html`<a class="mono" href="./${address}">${path}</a>`;
}
