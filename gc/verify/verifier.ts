/**
 * The verifier: walks everything reachable and checks it against the metadata. For tests and `inspect`; every mutator
 * must be stopped and no compaction under way.
 */
import { Control, GRANULE_BYTES, type Heap, RegionState, testBit } from '../../heap/index.js';
import { HeapGraph, settle } from './graph.js';

export interface VerifyReport {
  readonly objects: number;
  readonly bytes: number;
  readonly references: number;
  readonly freeRegions: number;
}

/** The heap is not what it must be. The message names the object, and the slot that led to it. */
export class VerifyError extends Error {
  override readonly name = 'VerifyError';
}

/** Verifies the whole heap. Throws VerifyError at the first thing that is wrong. */
export function verifyHeap(heap: Heap): VerifyReport {
  settle(heap);
  const freeRegions = verifyRegions(heap);
  return { ...new Tracer(heap).run(), freeRegions };
}

/** Region table: states that fit together, tops inside their regions, free regions without objects. */
function verifyRegions(heap: Heap): number {
  const { control, layout, meta } = heap;
  let free = 0;
  for (let region = 0; region < layout.regions; region++) {
    const state = meta.regionState[region];
    const first = region * layout.granulesPerRegion;
    const top = meta.regionTop[region];
    const wrong = (what: string) => new VerifyError(`region ${region} (${nameOf(state)}): ${what}`);
    if (top < first || top > first + layout.granulesPerRegion) throw wrong(`its top is ${top}`);
    if (meta.regionPins[region] < 0) throw wrong(`it is pinned ${meta.regionPins[region]} times`);
    if (state === RegionState.FREE) {
      free++;
      const starts = meta.starts.subarray(first >>> 5, (first + layout.granulesPerRegion) >>> 5);
      if (starts.some((word) => word !== 0)) throw wrong('an object starts in it');
    } else if (state === RegionState.EVACUATED || state === RegionState.TARGET) {
      throw wrong('no cycle runs');
    } else if (state === RegionState.HUMONGOUS_TAIL) {
      const head = meta.regionHead[region];
      const count = Math.ceil(meta.regionSize[head] / layout.granulesPerRegion);
      if (meta.regionState[head] !== RegionState.HUMONGOUS || region - head >= count)
        throw wrong(`its head is ${head}`);
    }
  }
  if (free !== Atomics.load(control, Control.FREE)) {
    throw new VerifyError(`${free} regions are free, the count says ${Atomics.load(control, Control.FREE)}`);
  }
  return free;
}

/** Traces from the roots with a bitmap of its own, so that a wrong mark cannot hide anything. */
class Tracer {
  private readonly graph: HeapGraph;
  private readonly seen: Uint32Array;
  private readonly stack: number[] = [];

  constructor(private readonly heap: Heap) {
    this.graph = new HeapGraph(heap);
    this.seen = new Uint32Array(heap.layout.granules / 32);
  }

  run(): { objects: number; bytes: number; references: number } {
    const { graph, stack } = this;
    let objects = 0;
    let granules = 0;
    let references = 0;
    let index = 0;
    for (const root of graph.roots()) {
      this.visit(root, -1, index);
      index++;
    }
    while (stack.length > 0) {
      const object = stack.pop()!;
      objects++;
      granules += graph.granules(object);
      const count = graph.references(object);
      references += count;
      for (let slot = 0; slot < count; slot++) {
        this.visit(graph.reference(object, slot), object, slot);
      }
    }
    return { objects, bytes: granules * GRANULE_BYTES, references };
  }

  /** `holder` -1: root number `slot`. */
  private visit(object: number, holder: number, slot: number): void {
    if (object === 0) return;
    if (object > 0 && object < this.heap.layout.granules && testBit(this.seen, object)) return;
    this.check(object, holder, slot);
    this.seen[object >>> 5] |= 1 << (object & 31);
    this.stack.push(object);
  }

  /** Everything that must hold of an object somebody refers to. */
  private check(object: number, holder: number, slot: number): void {
    const { layout, meta } = this.heap;
    const wrong = (what: string) =>
      new VerifyError(
        `${holder < 0 ? `root ${slot}` : `slot ${slot} of object ${holder}`} refers to granule ${object}: ${what}`,
      );
    if (object < 0 || object >= layout.granules) throw wrong('outside the heap');
    const region = this.graph.region(object);
    const state = meta.regionState[region];
    if (state !== RegionState.OPEN && state !== RegionState.KEPT && state !== RegionState.HUMONGOUS) {
      throw wrong(`in region ${region}, which is ${nameOf(state)}`);
    }
    if (!testBit(meta.starts, object)) throw wrong('no object starts there');
    const granules = this.graph.granules(object);
    const references = this.graph.references(object);
    if (granules < 1 || 2 * granules < 2 + references) {
      throw wrong(`its header says ${granules} granules and ${references} references`);
    }
    const first = region * layout.granulesPerRegion;
    if (state === RegionState.HUMONGOUS) {
      if (object !== first || granules !== meta.regionSize[region]) throw wrong('it is not the humongous object there');
      return;
    }
    if (object + granules > meta.regionTop[region])
      throw wrong(`it ends past its region's top, ${meta.regionTop[region]}`);
    for (let granule = object + 1; granule < object + granules; granule++) {
      if (testBit(meta.starts, granule)) throw wrong(`another object starts inside it, at ${granule}`);
    }
  }
}

function nameOf(state: number): string {
  return Object.entries(RegionState).find(([, value]) => value === state)?.[0] ?? `state ${state}`;
}
