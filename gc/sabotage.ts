/** Ways to break the collector on purpose, so that tests can see the verifier and the digest catch each. */
export interface Sabotage {
  /** Publish one kept page a worker and cycle without updating it. */
  readonly skipUpdate?: boolean;
  /** Throw the mutators' barrier logs away instead of shading them. */
  readonly dropBarrier?: boolean;
  /** Map pages ahead of the flip without telling mutators, so that what they store makes no page go back. */
  readonly deafAhead?: boolean;
  /** Throw away the slots that mutators logged while pages were mapped ahead. */
  readonly dropAhead?: boolean;
  /** Not sabotage by itself: wait so long between mapping pages ahead and the flip, so that mutators get at them. */
  readonly lingerMs?: number;
}
