/** Two ways to do the same thing, measured in turns: what drifts on the machine hits both. */
import { type Spread, spreadOf } from '../statistics/sample.js';

/** A suite whose benchmarks have something to be compared with; what it cannot measure it says and leaves out. */
export interface ComparedSuite {
  readonly name: string;
  readonly compare: (options: CompareOptions, tell: (result: Comparison) => void, leftOut: LeftOut) => Promise<void>;
}

/** Hears of what was not measured: because there is no such thing here (NotHere), or because it failed. */
export type LeftOut = (name: string, error: unknown) => void;

/** Something that this machine or this version cannot do; no fault of the run. */
export class NotHere extends Error {
  override readonly name = 'NotHere';
}

export interface CompareOptions {
  /** How long one pair goes on, s; three turns at least. */
  readonly seconds: number;
  /** Small sizes and one turn: shows that everything runs, not what it costs. */
  readonly quick: boolean;
}

/** Figures by their names, such as p50. */
export type Figures = Readonly<Record<string, number>>;

export interface Pair {
  readonly name: string;
  readonly unit: string;
  readonly ours: () => Figures | Promise<Figures>;
  readonly bare: () => Figures;
}

/** One figure of a pair. */
export interface Comparison {
  readonly suite: string;
  readonly name: string;
  readonly unit: string;
  /** Over the turns. */
  readonly ours: Spread;
  readonly bare: Spread;
  /** Median of ours over median of the bare program's. */
  readonly ratio: number;
  /** Least of ours over least of the bare program's: where other threads took most of the turns, this says more. */
  readonly ratioOfBest: number;
}

const leastTurns = 3;

/** Takes turns, the bare one first, and tells one comparison for each figure that both have. */
export async function comparePair(
  suite: string,
  { name, unit, ours, bare }: Pair,
  { seconds, quick }: CompareOptions,
  tell: (result: Comparison) => void,
): Promise<void> {
  const turns: { readonly ours: Figures; readonly bare: Figures }[] = [];
  const least = quick ? 1 : leastTurns;
  const end = performance.now() + (quick ? 0 : seconds * 1000);
  while (turns.length < least || performance.now() < end) {
    const first = bare();
    turns.push({ bare: first, ours: await ours() });
  }
  for (const figure of Object.keys(turns[0].bare)) {
    const [a, b] = (['ours', 'bare'] as const).map((side) => spreadOf(turns.map((turn) => turn[side][figure])));
    if (a.count === 0 || b.count === 0) continue;
    tell({
      suite,
      name: figure === '' ? name : `${name}, ${figure}`,
      unit,
      ours: a,
      bare: b,
      ratio: a.median / b.median,
      ratioOfBest: a.min / b.min,
    });
  }
}
