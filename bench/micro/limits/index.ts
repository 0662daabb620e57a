/**
 * The suite `limits`: what the project adds to the kernel's own cost. Each measure of the bare program native/limits is
 * taken in turns with the same thing done through the library.
 */
import { RESOLUTIONS } from '../../../gc/index.js';
import {
  type ComparedSuite,
  type CompareOptions,
  type Comparison,
  comparePair,
  type LeftOut,
  NotHere,
  type Pair,
} from '../comparison.js';
import { Arena } from './arena.js';
import { handOutPair, publishPair } from './bulk.js';
import { DELIVERIES } from './deliveries.js';
import { FaultBench } from './fault.js';
import { limitsNames } from './program.js';

const suite = 'limits';

interface Sizes {
  readonly faultPages: number;
  readonly bulkPages: number;
  readonly runs: readonly number[];
  /** Timed rounds a turn, on either side. */
  readonly rounds: number;
}

const sizes: Sizes = { faultPages: 16384, bulkPages: 8192, runs: [1, 16, 64, 256, 512], rounds: 2 };
const quickSizes: Sizes = { faultPages: 256, bulkPages: 512, runs: [1, 16, 512], rounds: 1 };

type Tell = (result: Comparison) => void;

async function compare(options: CompareOptions, tell: Tell, leftOut: LeftOut): Promise<void> {
  const chosen = options.quick ? quickSizes : sizes;
  const names = limitsNames();
  for (const name of names) {
    if (!hasRival(name)) continue;
    try {
      const opened = await open(name, chosen);
      try {
        for (const pair of opened.pairs) await comparePair(suite, pair, options, tell);
      } finally {
        await opened.close();
      }
    } catch (error) {
      leftOut(name, error);
    }
  }
  for (const resolution of Object.keys(RESOLUTIONS)) {
    const name = `publish.${resolution}`;
    if (!names.includes(name)) leftOut(name, new NotHere('the bare program has no such call'));
  }
}

/** The bare program also shows ways that we do not go: another way to wait for faults, and to zero memory. */
function hasRival(name: string): boolean {
  return !name.startsWith('fault.poll.') && name !== 'handout.zeropage';
}

interface Opened {
  readonly pairs: readonly Pair[];
  readonly close: () => void | Promise<void>;
}

/** `name` is the bare program's: the kind, the delivery for faults, and the resolution. */
async function open(name: string, { faultPages, bulkPages, runs, rounds }: Sizes): Promise<Opened> {
  const [kind, ...rest] = name.split('.');
  const resolution = rest.at(-1)!;
  const delivery = kind === 'fault' ? DELIVERIES[rest[0]] : null;
  if (delivery === undefined) throw new NotHere(`there is no delivery ${rest[0]}`);
  if (RESOLUTIONS[resolution] === undefined) throw new NotHere(`there is no resolution ${resolution}`);
  if (delivery !== null) {
    const bench = await FaultBench.open(delivery, resolution, faultPages);
    return { pairs: bench.pairs(), close: () => bench.close() };
  }
  const arena = new Arena(resolution, bulkPages);
  const pairs = kind === 'publish' ? runs.map((run) => publishPair(arena, run, rounds)) : [handOutPair(arena, rounds)];
  return { pairs, close: () => arena.close() };
}

export const limitsSuite: ComparedSuite = { name: suite, compare };
