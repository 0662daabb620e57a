/**
 * What each exported function of the addon takes, as far as abusing it needs to know: arguments with which it works, and
 * what else would be right in each place. Everything that is not has to be refused.
 */

import { plan } from '../../gc/workers/plan.js';
import { type Heap, Mutator, MutatorState, Own, ownBase, RegionState } from '../../heap/index.js';
import { type FeatureName, Kernels, Mapping, Memfd, Userfaultfd } from '../../native/index.js';
import { Random } from './random.js';
import { BOUNDARY_GRANULES, fillHeap, smallHeap } from './random-heap.js';

const PAGE = 4096;
const CYCLE = 1;
const WAYS = ['userfaultfd(0)', '/dev/userfaultfd', 'UFFD_USER_MODE_ONLY'];

/** One argument: what to give, and whether something else would do as well. */
export interface Argument {
  readonly value: unknown;
  readonly allows: (other: unknown) => boolean;
}

const is = (value: unknown): Argument => ({ value, allows: (other) => Object.is(other, value) });
const integer = (value: number, most: number): Argument => ({
  value,
  allows: (other) => typeof other === 'number' && Number.isInteger(other) && other >= 0 && other <= most,
});
/** 1 is yes, and anything else is no. */
const flag = (value: number): Argument => ({ value, allows: () => true });
const word = (value: number) => integer(value, 2 ** 32 - 1);
const text = (value: string): Argument => ({
  value,
  allows: (other) => typeof other === 'string' && other.length < 200,
});
const doubles = (value: Float64Array): Argument => ({
  value,
  allows: (other) => ArrayBuffer.isView(other) && other instanceof Float64Array && other.length >= value.length,
});
const words = (value: Int32Array): Argument => ({
  value,
  allows: (other) => ArrayBuffer.isView(other) && other instanceof Int32Array && other.length >= value.length,
});
/** Milliseconds. What would wait for ever is not tried here. */
const patience = (value: number): Argument => ({
  value,
  allows: (other) => typeof other === 'number' && !Number.isNaN(other),
});

export interface Spec {
  readonly arguments: readonly Argument[];
  /** Whether an answer means that the call was done. */
  readonly succeeded?: (answer: unknown) => boolean;
  /** Whether a call with these arguments is right, and does nothing. */
  readonly trivial?: (args: readonly unknown[]) => boolean;
  /** The call needs nothing that could be closed. */
  readonly timeless?: boolean;
  /** Why it cannot be made to succeed here. */
  readonly lacking?: string;
}

/** None of none: an array of nothing, and a count of 0. */
const ofNothing = (args: readonly unknown[]) =>
  args[2] === 0 && ArrayBuffer.isView(args[1]) && args[1] instanceof Int32Array && args[1].length === 0;

export interface World {
  readonly specs: Readonly<Record<string, Spec>>;
  /** Objects of the other kinds, and closed ones: numbers that name something, but not here. */
  readonly foreignIds: readonly number[];
  /** Throws if memory was touched that nobody was to touch. */
  readonly check: () => void;
  readonly close: () => void;
}

function plannedHeap(seed: number): { heap: Heap; evacuated: number; target: number; kept: number } {
  const heap = smallHeap();
  fillHeap(heap, new Random(seed), { granules: 400_000, keep: 0.5, sizes: BOUNDARY_GRANULES, humongous: false });
  const { kernels, meta, layout } = heap;
  kernels.beginMarking(CYCLE);
  kernels.shade(meta.globals, meta.globals.length);
  while (kernels.mark(10_000) || kernels.hasWork());
  kernels.handOver();
  const { targets, evacuated } = plan({ heap, cycle: CYCLE, leave: 0, maxLiveShare: 1 });
  const kept = meta.regionState.indexOf(RegionState.KEPT);
  if (targets.length === 0 || kept < 0) throw new Error('the plan has no target, or leaves nothing where it is');
  const page = (region: number) => region * layout.pagesPerRegion;
  return { heap, evacuated: page(evacuated[0]!), target: page(targets[0]!), kept: page(kept) };
}

