/**
 * Where threads of a test wait for each other: a lock, and a meeting at which all threads stand still while the main
 * thread looks at the heap. Waiting is for mutators to do inside parked().
 */
const Word = {
  LOCK: 0,
  /** Number of the meeting that is called; threads come to it when they see it change. */
  CALLED: 1,
  ARRIVED: 2,
  /** Number of the last meeting that is over. */
  OVER: 3,
  /** A thread cannot go on without a meeting. */
  NEEDED: 4,
  STOP: 5,
  /** A number that the main thread tells all. */
  TOLD: 6,
  WORDS: 8,
} as const;

export type MeetingHandle = Int32Array<SharedArrayBuffer>;

export class Meeting {
  constructor(readonly handle: MeetingHandle = new Int32Array(new SharedArrayBuffer(4 * Word.WORDS))) {}

  // ---- threads

  /** A meeting is called, and the thread has not been to it. */
  get called(): boolean {
    return Atomics.load(this.handle, Word.CALLED) !== this.over;
  }

  get stopped(): boolean {
    return Atomics.load(this.handle, Word.STOP) !== 0;
  }

  get told(): number {
    return Atomics.load(this.handle, Word.TOLD);
  }

  private get over(): number {
    return Atomics.load(this.handle, Word.OVER);
  }

  /** Waits until the meeting that is called is over. */
  attend(): void {
    const { handle } = this;
    const number = Atomics.load(handle, Word.CALLED);
    Atomics.add(handle, Word.ARRIVED, 1);
    Atomics.notify(handle, Word.ARRIVED);
    for (let over = this.over; over < number && !this.stopped; over = this.over) {
      Atomics.wait(handle, Word.OVER, over, 100);
    }
  }

  /** Asks for a meeting, and waits until there is one to attend. */
  need(): void {
    const { handle } = this;
    Atomics.store(handle, Word.NEEDED, 1);
    while (!this.called && !this.stopped) Atomics.wait(handle, Word.CALLED, this.over, 100);
  }

  tryLock(): boolean {
    return Atomics.compareExchange(this.handle, Word.LOCK, 0, 1) === 0;
  }

  /** Waits for the lock. False: the threads were told to stop meanwhile, and it is not had. */
  lock(): boolean {
    for (;;) {
      if (this.tryLock()) return true;
      if (this.stopped) return false;
      Atomics.wait(this.handle, Word.LOCK, 1, 100);
    }
  }

  unlock(): void {
    Atomics.store(this.handle, Word.LOCK, 0);
    Atomics.notify(this.handle, Word.LOCK, 1);
  }

  // ---- the main thread

  get needed(): boolean {
    return Atomics.load(this.handle, Word.NEEDED) !== 0;
  }

  /** Runs `look` while `threads` threads stand still. Rejects if they are told to stop instead. */
  async hold(threads: number, look: () => Promise<void> | void): Promise<void> {
    const { handle } = this;
    const number = Atomics.add(handle, Word.CALLED, 1) + 1;
    Atomics.notify(handle, Word.CALLED);
    for (let here = 0; here < threads; here = Atomics.load(handle, Word.ARRIVED)) {
      if (this.stopped) throw new Error('the meeting was called off');
      const wait = Atomics.waitAsync(handle, Word.ARRIVED, here, 100);
      if (wait.async) await wait.value;
    }
    try {
      await look();
    } finally {
      Atomics.store(handle, Word.ARRIVED, 0);
      Atomics.store(handle, Word.NEEDED, 0);
      Atomics.store(handle, Word.OVER, number);
      Atomics.notify(handle, Word.OVER);
    }
  }

  tell(number: number): void {
    Atomics.store(this.handle, Word.TOLD, number);
  }

  stop(): void {
    Atomics.store(this.handle, Word.STOP, 1);
  }
}
