/**
 * Delivery by handler: a fault server reads the kernel's messages and resolves each page. It touches the workspace
 * only; a touch of a view from here would wait for itself.
 */
import type { RecordableHistogram } from 'node:perf_hooks';
import { Control, type Heap, Own, ownBase, RegionState } from '../../heap/index.js';
import { EVENT_PAGEFAULT, FAULT_MINOR } from '../../native/index.js';
import { Forwarder } from '../forwarder.js';
import type { ResolutionKind } from '../resolution/index.js';

/** Messages read at once. */
const MESSAGES = 64;
const WORDS = 4;

export interface HandlerOptions {
  readonly heap: Heap;
  readonly resolution: ResolutionKind;
  /** Staging slot that is this server's. */
  readonly slot: number;
  /** Nanoseconds from reading a message to the page's being published; only faults that this server resolved. */
  readonly service: RecordableHistogram;
}

/** A mutator touched memory that no object can stand on. */
export class StrayAccess extends Error {
  override readonly name = 'StrayAccess';
}

/** Serves faults until the collector says stop. Throws StrayAccess. */
export function serve({ heap, resolution, slot, service }: HandlerOptions): void {
  const { control, layout, meta, space } = heap;
  const messages = new Float64Array(MESSAGES * WORDS);
  const bases = space.views.map((view) => view.address);
  let forwarder: Forwarder | null = null;
  while (Atomics.load(control, Control.STOP) === 0) {
    const count = space.userfaultfd.read(messages, 1000);
    // Before COMPACTING is looked at: a collector that ends a compaction clears that word, and then waits for this one.
    Atomics.add(control, Control.SERVING, 1);
    for (let i = 0; i < count; i++) {
      if (messages[i * WORDS] !== EVENT_PAGEFAULT) continue;
      const began = performance.now();
      const flags = messages[i * WORDS + 1];
      const address = messages[i * WORDS + 2];
      const base = bases.find((from) => address >= from && address < from + layout.spanBytes);
      if (base === undefined) continue; // a range of somebody else's that shares our descriptor: not ours to touch
      const page = Math.floor((address - base) / layout.pageBytes);
      const region = Math.floor(page / layout.pagesPerRegion);
      const generation = Atomics.load(control, Control.GENERATION);
      if (forwarder?.pages.generation !== generation) {
        forwarder = new Forwarder({ heap, resolution, generation, cycle: Atomics.load(control, Control.CYCLE) });
      }
      if (forwarder.pages.state(page) === 0 && !mayFault(heap, region)) {
        throw new StrayAccess(strayMessage(address - base, page, region, meta.regionState[region]));
      }
      Atomics.add(control, (flags & FAULT_MINOR) !== 0 ? Control.FAULTS_MINOR : Control.FAULTS_MISSING, 1);
      countForMutator(heap, messages[i * WORDS + 3]);
      const published = forwarder.resolve(page, slot);
      if (published) service.record(Math.max(1, Math.round((performance.now() - began) * 1e6)));
      report(control, forwarder, published);
    }
    Atomics.sub(control, Control.SERVING, 1);
    Atomics.notify(control, Control.SERVING);
  }
}

/** Adds what the forwarder did since the last fault to the shared counts. */
function report(control: Int32Array, { counts }: Forwarder, published: boolean): void {
  if (published) Atomics.add(control, Control.FAULT_PUBLISHED, 1);
  if (counts.built > 0) Atomics.add(control, Control.FAULT_BUILT, counts.built);
  if (counts.updated > 0) Atomics.add(control, Control.FAULT_UPDATED, counts.updated);
  if (counts.mapped > 0) Atomics.add(control, Control.FAULT_KEPT, counts.mapped);
  counts.built = counts.updated = counts.mapped = 0;
}

/** A RAW page may be touched only while a compaction runs, and only where objects can be. */
function mayFault(heap: Heap, region: number): boolean {
  if (Atomics.load(heap.control, Control.COMPACTING) === 0) return false;
  const state = heap.meta.regionState[region];
  return state !== RegionState.FREE && state !== RegionState.EVACUATED && state !== RegionState.NULL;
}

function countForMutator(heap: Heap, thread: number): void {
  for (let i = 0; i < heap.layout.mutators; i++) {
    const base = ownBase(i);
    if (heap.control[base + Own.THREAD] === thread) {
      Atomics.add(heap.control, base + Own.FAULTS, 1);
      return;
    }
  }
}

function strayMessage(offset: number, page: number, region: number, state: number): string {
  const name = Object.entries(RegionState).find(([, value]) => value === state)?.[0] ?? 'unknown';
  const hint =
    state === RegionState.NULL
      ? 'a null reference was followed'
      : 'a reference was used after a safepoint at which its object may have moved or died';
  return `a mutator touched heap offset ${offset} (page ${page}, region ${region}, ${name}), where no object stands: ${hint}`;
}
