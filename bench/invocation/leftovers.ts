/** What a collection leaves behind: room in used regions that no object has, and dead objects that it kept. */
import type { CycleRecord } from '../../gc/index.js';
import { settle, verifyHeap } from '../../gc/verify/index.js';
import { Control, GRANULE_BYTES, type Heap, RegionState } from '../../heap/index.js';
import type { Measurement } from '../schema/index.js';

type Fragmentation = NonNullable<Measurement['memory']['fragmentation']>;

/**
 * The share of the used regions that holds nothing which the collection took for live, with the regions that it freed
 * and without them. To be called when the cycle has just ended; a pass over the region table, beside the mutators.
 */
export function fragmentationOf(heap: Heap, { reclaimedBytes }: Pick<CycleRecord, 'reclaimedBytes'>): Fragmentation {
  const { heldBytes, usedBytes } = afterCycle(heap);
  const share = (used: number) => (used === 0 ? 0 : Math.max(0, 1 - heldBytes / used));
  return { before: share(usedBytes + reclaimedBytes), after: share(usedBytes) };
}

/**
 * Floating garbage, bytes: what the collection that has just ended holds for live, because it was when it was marked or
 * was allocated since, less what a walk from the roots finds now. Every mutator is stopped.
 *
 * @throws VerifyError what can be reached is not what it must be
 */
export function floatingBytesOf(heap: Heap): number {
  settle(heap);
  return afterCycle(heap).heldBytes - verifyHeap(heap).bytes;
}

/** What is in the regions once a cycle has ended: bytes of objects taken for live, and of all regions in use. */
function afterCycle({ meta, layout, control }: Heap): { heldBytes: number; usedBytes: number } {
  const { regionState, regionBorn, regionLive, regionTop } = meta;
  const cycle = Atomics.load(control, Control.CYCLE);
  let held = 0;
  let used = 0;
  for (let region = 0; region < layout.regions; region++) {
    const state = Atomics.load(regionState, region);
    if (state === RegionState.FREE || state === RegionState.NULL) continue;
    used++;
    const filled = regionTop[region] - region * layout.granulesPerRegion;
    // Targets are full of what was live, and what was opened since the cycle began is taken to be.
    const isNew = state === RegionState.OPEN || regionBorn[region] >= cycle || regionLive[region] === 0;
    if (state === RegionState.HUMONGOUS || state === RegionState.HUMONGOUS_TAIL) held += filled;
    else held += isNew ? filled : regionLive[region];
  }
  return { heldBytes: held * GRANULE_BYTES, usedBytes: used * layout.regionBytes };
}
