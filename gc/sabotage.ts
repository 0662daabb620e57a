/** Ways to break the collector on purpose, so that tests can see the verifier and the digest catch each. */
export interface Sabotage {
  /** Publish one kept page a worker and cycle without updating it. */
  readonly skipUpdate?: boolean;
  /** Forget what the write barrier noticed, logs or written pages, instead of shading it. */
  readonly dropBarrier?: boolean;
}
