/** Words through which the players of a program and the main thread keep to its order. */
const Word = { NEXT: 0, READY: 1, ARRIVED: 2, OVER: 3, FAILED: 4, WORDS: 5 } as const;

export type TurnsHandle = Int32Array<SharedArrayBuffer>;

export class Turns {
  constructor(readonly handle: TurnsHandle = new Int32Array(new SharedArrayBuffer(4 * Word.WORDS))) {}

  /** The operation that is to be done next; -1 until all players are ready. */
  get next(): number {
    return Atomics.load(this.handle, Word.NEXT) - 1;
  }

  /** One of `players` is there. Waits for the others. */
  start(players: number): void {
    if (Atomics.add(this.handle, Word.READY, 1) + 1 === players) this.done(-1);
    while (this.next < 0 && !this.failed) this.sleep(-1);
  }

  get failed(): boolean {
    return Atomics.load(this.handle, Word.FAILED) !== 0;
  }

  /** Operation `at` has been done. */
  done(at: number): void {
    this.put(Word.NEXT, at + 2);
  }

  /** Sleeps until `at` is no longer the next. May return early. */
  sleep(at: number): void {
    Atomics.wait(this.handle, Word.NEXT, at + 1, 20);
  }

  /** One player has come to the end of the program. */
  arrive(): void {
    Atomics.add(this.handle, Word.ARRIVED, 1);
    Atomics.notify(this.handle, Word.ARRIVED);
  }

  /** Waits until the main thread has looked at the heap as the program has left it. */
  awaitEnd(): void {
    while (Atomics.load(this.handle, Word.OVER) === 0 && !this.failed) Atomics.wait(this.handle, Word.OVER, 0, 20);
  }

  /** Nobody goes on. */
  fail(): void {
    this.put(Word.FAILED, 1);
  }

  // ---- the main thread, which must not sleep

  async untilNext(at: number): Promise<void> {
    for (let now = this.next; now < at && !this.failed; now = this.next) await this.whileIt(Word.NEXT, now + 1);
  }

  async untilArrived(players: number): Promise<void> {
    const arrived = () => Atomics.load(this.handle, Word.ARRIVED);
    for (let now = arrived(); now < players && !this.failed; now = arrived()) await this.whileIt(Word.ARRIVED, now);
  }

  end(): void {
    this.put(Word.OVER, 1);
  }

  private async whileIt(word: number, is: number): Promise<void> {
    const wait = Atomics.waitAsync(this.handle, word, is, 20);
    if (wait.async) await wait.value;
  }

  private put(word: number, value: number): void {
    Atomics.store(this.handle, word, value);
    Atomics.notify(this.handle, word);
  }
}
