/**
 * What goes wrong on purpose in a round. The one place where injections are drawn: a new one is a line in INJECTIONS,
 * and, where it is neither sabotage nor environment, a field of Injection.
 */
import type { Sabotage, Step } from '../../gc/index.js';
import { arm, canInject, type Rule, seenBy } from '../support/inject.js';
import { refusalsOf } from '../support/injected-runs.js';
import type { Random } from '../support/random.js';
import type { Way } from '../support/ways.js';

export interface Injection {
  /** Threads of the collector are lost; `most` in a cycle, fewer than the attempts that a cycle has. */
  readonly lose?: { readonly phases: readonly Step[]; readonly chance: number; readonly how: 'throw' | 'exit' };
  readonly most?: number;
  readonly delay?: { readonly phases: readonly Step[]; readonly chance: number; readonly ms: number };
  readonly lingerMs?: number;
  readonly slowServerMs?: number;
  /** System calls that fail, from the end of the first cycle on. */
  readonly refuse?: readonly Rule[];
  /** Of the round's process, which is its own then. */
  readonly env?: Readonly<Record<string, string>>;
  /** Never drawn: a page that is not updated, so that a round has something to fail of. */
  readonly skipUpdate?: true;
}

interface Kind {
  readonly chance: number;
  readonly applies: (way: Way) => boolean;
  readonly draw: (random: Random, way: Way) => Injection;
}

const always = () => true;
const byHandler = ({ delivery }: Way) => delivery === 'handler';
/** Chance of sleeping times how long: what an average step may cost, ms. */
const MEAN_DELAY_MS = 0.02;

/** By name. What one draws replaces what those before it drew of the same field. */
export const INJECTIONS: Readonly<Record<string, Kind>> = {
  'lose before the flip': {
    chance: 0.12,
    applies: always,
    draw: (random) => ({ lose: { phases: ['mark', 'plan'], chance: 0.02, how: how(random) }, most: 2 }),
  },
  'lose in a compaction': {
    chance: 0.15,
    applies: always,
    draw: (random, way) => ({
      lose: {
        phases: ['compact', 'recover', 'serve'],
        chance: often(way, random.pick([0.001, 0.004])),
        how: how(random),
      },
      most: 4,
    }),
  },
  'lose servers': {
    chance: 0.15,
    applies: byHandler,
    draw: (random) => ({ lose: { phases: ['serve'], chance: random.pick([0.01, 0.3]), how: how(random) }, most: 7 }),
  },
  delay: {
    chance: 0.25,
    applies: always,
    draw: (random) => {
      const ms = random.pick([1, 3, 10]);
      const phases = random.pick<Step[]>([['compact'], ['serve'], ['mark'], ['ahead', 'plan'], ['compact', 'serve']]);
      return { delay: { phases, ms, chance: MEAN_DELAY_MS / ms } };
    },
  },
  linger: { chance: 0.3, applies: always, draw: (random) => ({ lingerMs: random.pick([1, 3, 10]) }) },
  'refused calls': {
    chance: 0.2,
    applies: ({ resolution }) => canInject && resolution !== 'stw',
    draw: (random, way) => ({
      refuse: random.pick(refusalsOf(way).filter(({ mended }) => mended)).rules,
      env: { CONTINUUM_INJECT: '1' },
    }),
  },
  'slow server': { chance: 0.1, applies: byHandler, draw: (random) => ({ slowServerMs: random.pick([0.1, 1]) }) },
};

export function drawInjection(random: Random, way: Way): Injection {
  let drawn: Injection = {};
  for (const { chance, applies, draw } of Object.values(INJECTIONS)) {
    if (random.chance(chance) && applies(way)) drawn = { ...drawn, ...draw(random, way) };
  }
  return drawn;
}

/** An injection at work: what the collector is told, and what it has done so far. */
export class Injector {
  readonly sabotage: Sabotage;
  private readonly left = new Int32Array(new SharedArrayBuffer(4));
  private readonly slept = new Int32Array(new SharedArrayBuffer(4));
  private lostBefore = 0;
  private armed = false;

  constructor(private readonly injection: Injection) {
    const { lose, delay, lingerMs, slowServerMs, skipUpdate } = injection;
    Atomics.store(this.left, 0, this.most);
    this.sabotage = {
      ...(lose && { lose: { ...lose, left: this.left } }),
      ...(delay && { delay: { ...delay, slept: this.slept } }),
      ...(lingerMs !== undefined && { lingerMs }),
      ...(slowServerMs !== undefined && { slowServerMs }),
      ...(skipUpdate && { skipUpdate }),
    };
  }

  /** Threads that were lost. */
  get losses(): number {
    return this.lostBefore + Math.min(this.most, this.most - Atomics.load(this.left, 0));
  }

  get delays(): number {
    return Atomics.load(this.slept, 0);
  }

  /** System calls that were refused. */
  get refused(): number {
    const { refuse = [] } = this.injection;
    return this.armed ? refuse.reduce((sum, _, rule) => sum + seenBy(rule).fired, 0) : 0;
  }

  /** To be called after each cycle: others may be lost in the next. */
  replenish(): void {
    const { refuse } = this.injection;
    if (refuse !== undefined && !this.armed) {
      arm(refuse);
      this.armed = true;
    }
    this.lostBefore += Math.min(this.most, this.most - Atomics.exchange(this.left, 0, this.most));
  }

  private get most(): number {
    return this.injection.lose === undefined ? 0 : (this.injection.most ?? 1);
  }
}

function how(random: Random): 'throw' | 'exit' {
  return random.pick(['throw', 'exit']);
}

/** With the world stopped there are few steps to be lost at. */
function often({ resolution }: Way, chance: number): number {
  return resolution === 'stw' ? 20 * chance : chance;
}
