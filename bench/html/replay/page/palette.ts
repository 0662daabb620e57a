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

/** The tone of a page at the present time. */
export function toneOf(timeline: Timeline, grouping: Grouping, page: number): number {
  const phase = timeline.phases[page];
  return phase === Phase.PUBLISHED ? firstTone[grouping] + timeline.groups[grouping][page] : phase;
}

const known = new Map<string, string>();

/** The theme is another: colours are read anew. */
export function forgetColours(): void {
  known.clear();
}

/** A custom property of the page as it is now. */
export function cssColour(name: string): string {
  const place = document.querySelector('.replay') ?? document.documentElement;
  const colour = known.get(name) ?? getComputedStyle(place).getPropertyValue(`--${name}`).trim();
  known.set(name, colour);
  return colour;
}

/** Custom properties as the four bytes of a pixel each. */
export function pixelsOf(names: readonly string[]): Uint32Array {
  const canvas = document.createElement('canvas');
  canvas.width = names.length;
  canvas.height = 1;
  const context = canvas.getContext('2d', { willReadFrequently: true })!;
  for (const [i, name] of names.entries()) {
    context.fillStyle = cssColour(name);
    context.fillRect(i, 0, 1, 1);
  }
  return new Uint32Array(context.getImageData(0, 0, names.length, 1).data.buffer);
}
