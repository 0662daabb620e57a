/** The legal values of what is compared, and which of them go together. Adding a way is adding a line. */

import { mostBatch } from '../../gc/slots.js';
import { mostHeapBytes } from '../../heap/layout.js';
import type { CheckName, FeatureName } from '../../native/index.js';
import { formatSize, MiB } from '../sizes.js';

/** What a resolution is and what it can be combined with. */
export interface ResolutionTraits {
  readonly doc: string;
  /** Flips it can run with, the default first. */
  readonly flips: readonly FlipName[];
  /** Why the other flips are impossible; completes "… cannot flip by X: ". */
  readonly flipReason?: string;
  /** Deliveries it can run with, the default first. */
  readonly deliveries: readonly DeliveryName[];
  /** Why the others are impossible; completes "… cannot take faults by X: ". */
  readonly deliveryReason?: string;
  /** Whether publishing a page copies its contents (and so needs a second copy of the page while it runs). */
  readonly publishCopies: boolean;
  /** Whether mutators trap on pages that are not ready: a run that never faulted then did not run concurrently. */
  readonly faults: boolean;
  /** Whether a userfaultfd watches its views. */
  readonly watched: boolean;
  /** Whether its memory can be made of 2 MiB pages. */
  readonly hugePages: boolean;
  /** What the reader is told the publishing call is. */
  readonly publishCall: string;
  /** The probe's check that shows it can run here; none where any Linux will do. */
  readonly check?: CheckName;
  /** The kernel feature which that check needs, and the Linux that brought it where that is a recent one. */
  readonly feature?: FeatureName;
  readonly since?: string;
}

export const flips = {
  bank: { doc: 'two views of one memfd, the idle one armed before the pause; the pause switches the base' },
  remap: { doc: 'one address; mremap moves the old view aside in the pause and an armed one takes its place' },
  none: { doc: 'there is one mapping, and mutators stay on it' },
} as const satisfies Record<string, { readonly doc: string }>;

export const deliveries = {
  handler: { doc: 'a fault-server task reads the userfaultfd and forwards the page' },
  signal: { doc: 'the mutator forwards the page itself, in its signal handler' },
  none: { doc: 'nobody faults' },
} as const satisfies Record<string, { readonly doc: string }>;

export type FlipName = keyof typeof flips;
export type DeliveryName = keyof typeof deliveries;

const continueTraits: ResolutionTraits = {
  doc: 'workspace and view are the same memfd pages; publishing maps them (UFFDIO_CONTINUE)',
  flips: ['bank', 'remap'],
  deliveries: ['handler', 'signal'],
  publishCopies: false,
  faults: true,
  watched: true,
  hugePages: true,
  publishCall: 'UFFDIO_CONTINUE',
  check: 'minor-continue',
  feature: 'MINOR_SHMEM',
};

const onePrivateView = 'its pages are private memory, which has one view and moves to the workspace at the flip';

const copyTraits: ResolutionTraits = {
  doc: 'workspace and view are private memory; publishing copies a page from one to the other (UFFDIO_COPY)',
  flips: ['remap'],
  flipReason: onePrivateView,
  deliveries: ['handler', 'signal'],
  publishCopies: true,
  faults: true,
  watched: true,
  hugePages: false,
  publishCall: 'UFFDIO_COPY',
  check: 'copy',
};

const moveTraits: ResolutionTraits = {
  doc: 'workspace and view are private memory; publishing moves a page from one to the other (UFFDIO_MOVE)',
  flips: ['remap'],
  flipReason: onePrivateView,
  deliveries: ['handler', 'signal'],
  publishCopies: false,
  faults: true,
  watched: true,
  hugePages: false,
  publishCall: 'UFFDIO_MOVE',
  check: 'move',
  feature: 'MOVE',
  since: '6.8',
};

const protectTraits: ResolutionTraits = {
  doc: 'workspace and view are the same memfd pages; publishing lifts their protection (mprotect, The Compressor)',
  flips: ['bank', 'remap'],
  deliveries: ['signal'],
  deliveryReason: 'mprotect raises SIGSEGV in the thread itself, and there is no descriptor a server could read',
  publishCopies: false,
  faults: true,
  watched: false,
  hugePages: false,
  publishCall: 'mprotect',
};

const neverFaults = 'no mutator ever meets a page that is not ready';

const stwTraits: ResolutionTraits = {
  doc: 'one mapping; everything happens in one pause, and nothing is published',
  flips: ['none'],
  flipReason: neverFaults,
  deliveries: ['none'],
  deliveryReason: neverFaults,
  publishCopies: false,
  faults: false,
  watched: false,
  hugePages: false,
  publishCall: 'nothing, in the pause',
};

