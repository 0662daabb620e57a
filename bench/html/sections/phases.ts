/** Where a collection spends its time: a stacked bar a way. */
import { formatDuration } from '../../sizes.js';
import { stacks } from '../bars.js';
import type { Content } from '../content.js';
import { phases, phaseTimes } from '../curves.js';
import { html } from '../markup.js';
import type { Section } from '../section.js';
import { swatch } from '../tables.js';

export function phasesSection(content: Content): Section | undefined {
  const parts = content.panels.flatMap((panel) => {
    const rows = panel.columns.flatMap((column) => {
      const times = phaseTimes(column);
      if (!times) return [];
      const total = times.reduce((sum, time) => sum + time, 0);
      return [
        {
          name: swatch(content, column),
          parts: phases.map(({ name }, i) => ({ label: name, value: times[i], colour: `var(--${name})` })),
          text: formatDuration(total),
          partText: formatDuration,
        },
      ];
    });
    if (rows.length === 0) return [];
    const cells = (row: (typeof rows)[0]) => row.parts.map(({ value }) => html`<td>${formatDuration(value)}</td>`);
    return [
      html`<h3>${panel.title}</h3><figure class="chart">${stacks(rows)}
<details><summary>as a table</summary><div class="wide"><table><caption>Mean time of each phase of a collection</caption>
<thead><tr><td></td>${phases.map(({ name }) => html`<th scope="col">${name}</th>`)}<th scope="col">together</th></tr></thead>
<tbody>${rows.map((row) => html`<tr><th scope="row">${row.name}</th>${cells(row)}<td>${row.text}</td></tr>`)}</tbody>
</table></div></details></figure>`,
    ];
  });
  if (parts.length === 0) return undefined;
  const legend = phases.map(
    ({ name, pause }) =>
      html`<li><span class="swatch block" style="--colour:var(--${name})"></span>${name}${pause && ' (pause)'}</li>`,
  );
  return {
    id: 'phases',
    title: 'Phases of a collection',
    body: html`<p>Mean wall time of each phase. Greys run beside the mutators; red ones stop them.</p>
<ul class="legend">${legend}</ul>${parts}`,
  };
}
