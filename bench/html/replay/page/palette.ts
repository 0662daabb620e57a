/** Colours of the replay: custom properties that change with the theme, as numbers that a canvas takes. */
import { type Grouping, Phase, type Timeline } from '../timeline.js';

/** Tones by name: custom properties `--replay-NAME`. States first, in their order. */
export const tones = [
  ...['idle', 'raw', 'claimed', 'ready', 'published', 'ahead'],
  ...['worker', 'server', 'mutator', 'collector'],
  ...['built', 'updated', 'as-it-was'],
] as const;

/** First tone of a grouping: the tones of its values follow each other. */
export const firstTone: Readonly<Record<Grouping, number>> = {
  forwarder: tones.indexOf('worker'),
  publisher: tones.indexOf('worker'),
  how: tones.indexOf('built'),
};

/** The tone of each page of a cycle once it is published. */
export function toneOf(timeline: Timeline, grouping: Grouping, page: number): number {
  const phase = timeline.phases[page];
  return phase === Phase.PUBLISHED ? firstTone[grouping] + timeline.groups[grouping][page] : phase;
}

/** A custom property of the page as it is now. */
export function cssColour(name: string): string {
  const place = document.querySelector('.replay') ?? document.documentElement;
  return getComputedStyle(place).getPropertyValue(`--${name}`).trim();
}

/** Every tone as the four bytes of a pixel, in the order of `tones`. */
export function pixelsOfTones(): Uint32Array {
  const canvas = document.createElement('canvas');
  canvas.width = tones.length;
  canvas.height = 1;
  const context = canvas.getContext('2d', { willReadFrequently: true })!;
  for (const [i, tone] of tones.entries()) {
    context.fillStyle = cssColour(`replay-${tone}`);
    context.fillRect(i, 0, 1, 1);
  }
  return new Uint32Array(context.getImageData(0, 0, tones.length, 1).data.buffer);
}

