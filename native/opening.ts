/** The ways to get a userfaultfd from the kernel, and what it says each of them can do. */
import { errorCode, UnavailableError } from './errors.js';
import { addon } from './loader.js';

interface OpeningBinding {
  userfaultfdOffered(way: number, into: Float64Array): number;
  userfaultfdOpen(way: number, features: number): number;
}

const native = addon as OpeningBinding;

/** The kernel's name behind UFFD_FEATURE_, its bit and the Linux version it came with (ioctl_userfaultfd(2); include/uapi/linux/userfaultfd.h). */
export const FEATURES = [
  { name: 'PAGEFAULT_FLAG_WP', bit: 0, since: '5.7' },
  { name: 'EVENT_FORK', bit: 1, since: '4.11' },
  { name: 'EVENT_REMAP', bit: 2, since: '4.11' },
  { name: 'EVENT_REMOVE', bit: 3, since: '4.11' },
  { name: 'MISSING_HUGETLBFS', bit: 4, since: '4.11' },
  { name: 'MISSING_SHMEM', bit: 5, since: '4.11' },
  { name: 'EVENT_UNMAP', bit: 6, since: '4.11' },
  { name: 'SIGBUS', bit: 7, since: '4.14' },
  { name: 'THREAD_ID', bit: 8, since: '4.14' },
  { name: 'MINOR_HUGETLBFS', bit: 9, since: '5.13' },
  { name: 'MINOR_SHMEM', bit: 10, since: '5.14' },
  { name: 'EXACT_ADDRESS', bit: 11, since: '5.18' },
  { name: 'WP_HUGETLBFS_SHMEM', bit: 12, since: '5.19' },
  { name: 'WP_UNPOPULATED', bit: 13, since: '6.4' },
  { name: 'POISON', bit: 14, since: '6.6' },
  { name: 'WP_ASYNC', bit: 15, since: '6.7' },
  { name: 'MOVE', bit: 16, since: '6.8' },
] as const;

export type FeatureName = (typeof FEATURES)[number]['name'];

/** In the order in which they are tried; the place is the addon's number for it. */
export const WAYS = ['userfaultfd(0)', '/dev/userfaultfd', 'UFFD_USER_MODE_ONLY'] as const;

/** How the descriptor was had. The last one sees faults of user code only: the kernel's own accesses answer EFAULT. */
export type OpenedBy = (typeof WAYS)[number];

export interface Offer {
  readonly openedBy: OpenedBy;
  readonly features: readonly FeatureName[];
  /** The feature bits, with those that have no name here. */
  readonly bits: number;
  /** UFFDIO_API's ioctls: bit 0 REGISTER, bit 1 UNREGISTER (bit 63, API itself, is left out). */
  readonly ioctls: number;
}

export interface Refusal {
  readonly openedBy: OpenedBy;
  readonly code: string;
  /** Why, and what to do about it. */
  readonly reason: string;
}

const REASONS: Readonly<Record<OpenedBy, Readonly<Record<string, string>>>> = {
  'userfaultfd(0)': {
    EPERM: 'not permitted: set vm.unprivileged_userfaultfd=1, run with CAP_SYS_PTRACE, or relax the seccomp profile',
    ENOSYS: 'this kernel was built without CONFIG_USERFAULTFD, or a seccomp profile hides it: use another kernel',
  },
  '/dev/userfaultfd': {
    ENOENT: 'there is no such device: it came with Linux 6.1, and a container has to be given it',
    EACCES: 'this user may not open the device: let its group do so (a udev rule, or chgrp and chmod g+rw)',
    EPERM: 'this user may not open the device: let its group do so (a udev rule, or chgrp and chmod g+rw)',
    ENOTTY: 'the device does not answer: the kernel was built without CONFIG_USERFAULTFD',
  },
  UFFD_USER_MODE_ONLY: {
    EPERM: 'not permitted even for user code: a seccomp profile or a security module forbids it, relax that',
    ENOSYS: 'this kernel was built without CONFIG_USERFAULTFD, or a seccomp profile hides it: use another kernel',
    EINVAL: 'the flag is unknown: it came with Linux 5.11, use a newer kernel',
  },
};

