/** The elements of the replay, before the script fills them. */
import { html, type Markup } from '../markup.js';

interface LegendItem {
  readonly tone: string;
  readonly text: string;
  /** What the script counts: `phase:1`, or a grouping and the index of its value. */
  readonly count: string;
}

interface Legend {
  readonly title: string;
  readonly items: readonly LegendItem[];
  /** Shown when pages are coloured by it; always without one. */
  readonly grouping?: string;
}

const byWhom = (grouping: string, title: string): Legend => ({
  title,
  grouping,
  items: [
    { tone: 'worker', text: 'a worker, in bulk', count: `${grouping}:0` },
    { tone: 'server', text: 'the fault server, because a mutator waited', count: `${grouping}:1` },
    { tone: 'mutator', text: 'a mutator that wanted it, in its signal handler', count: `${grouping}:2` },
    { tone: 'collector', text: "the collector's own thread", count: `${grouping}:3` },
  ],
});

const legends: readonly Legend[] = [
  byWhom('forwarder', 'Published, forwarded by'),
  byWhom('publisher', 'Published by'),
  {
    title: 'Published,',
    grouping: 'how',
    items: [
      { tone: 'built', text: 'built from evacuated objects', count: 'how:0' },
      { tone: 'updated', text: 'references updated in place', count: 'how:1' },
      { tone: 'as-it-was', text: 'as it was', count: 'how:2' },
    ],
  },
  {
    title: 'Not yet published:',
    items: [
      { tone: 'raw', text: 'stale, nobody has come to it', count: 'phase:1' },
      { tone: 'claimed', text: 'claimed, being forwarded', count: 'phase:2' },
      { tone: 'ready', text: 'ready, its batch not published yet', count: 'phase:3' },
    ],
  },
  {
    title: 'Not stale:',
    items: [
      { tone: 'ahead', text: 'mapped ahead of the flip', count: 'phase:5' },
      { tone: 'idle', text: 'not part of it: free, evacuated, or left alone', count: 'phase:0' },
    ],
  },
];

const waits: readonly (readonly [name: string, text: string])[] = [
  ['running', 'runs'],
  ['wait-server', 'waits for a page, the fault server at work'],
  ['wait-self', 'sees to a page itself, in its signal handler'],
  ['wait-other', 'waits for a page that somebody else is forwarding'],
  ['wait-pause', 'pause'],
  ['wait-stall', 'waits for memory'],
  ['wait-pace', 'is held back to keep pace'],
];

function legendOf({ title, items, grouping }: Legend): Markup {
  const rows = items.map(
    ({ tone, text, count }) =>
      html`<li><i class="swatch block" style="--colour:var(--replay-${tone})"></i>${text} <b data-count="${count}"></b></li>`,
  );
  return html`<ul class="legend"${grouping && html` data-grouping="${grouping}" hidden`}><li class="faint">${title}</li>${rows}</ul>`;
}

export const replayBody: Markup = html`
<p>At the flip every mutator is given a new view of the heap in which no <em>stale</em> page can be seen: none that holds
references to objects that have moved, or whose objects have not arrived yet. From then on <em>workers</em> go through the heap, make
page after page right and publish them in batches. A mutator that touches a page before that faults and waits, and that one page is
forwarded at once: by the fault server, or by the mutator itself. Play it, or drag the slider; a page that is clicked tells what happened to it.</p>
<noscript><p class="warning">The replay needs JavaScript.</p></noscript>
<div class="replay">
<div class="controls">
<label data-part="recording-label">Run <select data-part="recording"></select></label>
<label>Cycle <select data-part="cycle"></select></label>
<label>Colour by <select data-part="grouping"><option value="forwarder">who forwarded the page</option><option value="publisher">who published it</option><option value="how">what was done to it</option></select></label>
</div>
<div class="controls">
<button type="button" data-part="begin">To the flip</button>
<button type="button" data-part="play">Play</button>
<label>Speed <select data-part="speed"><option value="10">1 : 10</option><option value="100">1 : 100</option><option value="1000" selected>1 : 1,000</option><option value="10000">1 : 10,000</option></select></label>
<p class="now" data-part="now"></p>
</div>
<div class="tracks">
<label for="replay-slider">time after the flip</label>
<input type="range" id="replay-slider" data-part="slider" min="0" max="1" value="0">
<div class="labels"><div class="axis-label"></div><div class="curve-label" data-part="curve-label"></div><div data-part="lane-labels"></div></div>
<div class="lanes" data-part="lanes"><canvas data-part="axis"></canvas><canvas data-part="curve"></canvas><div data-part="lane-canvases"></div><div class="playhead" data-part="playhead"></div></div>
<div></div>
<ul class="legend">${waits.map(([name, text]) => html`<li data-wait="${name}"><i class="swatch block" style="--colour:var(--replay-${name})"></i>${text}</li>`)}</ul>
<div></div>
<p class="small">A lane's bars stand for the share of the time that its mutator spent so. What a fault server serves counts from when it reads of the
fault until the page is published; the thread switches around that are in no record.</p>
</div>
<div class="legends">${legends.map(legendOf)}</div>
<div class="stage">
<div class="heap">
<h3>The heap: a square is a page, a frame a region</h3>
<div class="stack-of-canvases" data-part="grid-box"><canvas data-part="grid" tabindex="0" role="application" aria-label="Pages of the heap. Arrow keys go from page to page, page up and down from region to region."></canvas><canvas data-part="rings" aria-hidden="true"></canvas></div>
<h3>Close-up: who does what around this moment
<select data-part="close-up-length" aria-label="Length of the close-up"><option value="50000">50 µs</option><option value="200000" selected>200 µs</option><option value="1000000">1 ms</option><option value="5000000">5 ms</option></select></h3>
<div class="close-up"><div data-part="close-up-labels"></div><div data-part="close-up-box"><canvas data-part="close-up"></canvas></div></div>
</div>
<div class="page" aria-live="polite">
<h3 data-part="page-title">Page</h3>
<p class="faint small" data-part="page-place"></p>
<label class="small">Go to page <input type="number" min="0" data-part="page-number"></label>
<div class="stack-of-canvases"><canvas data-part="lens" tabindex="0" role="application" aria-label="The page's region. Arrow keys go from page to page."></canvas><canvas data-part="lens-rings" aria-hidden="true"></canvas></div>
<p class="state" data-part="page-state"></p>
<ol data-part="history"></ol>
<p class="small faint" data-part="no-history">Nothing was recorded of it in this cycle.</p>
<div data-part="waits-box"><h3>The longest waits for a page</h3><ol class="small" data-part="waits"></ol></div>
</div>
</div>
</div>`;
