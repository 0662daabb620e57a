/** The legal values of what is compared, and which of them go together. Adding a way is adding a line. */

import type { CheckName, FeatureName } from '../native/index.js';

/** What a resolution is and what it can be combined with. */
export interface ResolutionTraits {
  readonly doc: string;
  /** Flips it can run with, the default first. */
  readonly flips: readonly FlipName[];
  /** Why the other flips are impossible; completes "… cannot flip by X: ". */
  readonly flipReason?: string;
  readonly deliveries: readonly DeliveryName[];
  /** Whether publishing a page copies its contents (and so needs a second copy of the page while it runs). */
  readonly publishCopies: boolean;
  /** Whether mutators trap on pages that are not ready: a run that never faulted then did not run concurrently. */
  readonly faults: boolean;
  /** What the reader is told the publishing call is. */
  readonly publishCall: string;
  /** The probe's check that shows it can run here, and the kernel feature that check needs. */
  readonly check: CheckName;
  readonly feature?: FeatureName;
}

export const flips = {
  bank: { doc: 'two views of one memfd, the idle one armed before the pause; the pause switches the base' },
  remap: { doc: 'one address; mremap moves the old view aside in the pause and an armed one takes its place' },
} as const satisfies Record<string, { readonly doc: string }>;

export const deliveries = {
  handler: { doc: 'a fault-server task reads the userfaultfd and forwards the page' },
} as const satisfies Record<string, { readonly doc: string }>;

export type FlipName = keyof typeof flips;
export type DeliveryName = keyof typeof deliveries;

const continueTraits: ResolutionTraits = {
  doc: 'workspace and view are the same memfd pages; publishing maps them (UFFDIO_CONTINUE)',
  flips: ['bank', 'remap'],
  deliveries: ['handler'],
  publishCopies: false,
  faults: true,
  publishCall: 'UFFDIO_CONTINUE',
  check: 'minor-continue',
  feature: 'MINOR_SHMEM',
};

const copyTraits: ResolutionTraits = {
  doc: 'workspace and view are private memory; publishing copies a page from one to the other (UFFDIO_COPY)',
  flips: ['remap'],
  flipReason: 'its pages are private memory, which has one view and moves to the workspace at the flip',
  deliveries: ['handler'],
  publishCopies: true,
  faults: true,
  publishCall: 'UFFDIO_COPY',
  check: 'copy',
};

/** Every resolution. The order is the order of the table's columns. */
export const resolutions = { continue: continueTraits, copy: copyTraits } as const;

/** The resolution the others are measured against. */
export const baselineResolution: ResolutionName = 'copy';

export type ResolutionName = keyof typeof resolutions;

/** The names of a table of choices, typed and in order, in the shape zod's `enum` takes. */
export function namesOf<T extends object>(table: T): [keyof T & string, ...(keyof T & string)[]] {
  return Object.keys(table) as [keyof T & string, ...(keyof T & string)[]];
}

/** Why a combination cannot run, or undefined when it can. */
export function whyIllegal(resolution: ResolutionName, delivery: DeliveryName, flip: FlipName): string | undefined {
  const traits: ResolutionTraits = resolutions[resolution];
  if (!traits.flips.includes(flip)) {
    const reason = traits.flipReason ? `: ${traits.flipReason}` : '';
    return `${resolution} cannot flip by ${flip}${reason} (its flip is ${traits.flips.join(' or ')})`;
  }
  if (!traits.deliveries.includes(delivery)) {
    return `${resolution} cannot take faults by ${delivery} (its delivery is ${traits.deliveries.join(' or ')})`;
  }
  return undefined;
}
