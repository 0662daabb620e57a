/** A thread of the collector that was lost: it threw, ran out of memory, or ended. */
export class WorkerLost extends Error {
  override readonly name = 'WorkerLost';
  constructor(
    readonly phase: string,
    cause: unknown,
  ) {
    super(`a worker was lost in ${phase}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}