function openTracked(): { fd: Userfaultfd | null; why: string } {
  const features: FeatureName[] = ['PAGEFAULT_FLAG_WP', 'WP_UNPOPULATED', 'WP_ASYNC'];
  try {
    return { fd: Userfaultfd.open({ features }), why: '' };
  } catch (error) {
    return { fd: null, why: (error as Error).message };
  }
}

export function makeWorld(): World {
  const userfaultfd = Userfaultfd.open({
    features: ['MINOR_SHMEM'],
    optional: ['MOVE', 'POISON', 'PAGEFAULT_FLAG_WP'],
  });
  const tracked = openTracked();
  const memfd = Memfd.create(16 * PAGE);
  const [workspace, view] = [Mapping.shared(memfd), Mapping.shared(memfd)];
  const [source, armed, plain, spare] = Array.from({ length: 4 }, () => Mapping.anonymous(16 * PAGE)) as [
    Mapping,
    Mapping,
    Mapping,
    Mapping,
  ];
  for (const { buffer } of [workspace, source]) new Uint8Array(buffer).fill(7);
  userfaultfd.register(view, 0, view.bytes, { missing: true, minor: true });
  userfaultfd.register(armed, 0, 8 * PAGE, {
    missing: true,
    writeProtect: userfaultfd.features.has('PAGEFAULT_FLAG_WP'),
  });
  tracked.fd?.register(spare, 0, spare.bytes, { writeProtect: true });
  const { heap, evacuated, target, kept } = plannedHeap(1);
  const { layout } = heap;
  const kernels = heap.kernels.id;
  const raw = Kernels.create(layout, {
    metadata: Mapping.anonymous(layout.metadataBytes),
    workspace: heap.space.workspace,
    view: heap.space.workspace,
    staging: null,
    moves: false,
  });
  const shared = new Int32Array(new SharedArrayBuffer(64));
  const mutator = Mutator.attach(heap);
  const fresh = mutator.allocate(0, 100);

  const gone = { memfd: Memfd.create(PAGE), mapping: Mapping.anonymous(PAGE), userfaultfd: Userfaultfd.open() };
  const goneHeap = smallHeap();
  const bystander = plannedHeap(2).heap;
  const before = Buffer.from(new Uint8Array(bystander.space.workspace.buffer)).toString('latin1');
  const foreignIds = [
    ...[memfd.id, workspace.id, userfaultfd.id, kernels],
    ...[gone.memfd.id, gone.mapping.id, gone.userfaultfd.id, goneHeap.kernels.id, 1, 0],
  ];
  for (const one of [gone.memfd, gone.mapping, gone.userfaultfd, goneHeap]) one.close();

  const fd = is(userfaultfd.id);
  const mappings = [workspace, view, source, armed, plain, spare].map(({ id }) => id);
  const mapping = ({ id }: Mapping): Argument => ({ value: id, allows: (other) => mappings.includes(other as number) });
  const on = (where: Mapping, offset = 0, length = PAGE): Argument[] => [
    mapping(where),
    integer(offset, 16 * PAGE),
    integer(length, 16 * PAGE),
  ];
  const without = (feature: FeatureName) =>
    userfaultfd.features.has(feature) ? {} : { lacking: `the kernel has not ${feature}` };
  const heapId = is(kernels);
  const page = (value: number) => integer(value, layout.pages - 1);
  const region = (value: number) => integer(value, layout.regions - 1);
  const granule = (value: number) => integer(value, layout.granules);
  const out = new Int32Array(64);
  const count = (value: number) => integer(value, 64);
  const last = layout.mutators - 1;
  const place = [
    integer(last, last),
    is(heap.control),
    integer(ownBase(last) + Own.STATE, heap.control.length - 1),
    integer(MutatorState.ABSENT, 2 ** 31 - 2),
  ];
  const truth = (answer: unknown) => typeof answer === 'boolean';
  const done = (answer: unknown) => answer === undefined;

  const specs: Record<string, Spec> = {
    memfdCreate: { arguments: [integer(PAGE, 2 ** 46), text('hostile'), flag(0)], timeless: true },
    memfdBytes: { arguments: [is(memfd.id)] },
    memfdPageSize: { arguments: [is(memfd.id)] },
    memfdPunch: { arguments: on(workspace).with(0, is(memfd.id)) },
    memfdPopulate: { arguments: on(workspace).with(0, is(memfd.id)) },
    memfdResidentBytes: { arguments: [is(memfd.id)] },
    memfdClose: { arguments: [is(memfd.id)] },
    mappingShared: { arguments: [is(memfd.id), flag(0)] },
    mappingAnonymous: { arguments: [integer(PAGE, 2 ** 46), flag(0)], timeless: true },
    mappingAddress: { arguments: [mapping(plain)] },
    mappingBytes: { arguments: [mapping(plain)] },
    mappingPageSize: { arguments: [mapping(plain)] },
    mappingKind: { arguments: [mapping(plain)] },
    mappingAdvise: { arguments: [...on(plain), integer(0, 7)] },
    mappingProtect: { arguments: [...on(plain), integer(2, 2)] },
    mappingMoveTo: { arguments: [mapping(plain), mapping(source)] },
    mappingRenew: { arguments: [mapping(plain)] },
    mappingClose: { arguments: [mapping(plain)] },
    mappingBuffer: { arguments: [mapping(plain)], succeeded: (answer) => answer instanceof ArrayBuffer },
    pagemapAvailable: { arguments: [], timeless: true, ...(tracked.fd === null ? { lacking: tracked.why } : {}) },
    pagemapWritten: {
      arguments: [...on(spare), integer(0, 1), doubles(new Float64Array(1))],
      ...(tracked.fd === null ? { lacking: tracked.why } : {}),
    },
    userfaultfdOpen: { arguments: [integer(0, 2), integer(0, 2 ** 53)], timeless: true },
    userfaultfdAttach: { arguments: [fd] },
    userfaultfdOffered: { arguments: [integer(0, 2), doubles(new Float64Array(2))], timeless: true },
    userfaultfdWay: { arguments: [fd] },
    userfaultfdFeatures: { arguments: [fd] },
    userfaultfdRegister: { arguments: [fd, ...on(source, 8 * PAGE), integer(1, 7)] },
    userfaultfdUnregister: { arguments: [fd, ...on(armed)] },
    userfaultfdWake: { arguments: [fd, ...on(armed)] },
    userfaultfdContinue: { arguments: [fd, ...on(view), integer(0, 3)] },
    userfaultfdZeropage: { arguments: [fd, ...on(armed), integer(0, 1)] },
    userfaultfdPoison: { arguments: [fd, ...on(armed), integer(0, 1)], ...without('POISON') },
    userfaultfdWriteProtect: { arguments: [fd, ...on(armed), integer(0, 3)], ...without('PAGEFAULT_FLAG_WP') },
    userfaultfdCopy: { arguments: [fd, ...on(armed).slice(0, 2), ...on(source), integer(0, 3)] },
    userfaultfdMove: { arguments: [fd, ...on(armed).slice(0, 2), ...on(source), integer(0, 3)], ...without('MOVE') },
    userfaultfdRead: { arguments: [fd, doubles(new Float64Array(4)), patience(0)] },
    userfaultfdWait: { arguments: [fd, patience(0)] },
    userfaultfdInterrupt: { arguments: [fd] },
    userfaultfdClose: { arguments: [fd] },
    userfaultfdCloseAll: { arguments: [], timeless: true },
    userfaultfdCheckSigbus: { arguments: [integer(WAYS.indexOf(userfaultfd.openedBy), 2)], timeless: true },
    threadId: { arguments: [], timeless: true },
    threadCpuNs: { arguments: [], timeless: true },
    monotonicNs: { arguments: [], timeless: true },
    kernelsClose: { arguments: [heapId], succeeded: done },
    kernelsExists: { arguments: [heapId], succeeded: truth },
    kernelsStates: { arguments: [], timeless: true, succeeded: (answer) => typeof answer === 'object' },
    kernelsSeal: {
      arguments: [is(raw.id), { value: 'a handle', allows: (other) => typeof other === 'string' }, is(shared)],
      succeeded: done,
    },
    kernelsSealed: { arguments: [heapId, is(heap.control)], succeeded: (answer) => typeof answer === 'string' },
    kernelsOccupy: { arguments: [heapId, ...place, integer(MutatorState.ATTACHING, 2 ** 31 - 2)], succeeded: truth },
    kernelsInherit: { arguments: [heapId, ...place], succeeded: truth },
    kernelsBeginMarking: { arguments: [heapId, word(2), word(0)], succeeded: done },
    kernelsMark: { arguments: [heapId, word(10)], succeeded: truth },
    kernelsMarked: { arguments: [heapId] },
    kernelsHandOver: { arguments: [heapId], succeeded: done },
    kernelsHasWork: { arguments: [heapId], succeeded: truth },
    kernelsPeakChunks: { arguments: [heapId] },
    kernelsTold: { arguments: [heapId] },
    kernelsShade: { arguments: [heapId, words(out), count(64)], trivial: ofNothing },
    kernelsRescan: { arguments: [heapId, page(kept), integer(1, layout.pages - kept)] },
    kernelsBeginPlan: { arguments: [heapId], succeeded: done },
    kernelsCountLive: { arguments: [heapId, region(1)] },
    kernelsPlace: {
      arguments: [heapId, region(1), word(0), granule(8192), granule(2 * 8192), words(out), integer(2, 64)],
      succeeded: done,
    },
    kernelsBuild: { arguments: [heapId, is(target), word(0)] },
    kernelsBuildAt: { arguments: [heapId, is(target), is(evacuated)] },
    kernelsUpdate: { arguments: [heapId, page(kept), word(CYCLE)] },
    kernelsRecordAs: { arguments: [heapId, word(0)], succeeded: done },
    kernelsIsPageLive: { arguments: [heapId, page(kept), word(CYCLE)], succeeded: truth },
    kernelsFindRight: {
      arguments: [heapId, page(kept), integer(4, 16), word(CYCLE), word(0), words(out), integer(64, 64)],
    },
    kernelsNoteAhead: { arguments: [heapId, page(kept), integer(4, 64), word(2), words(out), integer(64, 64)] },
    kernelsForward: { arguments: [heapId, words(out), count(64)], trivial: ofNothing, succeeded: done },
    kernelsForwardLogged: { arguments: [heapId, words(out), count(64)], trivial: ofNothing, succeeded: done },
    kernelsIndex: {
      arguments: [heapId, is(fresh), is(fresh + 14)],
      trivial: ([, from, to]) => from === to && Number.isInteger(from),
      succeeded: done,
    },
    kernelsIndexWhatStands: { arguments: [heapId, granule(fresh), granule(fresh + 14)] },
    kernelsClearStarts: { arguments: [heapId, region(layout.regions - 1)], succeeded: done },
    kernelsReadThrough: { arguments: [heapId, integer(1, 1)], succeeded: done },
    signalsWatch: {
      arguments: [
        heapId,
        integer(0, 3),
        { value: Float64Array.of(heap.space.views[0]!.id), allows: () => false },
        { value: Float64Array.of(heap.space.watch!.at(0).id), allows: () => false },
        integer(layout.spanBytes, 2 ** 53),
        integer(1, 1),
      ],
    },
    signalsUnwatch: { arguments: [heapId], lacking: 'nothing is watched here' },
    signalsAdopt: { arguments: [heapId, integer(0, layout.mutators)] },
    signalsWakePage: { arguments: [heapId, page(kept)] },
  };
  return {
    specs,
    foreignIds,
    check: () => {
      if (Buffer.from(new Uint8Array(bystander.space.workspace.buffer)).toString('latin1') !== before) {
        throw new Error('the memory of another heap was overwritten');
      }
    },
    close: () => {
      for (const one of [userfaultfd, tracked.fd, memfd, workspace, view, source, armed, plain, spare, heap, raw]) {
        try {
          one?.close();
        } catch {
          // the function under test has closed it
        }
      }
    },
  };
}
