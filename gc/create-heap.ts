/** The heap that a way of collecting needs: which choices go together, and why others do not. */
import {
  Heap,
  type HeapShape,
  HUGE_PAGE_BYTES,
  PAGE_BYTES,
  type SpaceOptions,
  type TraceLevel,
} from '../heap/index.js';
import { FLIPS } from './flip/index.js';
import { RESOLUTIONS, type ResolutionKind } from './resolution/index.js';

/** What else a heap is made for. */
export interface HeapChoices extends Partial<Omit<SpaceOptions, 'banks'>> {
  /** What `heap.trace` can record, once it is started; there is none unless said. */
  readonly trace?: TraceLevel;
}

/** Descriptors that may share a heap: each is a fault server's, and there are few processors. */
const MOST_USERFAULTFDS = 16;

/** Makes the heap that a resolution and a flip need. Throws RangeError where the choices do not go together. */
export function createHeap(shape: HeapShape, resolution: string, flip: string, choices: HeapChoices = {}): Heap {
  const kind = Object.hasOwn(RESOLUTIONS, resolution) ? RESOLUTIONS[resolution] : undefined;
  if (kind === undefined)
    throw new RangeError(`no resolution ${String(resolution)}: ${Object.keys(RESOLUTIONS).join(', ')}`);
  if (!Object.hasOwn(FLIPS, flip)) throw new RangeError(`no flip ${String(flip)}: ${Object.keys(FLIPS).join(', ')}`);
  if (!kind.flips.includes(flip)) {
    throw new RangeError(`resolution ${resolution} cannot flip by ${flip}, only by ${kind.flips.join(', ')}`);
  }
  const { delivery = kind.deliveries[0] as SpaceOptions['delivery'], userfaultfds = 1 } = choices;
  if (!kind.deliveries.includes(delivery)) {
    throw new RangeError(
      `resolution ${resolution} cannot be delivered by ${delivery}, only by ${kind.deliveries.join(', ')}`,
    );
  }
  if (!Number.isSafeInteger(userfaultfds) || userfaultfds < 1 || userfaultfds > MOST_USERFAULTFDS) {
    throw new RangeError(`${String(userfaultfds)} userfaultfds: a heap is watched by 1 to ${MOST_USERFAULTFDS}`);
  }
  const { barrier = 'software' } = choices;
  if (barrier !== 'software' && barrier !== 'kernel') {
    throw new RangeError(`no barrier ${String(barrier)}: software, kernel`);
  }
  const { coreDump = 'none' } = choices;
  if (coreDump !== 'none' && coreDump !== 'heap') {
    throw new RangeError(`no core dump ${String(coreDump)}: none, heap`);
  }
  if (userfaultfds > 1 && flip !== 'bank') {
    throw new RangeError(
      `${userfaultfds} userfaultfds need flips by bank: mremap does not move a range that is in pieces`,
    );
  }
  const isWatched = kind.space !== 'guarded' && kind.space !== 'single';
  if (barrier === 'kernel' && !isWatched) {
    throw new RangeError(`resolution ${resolution} has no userfaultfd that could tell which pages were written`);
  }
  if (choices.poison && !isWatched) {
    throw new RangeError(`resolution ${resolution} has no userfaultfd that could poison a page`);
  }
  checkPages(shape, kind, flip);
  return Heap.create({ ...choices, delivery, ...shape, space: kind.space, banks: flip === 'bank' ? 2 : 1 });
}

/** Throws RangeError where a resolution or a flip cannot work on pages of the heap's size. */
function checkPages({ pageBytes }: HeapShape, { name, hugePages, space }: ResolutionKind, flip: string): void {
  if (pageBytes === PAGE_BYTES) return;
  if (pageBytes !== HUGE_PAGE_BYTES) {
    throw new RangeError(`pages of ${pageBytes} bytes: collections work on pages of 4 KiB or of 2 MiB`);
  }
  if (!hugePages) {
    const why =
      space === 'private' || space === 'movable'
        ? ': mremap(2) cannot put a view of private huge pages aside at the flip'
        : '';
    throw new RangeError(`resolution ${name} cannot work on pages of 2 MiB${why}; continue can`);
  }
  if (flip === 'remap') {
    const why = 'mremap(2) of huge pages leaves the addresses open to others for a moment (no MREMAP_DONTUNMAP)';
    throw new RangeError(`flip remap cannot work on pages of 2 MiB: ${why}; use flip bank`);
  }
}
