/** The report's own rules. Plain, so that figures stand out; both themes from one table of colours. */
import { type Shade, shades, surfaces } from './colours.js';

function properties(theme: 0 | 1): string {
  const named: [string, Shade][] = [
    ...Object.entries(surfaces),
    ...shades.map((s, i): [string, Shade] => [`way-${i}`, s]),
  ];
  return named.map(([name, shade]) => `--${name}:${shade[theme]}`).join(';');
}

const rules = `
*{box-sizing:border-box}
html{scroll-behavior:smooth}
@media (prefers-reduced-motion:reduce){html{scroll-behavior:auto}}
body{margin:0 auto;max-width:1280px;padding:0 24px 64px;background:var(--ground);color:var(--ink);
  font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Liberation Sans",sans-serif;overflow-wrap:anywhere}
a{color:var(--accent)}
h1{font-size:22px;margin:0}
h2{font-size:20px;margin:40px 0 8px;padding-top:12px;border-top:1px solid var(--line)}
h3{font-size:15px;margin:20px 0 4px}
p{margin:6px 0;max-width:95ch}
code,.mono{font-family:ui-monospace,"Liberation Mono",Menlo,monospace;font-size:.93em}
.faint{color:var(--faint)}
.small{font-size:13px}
.bad{color:var(--bad)}
.good{color:var(--good)}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
.skip{position:absolute;left:-999px}
.skip:focus{left:8px;top:8px;background:var(--ground);padding:4px 8px;z-index:9}
header{display:flex;gap:4px 24px;align-items:flex-start;justify-content:space-between;padding:18px 0 6px}
header p{margin:2px 0}
button{font:inherit;font-size:13px;color:var(--ink);background:var(--panel);border:1px solid var(--line);border-radius:6px;
  padding:5px 12px;cursor:pointer;white-space:nowrap}
nav{position:sticky;top:0;z-index:5;background:var(--ground);border-bottom:1px solid var(--line);margin:0 -24px;padding:0 24px}
nav ul{display:flex;gap:0 18px;list-style:none;margin:0;padding:0;overflow-x:auto;white-space:nowrap;font-size:13px}
nav a{display:inline-block;padding:7px 0;text-decoration:none}
nav a:hover{text-decoration:underline}
section{scroll-margin-top:34px}
main>section:first-child h2{border-top:0;margin-top:8px}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,480px),1fr));gap:16px;margin:8px 0 16px}
.card{background:var(--panel);border:1px solid var(--line);border-radius:8px;padding:12px 16px;min-width:0}
.card h3{margin:0;font-size:13px;font-weight:600;color:var(--faint)}
.headline{font-size:19px;line-height:1.35;margin:4px 0 10px;font-weight:600}
.card figure{margin:0}
figcaption{font-size:13px;color:var(--faint);margin:4px 0}
.bars{display:grid;grid-template-columns:max-content minmax(60px,1fr) max-content;gap:4px 10px;align-items:center;
  margin:0;font-size:14px;line-height:1.3}
.bars>div{display:contents}
.bars .name{text-align:left;max-width:34ch}
.bars .value{text-align:right;font-variant-numeric:tabular-nums}
.bars .best{font-weight:700}
.track{position:relative;height:20px;background:linear-gradient(var(--line),var(--line)) left/1px 100% no-repeat}
.track .bar{position:absolute;left:0;top:2px;bottom:2px;width:var(--to);background:var(--colour);border-radius:0 3px 3px 0}
.track .range{position:absolute;top:50%;left:var(--low);width:calc(var(--high) - var(--low));min-width:1px;height:0;
  border-top:2px solid var(--ink);outline:1px solid color-mix(in srgb,var(--ground) 70%,transparent)}
.track .range::before,.track .range::after{content:"";position:absolute;top:-5px;height:8px;border-left:2px solid var(--ink)}
.track .range::before{left:0}
.track .range::after{right:0}
.track .failed{font-size:13px;padding-left:6px;line-height:20px}
.stack{position:relative;height:20px;display:flex}
.stack i{display:block;height:100%;width:var(--to);background:var(--colour)}
.swatch{display:inline-block;width:20px;height:0;border-top:4px solid var(--colour);vertical-align:middle;margin-right:7px}
.swatch.dashed{border-top-style:dashed}
.swatch.dotted{border-top-style:dotted}
.swatch.block{width:13px;height:13px;border:0;background:var(--colour);border-radius:2px}
.legend{display:flex;flex-wrap:wrap;gap:2px 18px;list-style:none;padding:0;margin:6px 0;font-size:13px}
.wide{overflow-x:auto;margin:8px 0;border:1px solid var(--line);border-radius:6px}
table{border-collapse:collapse;font-size:13px;font-variant-numeric:tabular-nums}
.wide>table{width:100%}
caption{text-align:left;padding:8px 7px;font-weight:600;font-size:13px}
caption .faint{font-weight:400}
th,td{padding:3px 7px;text-align:right;white-space:nowrap;overflow-wrap:normal;vertical-align:top}
thead th{border-bottom:1px solid var(--line);vertical-align:bottom;line-height:1.25}
tbody th{text-align:left;font-weight:400;position:sticky;left:0;background:var(--ground)}
tbody th{white-space:pre}
thead th:first-child{text-align:left;position:sticky;left:0;background:var(--ground);z-index:1}
tbody tr:hover>*{background:var(--panel)}
tr.group th{font-weight:600;color:var(--faint);padding-top:9px}
td.text,th.text{text-align:left;white-space:normal}
td .best{font-weight:700;color:var(--good)}
dl.facts{display:grid;grid-template-columns:max-content 1fr;gap:2px 18px;margin:8px 0;font-size:14px}
dl.facts dt{color:var(--faint)}
dl.facts dd{margin:0;min-width:0}
.warning{border-left:3px solid var(--bad);padding:2px 12px;margin:8px 0;background:var(--panel)}
details{margin:6px 0}
summary{cursor:pointer;font-size:13px;color:var(--accent)}
.charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,540px),1fr));gap:8px 24px}
figure.chart{margin:8px 0;min-width:0}
figure.chart figcaption{color:var(--ink);font-weight:600}
.plot{min-height:260px}
.plot .u-legend{font-size:12px;text-align:left;margin:0}
.plot .u-legend .u-marker{width:18px;height:0;border-width:2px 0 0!important;vertical-align:middle}
.plot .u-legend th,.plot .u-legend td{padding:1px 3px;text-align:left;position:static;background:none;border:0;font-size:12px}
.plot .u-legend th::after{content:none}
.plot .u-legend .u-label{font-weight:400}
.plot .u-legend tr:hover>*{background:none}
.plot .u-legend .u-value{min-width:4.5em}
ul.plain{margin:6px 0;padding-left:20px}
@media (max-width:620px){
  body{padding:0 12px 48px}
  nav{margin:0 -12px;padding:0 12px}
  .card{padding:10px 12px}
  .headline{font-size:17px}
  .bars{grid-template-columns:1fr max-content;gap:0 8px}
  .bars .track,.bars .stack{grid-column:1/-1;margin-bottom:7px;order:3}
  .bars>div{display:grid;grid-template-columns:subgrid;grid-column:1/-1}
  dl.facts{grid-template-columns:1fr}
  dl.facts dd{margin-bottom:6px}
  th,td{padding:3px 8px}
}
@media print{nav,button{display:none}}
`;

const light = properties(0);
const dark = properties(1);

/** The style sheet as text. */
export const styleSheet = `:root{color-scheme:light;${light}}
@media (prefers-color-scheme:dark){:root:not([data-theme=light]){color-scheme:dark;${dark}}}
:root[data-theme=dark]{color-scheme:dark;${dark}}${rules}`;
