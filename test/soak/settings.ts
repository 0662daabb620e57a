/** What a round of the soak does: drawn from a seed and a number alone, and plain data, so that it can be repeated. */
import type { AheadChoice, EvacuationPolicy, PublishPolicy, WalkPolicy } from '../../gc/options.js';
import { type BarrierKind, HUGE_PAGE_BYTES, PAGE_BYTES } from '../../heap/index.js';
import { Random } from '../support/random.js';
import { WAYS, type Way } from '../support/ways.js';
import { drawInjection, type Injection } from './injections.js';
import { drawProgram, type Program } from './programs.js';

/** What the machine can do; the rest is left out of what is drawn. */
export interface Means {
  readonly resolutions: readonly string[];
  readonly kernelBarrier: boolean;
  readonly poison: boolean;
  readonly hugePages: boolean;
}

export interface RoundSettings {
  readonly round: number;
  /** Of the programs in it. */
  readonly seed: number;
  /** In a process of its own, or in the long-lived one. */
  readonly fresh: boolean;
  readonly program: Program;
  readonly way: Way;
  readonly pageBytes: number;
  readonly choices: {
    readonly barrier: BarrierKind;
    readonly poison: boolean;
    readonly userfaultfds: number;
  };
  readonly collector: {
    readonly workers: number;
    readonly publish: PublishPolicy;
    readonly walk: WalkPolicy;
    readonly evacuate: EvacuationPolicy;
    readonly maxLiveShare: number;
    readonly ahead: AheadChoice;
    readonly batch?: number;
    readonly faultServers?: number;
    readonly greyChunks?: number;
    readonly residentFree?: number;
  };
  readonly injection: Injection;
  /** Calls the verifier before each cycle and after it. */
  readonly verify: boolean;
  /** Beside a stress program: mutator threads that die. */
  readonly deaths?: boolean;
  /** Never drawn: leaves its heap open, so that a check for leaks has one to find. */
  readonly leak?: true;
}

/** One round in so many has a process of its own. */
const FRESH_EVERY = 3;

export function drawRound(seed: number, round: number, means: Means): RoundSettings {
  const random = new Random(Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) + Math.imul(round + 1, 0xc2b2ae35));
  for (let i = 0; i < 4; i++) random.next(); // neighbours in the state are not neighbours in what comes of it
  const way = random.pick(WAYS.filter(({ resolution }) => means.resolutions.includes(resolution)));
  const pageBytes =
    means.hugePages && way.resolution === 'continue' && way.flip === 'bank' && random.chance(0.1)
      ? HUGE_PAGE_BYTES
      : PAGE_BYTES;
  const injection = fitting(drawInjection(random, way), pageBytes);
  const program = drawProgram(random, pageBytes);
  const choices = drawChoices(random, way, means);
  const needsOwnProcess = injection.env !== undefined || pageBytes === HUGE_PAGE_BYTES;
  return {
    round,
    seed: random.next() % 2 ** 31,
    fresh: needsOwnProcess || random.below(FRESH_EVERY) === 0,
    program,
    ...{ way, pageBytes, choices },
    collector: drawCollector(random, way, program, choices.userfaultfds),
    injection,
    verify: program.kind === 'stress' || random.chance(0.3),
    deaths: program.kind === 'stress' && random.chance(0.3),
  };
}

/** Partial answers, and pages that somebody else has mapped first, are of 4 KiB: no kernel maps a part of a huge one. */
function fitting({ refuse, ...injection }: Injection, pageBytes: number): Injection {
  if (refuse === undefined) return injection;
  const whole = refuse.filter(({ pages, error }) => pages === undefined && error !== 'EEXIST');
  return { ...injection, refuse: pageBytes === HUGE_PAGE_BYTES ? whole : refuse };
}

function drawChoices(random: Random, { resolution, flip }: Way, means: Means): RoundSettings['choices'] {
  const watched = resolution !== 'protect' && resolution !== 'stw';
  return {
    barrier: watched && means.kernelBarrier && random.chance(0.2) ? 'kernel' : 'software',
    poison: watched && means.poison && random.chance(0.25),
    userfaultfds: watched && flip === 'bank' && random.chance(0.3) ? 2 : 1,
  };
}

function drawCollector(
  random: Random,
  { delivery }: Way,
  program: Program,
  userfaultfds: number,
): RoundSettings['collector'] {
  const regions = program.heapMiB;
  return {
    workers: random.pick([1, 2, 2, 3]),
    publish: random.chance(0.25) ? 'lazy' : 'eager',
    walk: random.chance(0.25) ? 'faults' : 'address',
    evacuate: program.kind === 'stress' ? random.pick(['sparse', 'sparse', 'sparse', 'full', 'none']) : 'sparse',
    maxLiveShare: random.pick([0.7, 0.85, 0.95]),
    ahead: random.pick<AheadChoice>(['auto', 'always', 'always', 'never']),
    ...(random.chance(0.6) && { batch: random.pick([1, 7, 64, 256]) }),
    ...(delivery === 'handler' && { faultServers: Math.max(userfaultfds, random.pick([1, 1, 2, 4])) }),
    ...(random.chance(0.2) && { greyChunks: 4 }),
    ...(random.chance(0.4) && { residentFree: random.pick([0, 1, Math.floor(regions / 4), regions]) }),
  };
}
