/**
 * A thread that dies is a thread that left: what detach() would have done is done for it, by whoever finds it dead
 * (Kernels.inherit) and answers for its place from then on: the collector, or a thread that wants to join and finds no
 * place free. Why nothing is lost, wherever the thread was when it ended:
 *
 * - *Its objects.* The region at hand, the end of what it was given there, and how far start bits go are in the shared
 *   words whenever they change (tlab.ts), in this order: memory is zeroed before LIMIT says that it was given, and start
 *   bits are set before INDEXED says so. A header is the first word that is written of an object, it is never 0, and
 *   a reference to it can be stored nowhere before that. So every object that anybody can reach stands in the gap-free
 *   row of headers from INDEXED on; it ends at the first 0. What was cut short behind that, nobody refers to.
 * - *What it overwrote.* A log entry is written before its count, the count before the store itself (barrier.ts): there
 *   may be an entry too many, which shades too much, and never one too few. The same goes for slots that it logged
 *   ahead of a flip, and a page is unmapped before its word says that it was taken back (ahead.ts).
 * - *Its roots* are gone: nobody will read them.
 * - *Regions* that it had taken and not yet said so, pins between the two counts, and the number of free regions are set
 *   right in the next pause (audit.ts).
 *
 * - *A fault* that it was in has come to its end. What ends a thread of JavaScript acts when JavaScript runs again, and a
 *   signal that ends a thread in its own handler ends the process; so no page is left claimed by a handler that is gone.
 *
 * Each step can be done twice: where the heir dies in the middle, the next begins again.
 */
import { PagesAhead } from './ahead.js';
import { BarrierLog } from './barrier.js';
import { Barrier, Control, MutatorState, Own, ownBase } from './control.js';
import type { Heap } from './heap.js';
import { dropAllPins } from './pins.js';
import { RegionState } from './region.js';
import { Safepoint } from './safepoint.js';
import { Tlab } from './tlab.js';

/**
 * Takes over place `index` if its thread has ended, for a thread that runs no pause of its own: where the collector has
 * the dead thread's words, it is waited for. False: the thread lives, or there is none.
 */
export function takeOver(heap: Heap, index: number): boolean {
  if (!inherit(heap, index)) return false;
  const point = new Safepoint(heap.control, index);
  const state = Atomics.load(heap.control, ownBase(index) + Own.STATE);
  if (state === MutatorState.STOPPED || state === MutatorState.SEIZED) point.go();
  return true;
}

/** Whether the calling thread answers for place `index` now, because the thread that was there has ended. */
export function inherit({ kernels, control }: Heap, index: number): boolean {
  const state = ownBase(index) + Own.STATE;
  if (Atomics.load(control, state) === MutatorState.ABSENT) return false;
  return kernels.inherit(index, control, state, MutatorState.ABSENT);
}

/** Detaches the dead mutator of a place that was inherited, and that nobody holds. */
export function detachDead(heap: Heap, index: number): void {
  const { control, meta } = heap;
  const own = ownBase(index);
  try {
    settle(heap, index);
  } catch (error) {
    // What it had logged, or what stands in its region, is known to nobody now: others must not go on without it.
    heap.fail(
      1,
      `what a mutator's dead thread left cannot be settled: ${error instanceof Error ? error.message : error}`,
    );
    throw error;
  }
  control[own + Own.REGION] = -1;
  control[own + Own.DEPTH] = control[own + Own.LOGGED] = 0;
  dropAllPins(meta, meta.pins(index));
  Atomics.store(control, Control.AUDIT, 1);
  Atomics.add(control, Control.DEATHS, 1);
  new Safepoint(control, index).leave();
}

function settle(heap: Heap, index: number): void {
  // While it joined its words were still its predecessor's, or none.
  if (Atomics.load(heap.control, ownBase(index) + Own.STATE) === MutatorState.ATTACHING) return;
  leaveRegion(heap, index);
  settleLog(heap, index);
}

/** What stands in its region gets start bits, and the region is the collector's. */
function leaveRegion(heap: Heap, index: number): void {
  const { meta } = heap;
  const tlab = new Tlab(heap, index).reload();
  // Not OPEN: it had closed the region, and did not come to say so.
  if (tlab.region < 0 || Atomics.load(meta.regionState, tlab.region) !== RegionState.OPEN) return;
  tlab.find();
  tlab.close();
}

function settleLog(heap: Heap, index: number): void {
  const { control, kernels, meta } = heap;
  const log = new BarrierLog(meta.log(index), kernels, control, index);
  const mode = control[ownBase(index) + Own.BARRIER];
  if (mode === Barrier.AHEAD) new PagesAhead(heap).leave(log);
  else if (mode !== Barrier.OFF) log.flush();
}
