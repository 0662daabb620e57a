/**
 * The region table: who holds which MiB.
 *
 *     FREE ──mutator──▶ OPEN ──full, or a handshake──▶ KEPT ──plan──▶ EVACUATED ──reclaim──▶ FREE
 *     FREE ──plan──▶ TARGET ──reclaim──▶ KEPT
 *     FREE ──mutator──▶ HUMONGOUS, HUMONGOUS_TAIL… ──plan, when dead──▶ FREE
 *
 * A state is changed by compare-and-swap from FREE, and by its owner otherwise: the mutator that opened a region, or
 * the collector for regions that nobody has open.
 */
import { Control } from './control.js';
import type { Layout } from './layout.js';
import type { Metadata } from './metadata.js';

/** The same values as RegionState in native/src/kernels/heap_core.h; loading the kernels compares the two. */
export const RegionState = {
  FREE: 0,
  OPEN: 1,
  KEPT: 2,
  EVACUATED: 3,
  TARGET: 4,
  HUMONGOUS: 5,
  HUMONGOUS_TAIL: 6,
  /** Region 0, so that no object has reference 0. It never has memory: a null dereference is caught as a fault. */
  NULL: 7,
} as const;

export class RegionTable {
  constructor(
    private readonly layout: Layout,
    private readonly meta: Metadata,
    private readonly control: Int32Array,
  ) {}

  /** Free regions now. */
  get free(): number {
    return Atomics.load(this.control, Control.FREE);
  }

  /** Takes one free region into `state`; -1 if none, or if it would leave fewer than `leave` behind. */
  take(state: number, leave = 0): number {
    if (Atomics.sub(this.control, Control.FREE, 1) <= leave) {
      Atomics.add(this.control, Control.FREE, 1);
      return -1;
    }
    const { regionState } = this.meta;
    // Lowest first: what was used before has its memory still, and building into a hole costs three times as much.
    for (let region = 0; region < this.layout.regions; region++) {
      if (regionState[region] !== RegionState.FREE) continue;
      if (Atomics.compareExchange(regionState, region, RegionState.FREE, state) === RegionState.FREE) return region;
    }
    Atomics.add(this.control, Control.FREE, 1);
    return -1;
  }

  /** Takes a run of `count` free regions for a humongous object; its head, or -1. All are HUMONGOUS_TAIL so far. */
  takeRun(count: number, leave = 0): number {
    const { regionState } = this.meta;
    if (Atomics.sub(this.control, Control.FREE, count) < leave + count) {
      Atomics.add(this.control, Control.FREE, count);
      return -1;
    }
    let length = 0;
    for (let region = 0; region < this.layout.regions; region++) {
      const taken =
        Atomics.compareExchange(regionState, region, RegionState.FREE, RegionState.HUMONGOUS_TAIL) === RegionState.FREE;
      length = taken ? length + 1 : this.giveBack(region - length, length);
      if (length === count) return region - count + 1;
    }
    this.giveBack(this.layout.regions - length, length);
    Atomics.add(this.control, Control.FREE, count);
    return -1;
  }

  /** Makes region free again. Its start bits must be clear. The collector only. */
  release(region: number): void {
    const { meta } = this;
    meta.regionTop[region] = region * this.layout.granulesPerRegion;
    meta.regionLive[region] = 0;
    meta.regionBorn[region] = 0;
    Atomics.store(meta.regionState, region, RegionState.FREE);
    Atomics.add(this.control, Control.FREE, 1);
  }

  private giveBack(first: number, count: number): 0 {
    for (let i = first; i < first + count; i++) Atomics.store(this.meta.regionState, i, RegionState.FREE);
    return 0;
  }
}
