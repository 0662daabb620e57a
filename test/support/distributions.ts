/** Draws from known distributions, the same for the same seed. */
import type { Random } from './random.js';

/** A distribution and its median. */
export interface Distribution {
  readonly name: string;
  readonly median: number;
  readonly draw: (random: Random) => number;
}

/** A share in (0, 1). */
const share = (random: Random): number => (random.next() + 0.5) / 2 ** 32;

/** Standard normal, by Box and Muller. */
export function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(share(random))) * Math.cos(2 * Math.PI * share(random));
}

/** What invocations look like: steady, with a tail, and of two kinds. */
export const distributions: readonly Distribution[] = [
  { name: 'normal', median: 100, draw: (random) => 100 + 2 * normal(random) },
  { name: 'lognormal', median: 100, draw: (random) => 100 * Math.exp(0.5 * normal(random)) },
  // 0.7 of them about 100: the median is where 5/7 of those are below, 0.566 deviations above.
  {
    name: 'bimodal',
    median: 100.5659,
    draw: (random) => (random.chance(0.7) ? 100 : 115) + normal(random),
  },
];

export function draws({ draw }: Pick<Distribution, 'draw'>, count: number, random: Random): number[] {
  return Array.from({ length: count }, () => draw(random));
}
