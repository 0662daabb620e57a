/** What can go wrong with a heap, as one class: `code` for programs, the message for people. */
export type HeapErrorCode =
  | 'shape'
  | 'huge-pages'
  | 'handle'
  | 'detached'
  | 'parked'
  | 'too-many-mutators'
  | 'stack-overflow'
  | 'safepoint'
  | 'no-collector'
  | 'corrupt';

export class HeapError extends Error {
  override readonly name = 'HeapError';
  constructor(
    readonly code: HeapErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** No room, although the collector has done what it can. The heap is intact; the mutator may drop objects and go on. */
export class OutOfMemoryError extends Error {
  override readonly name = 'OutOfMemoryError';
  constructor(
    /** Bytes that were asked for. */
    readonly requestedBytes: number,
    readonly heapBytes: number,
    detail: string,
  ) {
    super(
      `out of memory: ${requestedBytes} bytes asked of a heap of ${heapBytes / 2 ** 20} MiB (${detail}); ` +
        'give the heap more memory or keep less alive',
    );
  }
}
