/** The curve of faults and the lanes of the mutators below the slider, on one axis of time. */
import type { CycleTables, Lane } from '../data.js';
import { spanText } from '../history.js';
import { faultRates, sharesOf, type Wait, waitNames } from '../waits.js';
import { cssColour } from './palette.js';

const curveHeight = 64;
const laneHeight = 26;
const axisHeight = 20;

/** A canvas of a given size in CSS pixels, cleared, in whose context a unit is such a pixel. */
export function fitted(canvas: HTMLCanvasElement, width: number, height: number): CanvasRenderingContext2D {
  const ratio = devicePixelRatio;
  canvas.width = Math.max(1, Math.round(width * ratio));
  canvas.height = Math.round(height * ratio);
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  const context = canvas.getContext('2d')!;
  context.scale(ratio, ratio);
  context.font = '11px system-ui, sans-serif';
  return context;
}

/** Times between two others at round distances, ns, few enough that their labels fit. */
export function roundTimes(from: number, to: number, width: number): number[] {
  const most = Math.max(2, width / 90);
  const raw = (to - from) / most;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = power * ([1, 2, 5, 10].find((factor) => factor * power >= raw) ?? 10);
  const times: number[] = [];
  for (let k = Math.ceil(from / step); k * step <= to; k++) times.push(k * step);
  return times;
}

/** The axis: time since the flip. */
export function drawAxis(canvas: HTMLCanvasElement, width: number, spanNs: number): void {
  const context = fitted(canvas, width, axisHeight);
  context.fillStyle = cssColour('faint');
  context.strokeStyle = cssColour('line');
  for (const time of roundTimes(0, spanNs, width)) {
    const x = (time / spanNs) * width;
    context.beginPath();
    context.moveTo(x, 0);
    context.lineTo(x, 5);
    context.stroke();
    const text = time === 0 ? 'flip' : spanText(time);
    const half = context.measureText(text).width / 2;
    context.fillText(text, Math.min(width - 2 * half, Math.max(0, x - half)), 16);
  }
}

/** Faults in a millisecond; returns the highest rate, which the curve's top stands for. */
export function drawCurve(canvas: HTMLCanvasElement, width: number, tables: CycleTables, spanNs: number): number {
  const context = fitted(canvas, width, curveHeight);
  // A stretch is 1 ms, or wider where that would be less than 2 pixels, or narrower where there would be few.
  const stretch = Math.max(1, Math.ceil((2 * spanNs) / 1e6 / width));
  const columns = Math.max(40, Math.ceil(spanNs / 1e6 / stretch));
  const rates = faultRates(tables, 0, spanNs, columns);
  const most = rates.reduce((a, b) => Math.max(a, b), 0);
  context.fillStyle = cssColour('faint');
  for (const [i, rate] of rates.entries()) {
    const height = most > 0 ? (rate / most) * (curveHeight - 2) : 0;
    const x = Math.round((i / columns) * width);
    context.fillRect(x, curveHeight - height, Math.max(1, Math.round(((i + 1) / columns) * width) - x), height);
  }
  context.fillStyle = cssColour('line');
  context.fillRect(0, curveHeight - 1, width, 1);
  return most;
}

/** One mutator's lane: how much of each stretch of time it spent waiting, and for what. */
export function drawLane(canvas: HTMLCanvasElement, width: number, waits: readonly Wait[], spanNs: number): void {
  const context = fitted(canvas, width, laneHeight);
  context.fillStyle = cssColour('replay-running');
  context.fillRect(0, 0, width, laneHeight);
  const columns = Math.max(1, Math.floor(width));
  const filled = new Float64Array(columns);
  for (const name of waitNames) {
    context.fillStyle = cssColour(`replay-wait-${name}`);
    for (const [x, share] of sharesOf(waits, name, 0, spanNs, columns).entries()) {
      if (share === 0) continue;
      // Whatever there is can be seen; a pause goes over the whole lane, because it is everybody's.
      const height = name === 'pause' ? laneHeight : Math.max(2, share * laneHeight);
      const from = name === 'pause' ? 0 : filled[x];
      const shown = Math.min(height, laneHeight - from);
      context.fillRect(x, laneHeight - from - shown, 1, shown);
      filled[x] += shown;
    }
  }
}

/** Lanes that are mutators, as indices. */
export function mutatorLanes(lanes: readonly Lane[]): number[] {
  return lanes.flatMap(({ role }, lane) => (role === 'mutator' ? [lane] : []));
}
