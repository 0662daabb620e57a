/** The report as one file: what was measured, from the comparison down to the raw data. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { describeConfig } from '../configurations/describe.js';
import { Complaint, messageOf } from '../errors.js';
import { type Content, contentOf, rawFiles, type Source } from './content.js';
import { html, type Markup } from './markup.js';
import { renderPage } from './page.js';
import type { ReplayMaker, Section } from './section.js';
import { comparisonSection } from './sections/comparison.js';
import { heapSection, latencySection, memorySection, mmuSection, stormSection } from './sections/curves.js';
import { phasesSection } from './sections/phases.js';
import { environmentSection, figuresSection, filesSection } from './sections/rest.js';
import { styleSheet } from './style-sheet.js';
import { warningsOf } from './warnings.js';

export interface ReportOptions {
  /** Folder that the report will be in: links are relative to it. */
  readonly folder: string;
  /** What plays recordings back; without it recordings are linked only. */
  readonly replay?: ReplayMaker | undefined;
}

/** The whole HTML file. There is at least one line. */
export function reportPage(sources: readonly Source[], { folder, replay }: ReportOptions): string {
  const content = contentOf(sources);
  const sections = [
    comparisonSection(content),
    latencySection(content),
    mmuSection(content),
    heapSection(content),
    stormSection(content),
    memorySection(content),
    phasesSection(content),
    replay && replaySection(content, replay),
    figuresSection(content),
    environmentSection(content),
    filesSection(content, folder),
  ].filter((section) => section !== undefined);
  return pageOf(`Continuum: ${workloadsOf(content).join(', ')}`, facts(content), sections);
}

/** A page of these sections, with the report's style, theme button and charts. */
export function pageOf(title: string, facts: Markup, sections: readonly Section[]): string {
  const own: Section = {
    ...sections[0],
    scripts: [...(sections[0].scripts ?? []), new URL('./page/report.js', import.meta.url)],
  };
  const [script, css] = uPlotTexts();
  return renderPage({
    title,
    head: html`<a class="skip" href="#${sections[0].id}">Skip to the results</a>
<header><div><h1>${title}</h1>${facts}</div><button id="theme" type="button">Change theme</button></header>`,
    sections: [own, ...sections.slice(1)],
    libraries: [script],
    css: [css, styleSheet],
  });
}

function workloadsOf({ lines }: Content): string[] {
  return [...new Set(lines.map(({ config }) => config.workload))];
}

/** The line below the title: when, where, how many. */
function facts({ lines }: Content): Markup {
  const [first] = lines.map(({ startedAt }) => startedAt).sort();
  const { cpu, cores, kernel } = lines[0].environment;
  const began = `${first.slice(0, 16).replace('T', ' ')} UTC`;
  const counted = `${lines.length} invocation${lines.length === 1 ? '' : 's'}`;
  const warnings = warningsOf(lines).length;
  const warned = warnings > 0 && html` · <a href="#environment">${warnings} warning${warnings > 1 && 's'}</a>`;
  return html`<p class="faint small">${began} · ${cpu}, ${cores} core${cores !== 1 && 's'} · Linux ${kernel} · ${counted}${warned}</p>`;
}

/** One recording a configuration: the first invocation's. */
function replaySection(content: Content, replay: ReplayMaker): Section | undefined {
  const recordings = new Map<string, { file: string; label: string; exists: boolean }>();
  for (const { kind, path, exists, result } of rawFiles(content)) {
    if (kind !== 'trace') continue;
    const label = describeConfig(result.config);
    // Where no invocation's is there any more, the section says so.
    if (exists ? !recordings.get(label)?.exists : !recordings.has(label)) {
      recordings.set(label, { file: path, label, exists });
    }
  }
  return recordings.size > 0 ? replay([...recordings.values()]) : undefined;
}

/** uPlot's script and style sheet, as installed. */
function uPlotTexts(): [script: string, css: string] {
  try {
    const folder = dirname(createRequire(import.meta.url).resolve('uplot/package.json'));
    const text = (name: string) => readFileSync(join(folder, 'dist', name), 'utf8');
    return [text('uPlot.iife.min.js'), text('uPlot.min.css')];
  } catch (error) {
    throw new Complaint('NO_UPLOT', `cannot read the charts' library: ${messageOf(error)}`, 'run npm ci');
  }
}