/**
 * What the environment variable CONTINUUM_SIMULATE makes this machine look like, so that failures can be tested
 * anywhere: `no-userfaultfd`, `not-permitted`, `user-mode` (only UFFD_USER_MODE_ONLY works), `no-minor` or `no-wp-async`.
 */
const SIMULATED: Readonly<Record<string, readonly (string | undefined)[]>> = {
  'no-userfaultfd': ['ENOSYS', 'ENOENT', 'ENOSYS'],
  'not-permitted': ['EPERM', 'EACCES', 'EPERM'],
  'user-mode': ['EPERM', 'EACCES', undefined],
};
const HIDDEN: Readonly<Record<string, number>> = { 'no-minor': (1 << 9) | (1 << 10), 'no-wp-async': 1 << 15 };

/** Asks the kernel, by a descriptor that is closed again: features can be negotiated but once on each. */
export function offeredBy(openedBy: OpenedBy): Offer | Refusal {
  const way = WAYS.indexOf(openedBy);
  const answer = new Float64Array(2);
  const simulate = process.env.CONTINUUM_SIMULATE;
  let code = SIMULATED[simulate ?? '']?.[way];
  if (code === undefined) {
    const result = native.userfaultfdOffered(way, answer);
    if (result < 0) code = errorCode(-result);
  }
  if (code !== undefined) {
    const reason = REASONS[openedBy][code] ?? `the kernel answered ${code}`;
    return { openedBy, code, reason };
  }
  const bits = answer[0]! & ~(HIDDEN[simulate ?? ''] ?? 0);
  return { openedBy, features: featureNames(bits), bits, ioctls: answer[1]! };
}

export interface OpenOptions {
  /** Without these open() throws UnavailableError. */
  readonly features?: readonly FeatureName[];
  /** Had where the kernel offers them; see Userfaultfd.features. */
  readonly optional?: readonly FeatureName[];
  /** Default `'auto'`: a full userfaultfd, and where that is not permitted one for faults of user code only. */
  readonly userModeOnly?: boolean | 'auto';
}

/** The first way that works, or UnavailableError with a line for each that was tried. */
export function firstOffer(userModeOnly: boolean | 'auto' = 'auto'): Offer {
  const ways = userModeOnly === true ? WAYS.slice(2) : userModeOnly === false ? WAYS.slice(0, 2) : WAYS;
  const refusals: string[] = [];
  for (const way of ways) {
    const offer = offeredBy(way);
    if (!('code' in offer)) return offer;
    refusals.push(`${way}: ${offer.code}, ${offer.reason}`);
  }
  throw new UnavailableError('This process cannot have a userfaultfd.', refusals);
}

/** The id of a new userfaultfd in the addon. */
export function openUserfaultfd(options: OpenOptions): number {
  const required = featureBits(options.features ?? []);
  const optional = featureBits(options.optional ?? []);
  const offer = firstOffer(options.userModeOnly);
  const missing = FEATURES.filter(({ bit }) => (required & ~offer.bits & (1 << bit)) !== 0);
  if (missing.length > 0) {
    throw new UnavailableError(
      'The running kernel has userfaultfd, but not all that is asked of it.',
      missing.map(({ name, since }) => `${name}: came with Linux ${since}, and can be configured out of a kernel`),
    );
  }
  const id = native.userfaultfdOpen(WAYS.indexOf(offer.openedBy), required | (optional & offer.bits));
  if (id < 0) {
    const advice = errorCode(-id) === 'EPERM' ? 'EVENT_FORK needs CAP_SYS_PTRACE' : 'see userfaultfd(2)';
    throw new UnavailableError('This process cannot have a userfaultfd with these features.', [
      `${offer.openedBy}: ${errorCode(-id)}, ${advice}`,
    ]);
  }
  return id;
}

export function featureBits(names: readonly FeatureName[]): number {
  let bits = 0;
  for (const name of names) {
    const feature = FEATURES.find((candidate) => candidate.name === name);
    if (feature === undefined) throw new TypeError(`There is no userfaultfd feature called ${String(name)}.`);
    bits |= 1 << feature.bit;
  }
  return bits;
}

export function featureNames(bits: number): readonly FeatureName[] {
  return FEATURES.filter(({ bit }) => (bits & (1 << bit)) !== 0).map(({ name }) => name);
}
