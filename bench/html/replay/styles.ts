/** Rules and colours of the replay. States are told apart by lightness too; who forwarded a page, by hue. */
import type { Shade } from '../colours.js';

const tones: Readonly<Record<string, Shade>> = {
  idle: ['#eceef1', '#20252c'],
  ahead: ['#c4def0', '#24445c'],
  raw: ['#a9b0ba', '#59626f'],
  claimed: ['#f6c700', '#ffe14d'],
  ready: ['#f08a00', '#ff9f2e'],
  published: ['#2f7fc1', '#4da3e8'],
  worker: ['#2f7fc1', '#4a9be0'],
  server: ['#c2185b', '#ff5c9a'],
  mutator: ['#11855a', '#37cf94'],
  collector: ['#16191d', '#f4f6f8'],
  built: ['#00796b', '#3cc7b4'],
  updated: ['#7e57c2', '#b39af0'],
  'as-it-was': ['#c0a16b', '#d9bd86'],
  frame: ['#8a94a1', '#78828f'],
  publish: ['#0d3b66', '#b5dcff'],
  running: ['#e3efe6', '#1f3328'],
  'wait-server': ['#c2185b', '#ff5c9a'],
  'wait-self': ['#11855a', '#37cf94'],
  'wait-other': ['#7e57c2', '#b39af0'],
  'wait-stall': ['#e06c00', '#ff9f2e'],
  'wait-pace': ['#e6b800', '#ffe14d'],
  'wait-pause': ['#a3150c', '#e0483d'],
  'on-tone': ['#ffffff', '#101317'],
  'on-bright': ['#16191d', '#101317'],
};

function properties(theme: 0 | 1): string {
  return Object.entries(tones)
    .map(([name, shade]) => `--replay-${name}:${shade[theme]}`)
    .join(';');
}

const rules = `
#replay .controls{display:flex;flex-wrap:wrap;gap:6px 16px;align-items:center;margin:8px 0;font-size:13px}
#replay .controls label{display:flex;gap:6px;align-items:center;min-width:0;max-width:100%}
#replay select,#replay input[type=number]{min-width:0;font:inherit;font-size:13px;color:var(--ink);background:var(--panel);border:1px solid var(--line);border-radius:6px;padding:4px 6px;max-width:100%}
#replay [hidden]{display:none}
#replay .now{margin:0;flex:1 1 420px;min-height:3em;font-variant-numeric:tabular-nums}
#replay .tracks{display:grid;grid-template-columns:max-content minmax(0,1fr);gap:0 10px;font-size:12px;color:var(--faint);align-items:center}
#replay .tracks input{width:100%;margin:0;height:22px;appearance:none;background:linear-gradient(var(--line),var(--line)) center/100% 4px no-repeat}
#replay input::-webkit-slider-thumb{appearance:none;width:16px;height:16px;border-radius:50%;background:var(--accent);border:2px solid var(--ground)}
#replay input::-moz-range-thumb{width:12px;height:12px;border-radius:50%;background:var(--accent);border:2px solid var(--ground)}
#replay .lanes{position:relative;padding:0 8px;cursor:pointer;min-width:0}
#replay canvas{display:block}
#replay .lanes canvas{margin-bottom:2px}
#replay .axis-label{height:22px}
#replay .curve-label{height:66px;display:flex;align-items:center;max-width:15ch}
#replay .lane-label{height:28px;line-height:26px}
#replay .playhead{position:absolute;top:0;bottom:0;width:2px;margin-left:-1px;background:var(--ink);pointer-events:none}
#replay .legends{margin:10px 0}
#replay .legends ul{margin:0}
#replay .legends b{font-variant-numeric:tabular-nums}
#replay .legends .faint{min-width:11em}
#replay .stage{display:grid;grid-template-columns:minmax(0,1fr) 270px;gap:0 28px;align-items:start}
#replay .stack-of-canvases{position:relative}
#replay .stack-of-canvases canvas+canvas{position:absolute;left:-10px;top:-10px;pointer-events:none}
#replay .heap canvas[tabindex],#replay .page canvas[tabindex]{cursor:crosshair}
#replay .close-up{display:grid;grid-template-columns:max-content minmax(0,1fr);gap:0 10px;font-size:12px;color:var(--faint)}
#replay .close-up canvas{cursor:pointer}
#replay .row-label{height:22px;line-height:22px}
#replay .page{font-size:13px}
#replay .page h3{font-variant-numeric:tabular-nums}
#replay input[type=number]{width:9em}
#replay .page .stack-of-canvases{margin:8px 0}
#replay .state{font-weight:600;min-height:3em}
#replay .page ol{padding:0;margin:6px 0;list-style:none}
#replay .page li{margin:4px 0}
#replay .page li button{padding:0 6px;font-size:12px;font-variant-numeric:tabular-nums}
#replay .episode{border-left:4px solid var(--colour,var(--line));padding:1px 0 1px 8px;opacity:.62}
#replay .episode.past{opacity:1}
#replay .episode button{margin-right:6px}
#replay .episode.worker{--colour:var(--replay-worker)}
#replay .episode.server{--colour:var(--replay-server)}
#replay .episode.mutator{--colour:var(--replay-mutator)}
#replay .episode.collector{--colour:var(--replay-collector)}
#replay .episode.wait{--colour:var(--replay-wait-stall)}
@media (max-width:900px){#replay .stage{grid-template-columns:minmax(0,1fr)}}
`;

const light = properties(0);
const dark = properties(1);

/** The style sheet of the section. */
export const replayStyles = `#replay{${light}}
@media (prefers-color-scheme:dark){:root:not([data-theme=light]) #replay{${dark}}}
:root[data-theme=dark] #replay{${dark}}${rules}`;
