/** What a chart is made of: written into the page by the report, drawn there by chart.ts. Types alone. */

/** How values of an axis are written. */
export type Unit = 'µs' | 'ms' | 'bytes' | 'heap' | 'share' | 'nines' | 'count';

export interface AxisSpec {
  readonly label: string;
  readonly unit: Unit;
  /** Logarithmic; values that are not above zero are then not drawn. */
  readonly log?: boolean;
  /** Where its ticks are; without them the chart chooses. */
  readonly ticks?: readonly number[];
}

export interface SeriesSpec {
  readonly label: string;
  /** Index of its colour: `--way-N`. */
  readonly shade: number;
  readonly dash: readonly number[];
  /** Sorted by x. */
  readonly points: readonly (readonly [x: number, y: number])[];
  /** Interval of each point, where there is one. */
  readonly intervals?: readonly (readonly [low: number, high: number] | null)[];
  /** Where it has no value because it failed. */
  readonly failed?: readonly number[];
  /** Whether points are marked: few of them, each measured by itself. */
  readonly marked?: boolean;
}

export interface ChartSpec {
  readonly x: AxisSpec;
  readonly y: AxisSpec;
  readonly series: readonly SeriesSpec[];
}
