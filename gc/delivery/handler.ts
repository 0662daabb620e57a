/**
 * Delivery by handler: a fault server reads the kernel's messages and resolves each page. It touches the workspace
 * only; a touch of a view from here would wait for itself.
 */
import type { RecordableHistogram } from 'node:perf_hooks';
import { Control, FlipWord, type Heap, Own, ownBase, PageState, RegionState, TraceKind } from '../../heap/index.js';
import { EVENT_PAGEFAULT, FAULT_MINOR, monotonicNs, threadId } from '../../native/index.js';
import { Forwarder } from '../forwarder.js';
import type { ResolutionKind } from '../resolution/index.js';

/** Messages read at once. */
const MESSAGES = 64;
const WORDS = 4;
const sleeper = new Int32Array(new SharedArrayBuffer(4));

export interface HandlerOptions {
  readonly heap: Heap;
  readonly resolution: ResolutionKind;
  /** Which server this is, and the staging slot and the owner number that are its own. */
  readonly server: number;
  readonly slot: number;
  readonly owner: number;
  /** Nanoseconds from reading a message to the page's being published; only faults that this server resolved. */
  readonly service: RecordableHistogram;
  /** Called with each message, and with each page claimed for one, to break something there in tests. */
  readonly onFault?: (() => void) | undefined;
  readonly onClaim?: (() => void) | undefined;
  /** How long it takes over a message for nothing, once it knows which flip was the last. For tests. */
  readonly delayMs?: number | undefined;
}

/** A mutator touched memory that no object can stand on. */
export class StrayAccess extends Error {
  override readonly name = 'StrayAccess';
}

/**
 * Serves faults until the collector says stop. A mutator that strays is let go, and the heap declared dead; who waits
 * for a page of the compaction under way is served to its end, and only then StrayAccess is thrown.
 */
export function serve(options: HandlerOptions): void {
  const { heap } = options;
  const { control, space } = heap;
  const messages = new Float64Array(MESSAGES * WORDS);
  const server = new FaultServer(options);
  const { descriptors } = space.watch!;
  const userfaultfd = descriptors[options.server % descriptors.length]!;
  Atomics.store(control, Control.SERVERS + options.server, threadId());
  while (Atomics.load(control, Control.STOP) === 0) {
    // A message is taken only inside SERVING, and before COMPACTING is looked at: a collector that ends a compaction
    // clears that word and then waits for this one, so no message outlives the compaction it belongs to. A flip waits
    // for it as well: whom a message is about may have been let go by another server meanwhile. Where we are
    // lost the word stays: whoever finishes what we had claimed clears it (servers.ts).
    Atomics.store(control, Control.SERVING + options.server, 1);
    const count = userfaultfd.read(messages, 0);
    for (let i = 0; i < count; i++) server.handle(messages, i * WORDS);
    Atomics.store(control, Control.SERVING + options.server, 0);
    if (server.stray !== null && Atomics.load(control, Control.COMPACTING) === 0) throw server.stray;
    if (count === 0) userfaultfd.wait(server.stray === null ? 1000 : 1);
  }
  if (server.stray !== null) throw server.stray;
}

class FaultServer {
  /** A mutator strayed. */
  stray: StrayAccess | null = null;
  private readonly bases: readonly number[];
  private forwarder: Forwarder | null = null;
  /** The cycle whose flip it is for. */
  private cycle = 0;

  constructor(private readonly options: HandlerOptions) {
    this.bases = options.heap.space.views.map((view) => view.address);
  }