/** Every resolution. The order is the order of the table's columns. */
export const resolutions = {
  continue: continueTraits,
  copy: copyTraits,
  move: moveTraits,
  protect: protectTraits,
  stw: stwTraits,
} as const;

/** The resolution the others are measured against. */
export const baselineResolution: ResolutionName = 'copy';

export type ResolutionName = keyof typeof resolutions;

/** The names of a table of choices, typed and in order, in the shape zod's `enum` takes. */
export function namesOf<T extends object>(table: T): [keyof T & string, ...(keyof T & string)[]] {
  return Object.keys(table) as [keyof T & string, ...(keyof T & string)[]];
}

const hugePageBytes = 2 * MiB;

/** The part of a configuration that may not go together. */
export interface Combination {
  readonly resolution: ResolutionName;
  readonly delivery: DeliveryName;
  readonly flip: FlipName;
  readonly userfaultfds?: number | undefined;
  readonly faultServers?: number | undefined;
  readonly barrier?: 'software' | 'kernel' | undefined;
  readonly pages?: '4K' | '2M' | undefined;
  readonly heapBytes?: number | undefined;
  readonly poison?: boolean | undefined;
}

/** Why a combination cannot run, or undefined when it can. */
export function whyIllegal(combination: Combination): string | undefined {
  const { resolution, delivery, flip } = combination;
  const traits: ResolutionTraits = resolutions[resolution];
  if (!traits.flips.includes(flip)) {
    const why = flip === 'none' ? 'its mutators have to come to an armed view' : traits.flipReason;
    return `${resolution} cannot flip by ${flip}${why ? `: ${why}` : ''} (its flip is ${traits.flips.join(' or ')})`;
  }
  if (!traits.deliveries.includes(delivery)) {
    const why = delivery === 'none' ? 'its mutators do fault' : traits.deliveryReason;
    const own = `its delivery is ${traits.deliveries.join(' or ')}`;
    return `${resolution} cannot take faults by ${delivery}${why ? `: ${why}` : ''} (${own})`;
  }
  return whyImpossible(combination, traits);
}

/** What a resolution's memory does not allow. */
function whyImpossible(
  { resolution, delivery, flip, ...heap }: Combination,
  traits: ResolutionTraits,
): string | undefined {
  const severalDescriptors = (heap.userfaultfds ?? 1) > 1;
  if (!traits.watched) {
    const unwatched = 'no userfaultfd watches its views';
    if (severalDescriptors) return `${resolution} cannot use ${heap.userfaultfds} userfaultfds: ${unwatched}`;
    if (heap.barrier === 'kernel') return `${resolution} cannot mark by --barrier kernel: ${unwatched}`;
    if (heap.poison) return `${resolution} cannot run with --poison: ${unwatched}`;
  }
  if (severalDescriptors && flip !== 'bank') {
    const split = `${flip} moves a view as one mapping, and several descriptors would split it`;
    return `${resolution} cannot use ${heap.userfaultfds} userfaultfds with flip ${flip}: ${split}`;
  }
  if (delivery === 'handler' && (heap.faultServers ?? Number.POSITIVE_INFINITY) < (heap.userfaultfds ?? 1)) {
    return `${resolution} cannot serve ${heap.userfaultfds} userfaultfds by ${heap.faultServers} fault servers: each needs one of its own`;
  }
  if (heap.pages !== '2M') return undefined;
  if (!traits.hugePages) {
    return `${resolution} cannot run with --pages 2M: only continue has memory that can be made of huge pages`;
  }
  if (flip === 'remap') {
    return `${resolution} cannot run with --pages 2M and flip remap: mremap of huge pages leaves their addresses open to others`;
  }
  if ((heap.heapBytes ?? 0) % hugePageBytes !== 0) {
    return `${resolution} cannot run with --pages 2M: a heap of ${formatSize(heap.heapBytes ?? 0)} is not whole pages of 2MiB`;
  }
  const most = mostHeapBytes(hugePageBytes);
  if ((heap.heapBytes ?? 0) > most) {
    return `${resolution} cannot run with --pages 2M and a heap of ${formatSize(heap.heapBytes ?? 0)}: ${formatSize(most)} is the most`;
  }
  return undefined;
}

/** Why so many collector threads cannot have such batches, or undefined when they can. */
export function whyCrowded(gcWorkers: number, way: Combination & { readonly batch?: number | undefined }) {
  if (way.batch === undefined) return undefined; // the collector's own fit
  const servers = way.delivery === 'handler' ? (way.faultServers ?? way.userfaultfds ?? 1) : 0;
  const most = mostBatch(gcWorkers, servers);
  if (way.batch <= most) return undefined;
  return `${gcWorkers} collector threads cannot have batches of ${way.batch} pages: --batch ${most} is the most`;
}
