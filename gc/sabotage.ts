/** Ways to break the collector on purpose, so that tests can see each caught, or mended. */
export interface Sabotage {
  /** Publish one kept page a worker and cycle without updating it. */
  readonly skipUpdate?: boolean;
  /** Throw the mutators' barrier logs away instead of shading them. */
  readonly dropBarrier?: boolean;
  /** Forget written pages that the kernel barrier found: of regions older than the cycle, or of those born in it. */
  readonly dropWritten?: 'old' | 'new';
  /** Map pages ahead of the flip without telling mutators, so that what they store makes no page go back. */
  readonly deafAhead?: boolean;
  /** Not sabotage by itself: wait so long between mapping pages ahead and the flip, so that mutators get at them. */
  readonly lingerMs?: number;
  /** Not sabotage by itself: fault server 0 takes so long over a message once it knows which flip was the last. */
  readonly slowServerMs?: number;
  /** Lose threads of the collector. */
  readonly lose?: Loss;
}

export interface Loss {
  /** What the thread is doing: `recover` loses the one that finishes another's pages, `serve` a fault server. */
  readonly phases: readonly ('mark' | 'plan' | 'ahead' | 'compact' | 'recover' | 'serve')[];
  /** Chance that it is lost at any one of its steps: a slice of marking, a region of a plan, a page. */
  readonly chance: number;
  /** It throws, or its thread ends without a word. */
  readonly how: 'throw' | 'exit';
}

/** What a thread does at each step in `phase`: nothing, or be lost now and then. */
export function stepIn(phase: Loss['phases'][number], sabotage: Sabotage | undefined): (() => void) | undefined {
  const loss = sabotage?.lose;
  if (!loss?.phases.includes(phase)) return undefined;
  return () => {
    if (Math.random() >= loss.chance) return;
    if (loss.how === 'exit') process.exit(1); // of a worker: its thread ends here
    throw new Error(`lost on purpose (${phase})`);
  };
}
