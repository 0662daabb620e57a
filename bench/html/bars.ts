/** Bar charts as plain elements: readable at any width, without a script, and by those who hear them. */
import { html, type Markup, type Piece } from './markup.js';

export interface Bar {
  readonly name: Piece;
  /** Undefined where there is none, because it failed. */
  readonly value: number | undefined;
  readonly text: string;
  readonly colour: string;
  readonly interval?: readonly [low: number, high: number] | undefined;
  readonly best?: boolean;
}

/** Bars from zero, with their intervals as whiskers. The longest, its interval included, fills the track. */
export function bars(rows: readonly Bar[]): Markup {
  const most = Math.max(...rows.map(({ value = 0, interval }) => Math.max(value, interval?.[1] ?? 0)));
  const part = (value: number) => `${((100 * value) / most).toFixed(2)}%`;
  return html`<div class="bars">${rows.map(({ name, value, text, colour, interval, best }) => {
    const range =
      interval && html`<span class="range" style="--low:${part(interval[0])};--high:${part(interval[1])}"></span>`;
    const bar = html`<span class="bar" style="--to:${part(value ?? 0)};--colour:${colour}"></span>${range}`;
    const failed = html`<span class="failed bad">✕ failed</span>`;
    return html`<div><span class="name${best && ' best'}">${name}</span>
<span class="track" aria-hidden="true">${value === undefined ? failed : bar}</span>
<span class="value${best && ' best'}">${text}</span></div>`;
  })}</div>`;
}

export interface Stack {
  readonly name: Piece;
  readonly parts: readonly { readonly label: string; readonly value: number; readonly colour: string }[];
  readonly text: string;
  /** What a part is called when it is pointed at. */
  readonly partText: (value: number) => string;
}

/** Stacked bars from zero, the longest the whole track. */
export function stacks(rows: readonly Stack[]): Markup {
  const total = ({ parts }: Stack) => parts.reduce((sum, { value }) => sum + value, 0);
  const most = Math.max(...rows.map(total));
  return html`<div class="bars">${rows.map((row) => {
    const segments = row.parts.map(({ label, value, colour }) => {
      const width = `${((100 * value) / most).toFixed(3)}%`;
      return html`<i style="--to:${width};--colour:${colour}" title="${label}: ${row.partText(value)}"></i>`;
    });
    return html`<div><span class="name">${row.name}</span>
<span class="stack" aria-hidden="true">${segments}</span>
<span class="value">${row.text}</span></div>`;
  })}</div>`;
}
