/** In the answers of `IdTable.rankOf`: an id that is not in the table. */
export const absent = -1;

/**
 * From an object's id in a dump to its rank among all of them, ascending.
 *
 * Ids are addresses, so a directory by address leads to a few neighbours, which are in the same cache line; where ids
 * are crowded (nobody promises they are addresses) a binary search keeps the worst case at log n.
 */
export class IdTable {
  /** The ids, ascending and distinct. */
  readonly ids: Float64Array;
  private readonly lowest: number;
  private readonly bucketsPerId: number;
  /** First rank of each bucket, and one more. */
  private readonly directory: Uint32Array;

  /** @param ids in any order, with repetitions */
  constructor(ids: Float64Array) {
    this.ids = distinct(ids.slice().sort());
    const count = this.ids.length;
    this.lowest = count === 0 ? 0 : this.ids[0];
    const span = count === 0 ? 1 : this.ids[count - 1] - this.lowest + 1;
    this.bucketsPerId = Math.min(1, count / span);
    this.directory = new Uint32Array(Math.floor((span - 1) * this.bucketsPerId) + 2);
    let bucket = 0;
    for (let rank = 0; rank < count; rank++) {
      for (const own = this.bucketOf(this.ids[rank]); bucket <= own; bucket++) this.directory[bucket] = rank;
    }
    this.directory.fill(count, bucket);
  }

  get count(): number {
    return this.ids.length;
  }

  /** Rank of `id`, or `absent`. */
  rankOf(id: number): number {
    const bucket = this.bucketOf(id);
    if (!(bucket >= 0 && bucket < this.directory.length - 1)) return absent;
    let low = this.directory[bucket];
    let high = this.directory[bucket + 1];
    while (high - low > 4) {
      const middle = (low + high) >>> 1;
      if (this.ids[middle] > id) high = middle;
      else low = middle;
    }
    for (; low < high; low++) if (this.ids[low] === id) return low;
    return absent;
  }

  private bucketOf(id: number): number {
    return Math.floor((id - this.lowest) * this.bucketsPerId);
  }
}

function distinct(sorted: Float64Array): Float64Array {
  let kept = 0;
  for (let i = 0; i < sorted.length; i++) {
    if (i === 0 || sorted[i] !== sorted[i - 1]) sorted[kept++] = sorted[i];
  }
  return sorted.subarray(0, kept);
}
