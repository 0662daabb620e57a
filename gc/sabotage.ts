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
  /** Throw away the slots that mutators logged while pages were mapped ahead. */
  readonly dropAhead?: boolean;
  /** Not sabotage by itself: wait so long between mapping pages ahead and the flip, so that mutators get at them. */
  readonly lingerMs?: number;
  /** Not sabotage by itself: fault server 0 takes so long over a message once it knows which flip was the last. */
  readonly slowServerMs?: number;
  /** Lose threads of the collector. */
  readonly lose?: Loss;
  /** Let threads of the collector sleep where others wait for them. */
  readonly delay?: Delay;
}

/**
 * What a thread is doing: `recover` finishes the pages of one that was lost, `collector` does so on the collector's own
 * thread, which is the last; `serve` is a fault server, and `claim` one that has just claimed a page.
 */
export type Step = 'mark' | 'plan' | 'ahead' | 'compact' | 'recover' | 'collector' | 'serve' | 'claim';

export interface Loss {
  readonly phases: readonly Step[];
  /** Chance that it is lost at any one of its steps: a slice of marking, a region of a plan, a page. */
  readonly chance: number;
  /** It throws, or its thread ends without a word (the collector's own always throws). */
  readonly how: 'throw' | 'exit';
  /** Shared: how many may still be lost. Each that is takes one; whoever runs the test puts some back. */
  readonly left?: Int32Array;
}

export interface Delay {
  readonly phases: readonly Step[];
  /** Chance at any one step, and how long it sleeps. */
  readonly chance: number;
  readonly ms: number;
  /** Shared: counts how often somebody slept. */
  readonly slept?: Int32Array;
}

const sleeper = new Int32Array(new SharedArrayBuffer(4));

/** What a thread does at each step in `phase`: nothing, or sleep or be lost now and then. */
export function stepIn(phase: Step, sabotage: Sabotage | undefined): (() => void) | undefined {
  const loss = sabotage?.lose?.phases.includes(phase) ? sabotage.lose : undefined;
  const delay = sabotage?.delay?.phases.includes(phase) ? sabotage.delay : undefined;
  if (loss === undefined && delay === undefined) return undefined;
  return () => {
    if (delay !== undefined && Math.random() < delay.chance) {
      if (delay.slept !== undefined) Atomics.add(delay.slept, 0, 1);
      Atomics.wait(sleeper, 0, 0, delay.ms);
    }
    if (loss !== undefined && Math.random() < loss.chance && mayLose(loss)) {
      if (loss.how === 'exit' && phase !== 'collector') process.exit(1); // of a worker: its thread ends here
      throw new Error(`lost on purpose (${phase})`);
    }
  };
}

function mayLose({ left }: Loss): boolean {
  return left === undefined || Atomics.sub(left, 0, 1) > 0;
}
