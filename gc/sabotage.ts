/** Ways to break the collector on purpose, so that tests can see the verifier and the digest catch each. */
export interface Sabotage {
  /** Publish one kept page a worker and cycle without updating it. */
  readonly skipUpdate?: boolean;
  /** Throw the mutators' barrier logs away instead of shading them. */
  readonly dropBarrier?: boolean;
  /** Forget written pages that the kernel barrier found: of regions older than the cycle, or of those born in it. */
  readonly dropWritten?: 'old' | 'new';
}