  /** The message at `at`: event, flags, address, thread. */
  handle(messages: Float64Array, at: number): void {
    if (messages[at] !== EVENT_PAGEFAULT) return;
    const [flags, address, thread] = [messages[at + 1]!, messages[at + 2]!, messages[at + 3]!];
    const { heap, slot, owner, service, delayMs } = this.options;
    const { control, layout } = heap;
    const began = monotonicNs();
    this.options.onFault?.();
    const bank = this.bases.findIndex((base) => address >= base && address < base + layout.spanBytes);
    if (bank < 0) return; // a range of somebody else's that shares our descriptor: not ours to touch
    const page = Math.floor((address - this.bases[bank]!) / layout.pageBytes);
    const forwarder = this.forwarderNow();
    if (delayMs !== undefined) Atomics.wait(sleeper, 0, 0, delayMs);
    // A page of the view that mutators do not use is published for nobody: the words speak of the other. Whoever touches
    // it is a thread of this process, as the kernel refuses all others, and goes on when the heap is given up.
    const isIdle = bank !== heap.bank;
    if (isIdle || this.strays(forwarder, page)) {
      this.stray ??= new StrayAccess(isIdle ? idleMessage(page) : strayMessage(heap, page));
      heap.fail(1, this.stray.message);
      if (!isIdle) this.letGo(forwarder, bank, page);
      return;
    }
    Atomics.add(control, (flags & FAULT_MINOR) !== 0 ? Control.FAULTS_MINOR : Control.FAULTS_MISSING, 1);
    const mutator = countForMutator(heap, thread);
    const published = forwarder.resolve(page, slot);
    const ns = monotonicNs() - began;
    if (published) service.record(Math.max(1, ns));
    if (mutator >= 0 && heap.trace !== null) {
      const lane = heap.trace.laneOf(owner);
      heap.trace.ended(lane, TraceKind.FAULT, began, ns, page, mutator);
      if (!published) heap.trace.ended(lane, TraceKind.LEFT, began, ns, page, mutator);
    }
    report(control, forwarder, published);
  }

  /** Lets a mutator that strayed come to its next safepoint. */
  private letGo(forwarder: Forwarder, bank: number, page: number): void {
    const { kernels, layout, meta, space, control } = this.options.heap;
    const evacuated = meta.regionState[Math.floor(page / layout.pagesPerRegion)] === RegionState.EVACUATED;
    // Targets are still to be built from what is evacuated: where the view shows the same memory, it is not zeroed.
    if (space.shared && evacuated && kernels.isPageLive(page, Atomics.load(control, Control.CYCLE))) {
      forwarder.showAgain(page);
    } else {
      space.provide(bank, page * layout.pageBytes, layout.pageBytes);
    }
  }

  private forwarderNow(): Forwarder {
    const { heap, resolution, owner, onClaim } = this.options;
    const generation = Atomics.load(heap.control, Control.GENERATION);
    const cycle = Atomics.load(heap.meta.flip, FlipWord.CYCLE);
    // A generation comes again, and with another view perhaps: the cycle of its flip does not.
    if (this.forwarder === null || this.forwarder.pages.generation !== generation || this.cycle !== cycle) {
      this.cycle = cycle;
      this.forwarder = new Forwarder({ heap, resolution, generation, cycle, owner, onClaim });
    }
    return this.forwarder;
  }

  /** A RAW page may be touched only while a compaction runs, and only where objects can be. */
  private strays(forwarder: Forwarder, page: number): boolean {
    const { heap } = this.options;
    if (forwarder.pages.state(page) !== PageState.RAW) return false;
    const state = heap.meta.regionState[Math.floor(page / heap.layout.pagesPerRegion)];
    const expected = state !== RegionState.FREE && state !== RegionState.EVACUATED && state !== RegionState.NULL;
    if (Atomics.load(heap.control, Control.COMPACTING) !== 0 && expected) return false;
    // A worker may have published it, and the compaction ended, between the two looks.
    return forwarder.pages.state(page) === PageState.RAW;
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

/** Which mutator it is; -1 for a thread that is none. */
function countForMutator(heap: Heap, thread: number): number {
  for (let i = 0; i < heap.layout.mutators; i++) {
    const base = ownBase(i);
    if (heap.control[base + Own.THREAD] === thread) {
      Atomics.add(heap.control, base + Own.FAULTS, 1);
      return i;
    }
  }
  return -1;
}

function idleMessage(page: number): string {
  return `a thread touched page ${page} in a view that mutators do not use: the words of a view were kept over a flip`;
}

function strayMessage(heap: Heap, page: number): string {
  const region = Math.floor(page / heap.layout.pagesPerRegion);
  const state = heap.meta.regionState[region];
  const name = Object.entries(RegionState).find(([, value]) => value === state)?.[0] ?? 'unknown';
  const hint =
    state === RegionState.NULL
      ? 'a null reference was followed'
      : 'a reference was used after a safepoint at which its object may have moved or died';
  return `a mutator touched page ${page} of the heap (region ${region}, ${name}), where no object stands: ${hint}`;
}
