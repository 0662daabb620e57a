/**
 * A heap: memory, metadata and control words, made by one thread and attached to by others.
 *
 * The handle is plain data for postMessage. What it names is found in a process-wide registry under unguessable ids,
 * so a handle that was not sent here opens nothing; and the heap remembers what its handle says, so one that was changed
 * on its way, or put together from two, opens nothing either.
 */
import { Kernels, Mapping, type Publication, Signals } from '../native/index.js';
import { GRANULE_BYTES, type Reference, type ViewWords, type WorkspaceWords } from './address.js';
import { giveUp } from './alive.js';
import { Barrier, Control, makeControl, Own, ownBase } from './control.js';
import { HeapError } from './errors.js';
import { FlipWord } from './fault-words.js';
import { type HeapShape, type Layout, layOut } from './layout.js';
import { type Metadata, viewMetadata } from './metadata.js';
import { closeAll, openAll } from './opened.js';
import { RegionState, RegionTable } from './region.js';
import { type AnySpaceHandle, attachSpace, createSpace } from './space/index.js';
import type { SpaceOptions } from './space/options.js';
import type { Space, SpaceKind } from './space/space.js';
import { Recorder, type TraceLevel } from './trace.js';

export interface HeapOptions extends HeapShape, Partial<SpaceOptions> {
  readonly space: SpaceKind;
  /** What `trace` can record; nothing, and there is none, unless said. */
  readonly trace?: TraceLevel;
}

const SPACE_DEFAULTS: SpaceOptions = {
  banks: 1,
  delivery: 'handler',
  barrier: 'software',
  userfaultfds: 1,
  poison: false,
  minorOnly: false,
  workspaceHugePages: true,
  coreDump: 'none',
};

export interface HeapHandle {
  readonly layout: Layout;
  readonly control: Int32Array<SharedArrayBuffer>;
  readonly metadata: number;
  readonly kernels: number;
  readonly space: AnySpaceHandle;
  readonly signals: boolean;
  readonly resolvesSignals: boolean;
  /** Id of the recorder's mapping; null for a heap without one. */
  readonly trace: number | null;
}

export class Heap {
  readonly regions: RegionTable;
  readonly meta: Metadata;
  private readonly viewWords: ViewWords[];
  private workspaceWords: WorkspaceWords | null = null;

  private constructor(
    readonly layout: Layout,
    readonly control: Int32Array<SharedArrayBuffer>,
    readonly space: Space,
    private readonly metadata: Mapping,
    readonly kernels: Kernels,
    /** Its faults in the signal handlers; null where fault servers resolve them. */
    readonly signals: Signals | null,
    /** Whether faults are resolved in the signal handler of the thread that takes them. */
    readonly resolvesSignals: boolean,
    /** What happens when; null for a heap that was not made to record it. */
    readonly trace: Recorder | null,
  ) {
    this.meta = viewMetadata(metadata.buffer, layout);
    this.regions = new RegionTable(layout, this.meta, control);
    this.viewWords = space.views.map((view) => new Int32Array(view.buffer) as ViewWords);
  }

  /** Makes a heap. Throws HeapError on a shape that cannot be, UserfaultfdError where the kernel refuses. */
  static create(options: HeapOptions): Heap {
    const layout = layOut(options);
    const heap = openAll((own) => {
      const choices = { ...SPACE_DEFAULTS, ...options };
      const space = own(createSpace(layout, options.space, choices));
      const metadata = own(Mapping.anonymous(layout.metadataBytes));
      const control = makeControl(layout.mutators);
      const trace = options.trace === undefined ? null : own(Recorder.of(options.trace, layout.mutators));
      const kernels = own(
        Kernels.create(layout, {
          metadata,
          workspace: space.workspace,
          view: space.shared ? space.workspace : space.views[0]!,
          staging: space.staging,
          moves: space.kind === 'movable',
          trace: trace === null ? null : Mapping.attach(trace.id),
        }),
      );
      const signals = watchSignals(kernels, space, layout, choices);
      if (signals !== null) own(signals);
      return new Heap(layout, control, space, metadata, kernels, signals, choices.delivery === 'signal', trace);
    });
    const { control, kernels } = heap;
    for (let region = 0; region < layout.regions; region++) {
      heap.meta.regionTop[region] = region * layout.granulesPerRegion;
      heap.meta.regionHead[region] = region;
    }
    heap.meta.regionState[0] = RegionState.NULL;
    kernels.seal(textOf(heap.handle), control);
    control[Control.FREE] = layout.regions - 1;
    control[Control.RESERVE] = 0;
    control[Control.BARRIER] = Barrier.OFF;
    control[Control.BUDGET] = -1;
    control[Control.GENERATION] = heap.meta.flip[FlipWord.GENERATION] = 1;
    for (let i = 0; i < layout.mutators; i++) control[ownBase(i) + Own.REGION] = -1;
    return heap;
  }

