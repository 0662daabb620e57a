type Column = Float64Array | Uint32Array;

/** A typed array that doubles as it is pushed to. */
abstract class Growable<T extends Column> {
  length = 0;

  constructor(protected array: T) {}

  push(value: number): void {
    if (this.length === this.array.length) this.array = this.resized(this.length * 2);
    this.array[this.length++] = value;
  }

  /** What was pushed, without a copy: valid until the next push. */
  get values(): T {
    return this.array.subarray(0, this.length) as T;
  }

  protected abstract resized(length: number): T;
}

export class GrowableFloat64 extends Growable<Float64Array> {
  constructor() {
    super(new Float64Array(1024));
  }

  protected resized(length: number): Float64Array {
    const larger = new Float64Array(length);
    larger.set(this.array);
    return larger;
  }
}

export class GrowableUint32 extends Growable<Uint32Array> {
  constructor() {
    super(new Uint32Array(1024));
  }

  protected resized(length: number): Uint32Array {
    const larger = new Uint32Array(length);
    larger.set(this.array);
    return larger;
  }
}
