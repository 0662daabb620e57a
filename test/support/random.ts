/** Seeded pseudo-random numbers (mulberry32), so that a failing run can be repeated. */
export class Random {
  private state: number;

  constructor(seed: number) {
    this.state = seed >>> 0;
  }

  /** 32 random bits, unsigned. */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let t = this.state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (t ^ (t >>> 14)) >>> 0;
  }

  /** A whole number in [0, end). */
  below(end: number): number {
    return Math.floor((this.next() / 2 ** 32) * end);
  }

  /** A whole number in [first, last]. */
  between(first: number, last: number): number {
    return first + this.below(last - first + 1);
  }

  /** True with probability `p`. */
  chance(p: number): boolean {
    return this.next() < p * 2 ** 32;
  }

  /** A whole number in [first, last] whose logarithm is uniform: as many around 10 as around 10,000. */
  spread(first: number, last: number): number {
    return Math.min(last, Math.floor(first * ((last + 1) / first) ** (this.next() / 2 ** 32)));
  }

  pick<T>(from: readonly T[]): T {
    return from[this.below(from.length)]!;
  }
}

/** A seed of this run's own, unless CONTINUUM_SEED says which. */
export function chooseSeed(): number {
  const asked = process.env.CONTINUUM_SEED;
  return asked === undefined ? Date.now() % 2 ** 31 : Number(asked);
}