  /**
   * The heap of another thread. Throws RangeError if it is not there, or these are not its control words, and HeapError
   * 'handle' if anything else of the handle was changed.
   */
  static attach(handle: HeapHandle): Heap {
    const { control } = handle;
    const kernels = Kernels.attach(handle.kernels);
    const sealed = kernels.sealed(control);
    if (textOf(handle) !== sealed) {
      throw new HeapError('handle', 'this is not the handle of the heap that it names: send it as it is');
    }
    // What was compared is what is used, whatever the handle says when it is asked again.
    const { layout, space, metadata, signals, resolvesSignals, trace } = JSON.parse(sealed) as HeapHandle;
    return new Heap(
      layout,
      control,
      attachSpace(space),
      Mapping.attach(metadata),
      kernels,
      signals ? Signals.attach(kernels) : null,
      resolvesSignals,
      trace === null ? null : Recorder.attach(trace, layout.mutators),
    );
  }

  get handle(): HeapHandle {
    return {
      layout: this.layout,
      control: this.control,
      metadata: this.metadata.id,
      kernels: this.kernels.id,
      space: this.space.handle as AnySpaceHandle,
      signals: this.signals !== null,
      resolvesSignals: this.resolvesSignals,
      trace: this.trace?.id ?? null,
    };
  }

  /** The heap's words in view `bank`, the mutators' side. */
  view(bank: number): ViewWords {
    return this.viewWords[bank]!;
  }

  /** The heap's words as the collector reads them. */
  get workspace(): WorkspaceWords {
    this.workspaceWords ??= new Int32Array(this.space.workspace.buffer) as WorkspaceWords;
    return this.workspaceWords;
  }

  /** Which view mutators use. */
  get bank(): number {
    return Atomics.load(this.meta.flip, FlipWord.BANK);
  }

  /** Bytes of metadata, the fixed part a mutator included. */
  get metadataBytes(): number {
    return this.layout.metadataBytes;
  }

  /**
   * Makes [reference, reference + bytes) of the mutators' view such that a system call can read or write it until the
   * thread's next safepoint: the kernel's own accesses do not wait for a page, they answer EFAULT. Throws RangeError
   * outside the heap.
   */
  ensureReadable(reference: Reference, bytes: number): void {
    const { spanBytes, pageBytes } = this.layout;
    const first = reference * GRANULE_BYTES;
    if (!(reference > 0 && bytes >= 0 && first + bytes <= spanBytes)) {
      throw new RangeError(`${bytes} bytes from reference ${reference} are not in the heap`);
    }
    const words = this.view(this.bank);
    for (let at = first; at < first + bytes; at = (Math.floor(at / pageBytes) + 1) * pageBytes) {
      Atomics.load(words, Math.floor(at / 4)); // not optimised away, and the page is there when it returns
    }
  }

  /** Tells everybody who waits that the heap cannot go on, and why. They throw. */
  fail(code: number, reason = ''): void {
    giveUp(this.control, code, reason);
    for (const word of [Control.COLLECTIONS, Control.REQUESTS, Control.ARRIVALS]) {
      Atomics.add(this.control, word, 1);
      Atomics.notify(this.control, word);
    }
  }

  /** Gives everything back. No other thread may use the heap any more. */
  close(): void {
    closeAll([this.signals, this.space, this.kernels, this.metadata, this.trace]);
  }
}

/** All of a handle but its control words, which are known by where they stand. */
function textOf({ layout, metadata, kernels, space, signals, resolvesSignals, trace }: HeapHandle): string {
  return JSON.stringify({ layout, metadata, kernels, space, signals, resolvesSignals, trace });
}

const PUBLICATIONS: Readonly<Record<SpaceKind, Publication | null>> = {
  twin: 'continue',
  guarded: 'protect',
  private: 'copy',
  movable: 'move',
  single: null,
};

/**
 * Poisoned pages raise a signal whoever resolves faults, and so does a page of shared memory that cannot be had: then
 * nothing is resolved in it, and it ends the process with a message.
 */
function watchSignals(kernels: Kernels, space: Space, layout: Layout, options: SpaceOptions): Signals | null {
  const publication = PUBLICATIONS[space.kind];
  const resolves = options.delivery === 'signal';
  if (publication === null || !(resolves || options.poison || space.shared)) return null;
  return Signals.watch(kernels, {
    publication,
    views: space.views,
    userfaultfds: space.watch?.descriptors ?? [],
    stripeBytes: space.watch?.stripeBytes ?? layout.spanBytes,
    resolves,
  });
}
