/** The points of a sweep, a configuration's invocation each, and the order in which they are run. */
import { configKey } from '../configurations/describe.js';
import { below, nextRandom, seedState } from '../random.js';
import { isPeerConfig, type SweepConfig } from '../schema/index.js';

export interface Point {
  readonly config: SweepConfig;
  /** Which invocation of its configuration, from 0. */
  readonly invocation: number;
}

/** Sets the order apart from what workloads draw from the same seed. */
const orderStream = 0x0d3a;

/** The same for ways of one round that are measured side by side, in turns. */
function besideOf({ config, invocation }: Point): string | undefined {
  if (isPeerConfig(config) || config.turns === undefined) return undefined;
  const { resolution: _, delivery: __, flip: ___, ...shared } = config;
  return JSON.stringify([shared, invocation]);
}

/** Points in their order, those together that are measured side by side. */
export function inGroups(points: readonly Point[]): Point[][] {
  const groups = new Map<string | Point, Point[]>();
  for (const point of points) {
    const key = besideOf(point) ?? point;
    groups.set(key, [...(groups.get(key) ?? []), point]);
  }
  return [...groups.values()];
}

/**
 * Rounds: each holds every configuration once, shuffled anew. What drifts on the machine hits all configurations alike,
 * and none always comes after the same other one (running-ng, and Mytkowicz et al., Producing wrong data, 2009).
 */
export function inRounds(configs: readonly SweepConfig[], invocations: number, seed: number): Point[] {
  let state = seedState(seed, orderStream);
  const points: Point[] = [];
  for (let invocation = 0; invocation < invocations; invocation++) {
    const round = [...configs];
    for (let last = round.length - 1; last > 0; last--) {
      state = nextRandom(state);
      const other = below(state, last + 1);
      [round[last], round[other]] = [round[other], round[last]];
    }
    points.push(...round.map((config) => ({ config, invocation })));
  }
  return points;
}

/** The same text for the same point. */
export function pointKey({ config, invocation }: Point): string {
  return `${invocation} ${configKey(config)}`;
}
