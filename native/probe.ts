/**
 * What this machine can do for a collector driven by page faults: asked of the kernel, and tried out on a few pages.
 */
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { arch, availableParallelism, release } from 'node:os';
import { SystemCallError, UnavailableError } from './errors.js';
import { type HugePages, howToReserve, hugePages } from './huge-pages.js';
import { addon } from './loader.js';
import { Mapping, Memfd } from './memory.js';
import { FEATURES, type FeatureName, firstOffer, type Offer, type OpenedBy, offeredBy, WAYS } from './opening.js';
import { Userfaultfd } from './userfaultfd.js';

const native = addon as { userfaultfdCheckSigbus(way: number): number };

/** What is tried out, and what for. */
const CHECKS = {
  'minor-continue': 'mapping shared memory that is right already (resolution continue)',
  copy: 'filling private memory (resolution copy)',
  move: 'moving private memory (resolution move)',
  sigbus: 'a thread that resolves its own faults (delivery signal)',
  'wp-async': 'tracking what is written (pre-copy)',
  'hugetlb-minor': 'the same as minor-continue with 2 MiB pages',
} as const;

export type CheckName = keyof typeof CHECKS;

export interface CheckResult {
  readonly outcome: 'ok' | 'failed' | 'skipped';
  /** Why not, in one line; empty when ok. */
  readonly detail: string;
}

export interface Missing {
  readonly what: string;
  readonly why: string;
  readonly remedy: string;
  /** No collection driven by faults is possible without it. */
  readonly essential: boolean;
}

export interface KernelProbe {
  /** As uname -r has it. */
  readonly kernel: string;
  readonly architecture: string;
  readonly uid: number;
  /** vm.unprivileged_userfaultfd; null where the kernel has no such setting. */
  readonly unprivilegedUserfaultfd: boolean | null;
  readonly ways: readonly { readonly openedBy: OpenedBy; readonly ok: boolean; readonly detail: string }[];
  /** The first way that works. */
  readonly openedBy: OpenedBy | null;
  readonly features: Readonly<Record<FeatureName, boolean>>;
  readonly checks: Readonly<Record<CheckName, CheckResult>>;
  readonly memfd: boolean;
  /** The choices in brackets of /sys/kernel/mm/transparent_hugepage; null where there are none. */
  readonly transparentHugePages: { readonly enabled: string; readonly shmem: string } | null;
  /** 2 MiB pages reserved with vm.nr_hugepages. */
  readonly hugePages: HugePages;
  readonly maxMapCount: number | null;
  readonly pageSize: number;
  readonly cores: number;
  readonly missing: readonly Missing[];
}

/** Takes some milliseconds, some pages and, for one check, a short-lived process. Throws nothing. */
export function probeKernel(): KernelProbe {
  const offers = WAYS.map(offeredBy);
  const ways = offers.map((offer) => ({
    openedBy: offer.openedBy,
    ok: !('code' in offer),
    detail: 'code' in offer ? `${offer.code}, ${offer.reason}` : '',
  }));
  const offer = offers.find((candidate): candidate is Offer => !('code' in candidate)) ?? null;
  const features = Object.fromEntries(
    FEATURES.map(({ name }) => [name, offer?.features.includes(name) ?? false]),
  ) as Record<FeatureName, boolean>;
  const facts = {
    kernel: release(),
    architecture: arch(),
    uid: process.getuid?.() ?? -1,
    unprivilegedUserfaultfd: unprivileged(),
    ways,
    openedBy: offer?.openedBy ?? null,
    features,
    checks: runChecks(offer),
    memfd: succeeds(() => Memfd.create(PROBE_BYTES).close()),
    transparentHugePages: transparentHugePages(),
    hugePages: hugePages(),
    maxMapCount: numberIn('/proc/sys/vm/max_map_count'),
    pageSize: pageSize(),
    cores: availableParallelism(),
  };
  return { ...facts, missing: findMissing(facts) };
}

const PROBE_BYTES = 256 << 10; // whole pages whatever their size
const HUGE_PAGE = 2 << 20;
const EXPECTED = 0x5a;

class Skipped extends Error {}

function runChecks(offer: Offer | null): Record<CheckName, CheckResult> {
  const checks: Record<CheckName, () => void> = {
    'minor-continue': () => checkMinor(false),
    copy: checkCopy,
    move: checkMove,
    sigbus: checkSigbus,
    'wp-async': checkAsyncProtection,
    'hugetlb-minor': () => {
      if (hugePages().free === 0) throw new Skipped('no 2 MiB page is reserved and free');
      checkMinor(true);
    },
  };
  const run = (check: () => void): CheckResult => {
    if (offer === null) return { outcome: 'skipped', detail: 'there is no userfaultfd' };
    try {
      check();
      return { outcome: 'ok', detail: '' };
    } catch (error) {
      if (error instanceof Skipped) return { outcome: 'skipped', detail: error.message };
      if (error instanceof UnavailableError) return { outcome: 'failed', detail: error.reasons.join('; ') };
      return { outcome: 'failed', detail: (error as Error).message };
    }
  };
  return Object.fromEntries(Object.entries(checks).map(([name, check]) => [name, run(check)])) as Record<
    CheckName,
    CheckResult
  >;
}

/** Opens, tries and closes, whatever happens; the pages of a closed mapping are nobody's trap. */
function withUserfaultfd(features: readonly FeatureName[], body: (userfaultfd: Userfaultfd, own: Own) => void): void {
  const userfaultfd = Userfaultfd.open({ features });
  const owned: { close(): void }[] = [userfaultfd];
  try {
    body(userfaultfd, (thing) => {
      owned.push(thing);
      return thing;
    });
  } finally {
    for (const thing of owned) thing.close();
  }
}

type Own = <T extends { close(): void }>(thing: T) => T;

// A page is read only behind a call that mapped it: a fault of this thread would have nobody to resolve it.

function expectByte(mapping: Mapping, offset = 0): void {
  const byte = new Uint8Array(mapping.buffer)[offset];
  if (byte !== EXPECTED) throw new Error(`the call succeeded, and the page has ${byte} in it instead of ${EXPECTED}`);
}

function checkMinor(huge: boolean): void {
  withUserfaultfd([huge ? 'MINOR_HUGETLBFS' : 'MINOR_SHMEM'], (userfaultfd, own) => {
    const memfd = own(Memfd.create(huge ? HUGE_PAGE : PROBE_BYTES, { hugePages: huge }));
    const workspace = own(Mapping.shared(memfd));
    const view = own(Mapping.shared(memfd));
    userfaultfd.register(view, 0, view.bytes, { missing: true, minor: true });
    new Uint8Array(workspace.buffer)[0] = EXPECTED;
    userfaultfd.continue(view, 0, view.pageSize);
    expectByte(view);
    const again = userfaultfd.tryContinue(view, 0, view.pageSize);
    if (again !== -17) throw new Error(`a second UFFDIO_CONTINUE answered ${again} instead of EEXIST`);
  });
}

function checkCopy(): void {
  withUserfaultfd([], (userfaultfd, own) => {
    const [from, to] = [own(Mapping.anonymous(PROBE_BYTES)), own(Mapping.anonymous(PROBE_BYTES))];
    new Uint8Array(from.buffer).fill(EXPECTED);
    userfaultfd.register(to, 0, to.bytes, { missing: true });
    userfaultfd.copy(to, 0, from, 0, PROBE_BYTES);
    expectByte(to, PROBE_BYTES - 1);
  });
}

function checkMove(): void {
  withUserfaultfd(['MOVE'], (userfaultfd, own) => {
    const [from, to] = [own(Mapping.anonymous(PROBE_BYTES)), own(Mapping.anonymous(PROBE_BYTES))];
    new Uint8Array(from.buffer).fill(EXPECTED);
    userfaultfd.register(to, 0, to.bytes, { missing: true });
    userfaultfd.move(to, 0, from, 0, PROBE_BYTES);
    expectByte(to, PROBE_BYTES - 1);
  });
}

function checkSigbus(): void {
  const { openedBy, features } = firstOffer();
  if (!features.includes('SIGBUS')) throw new Error('the feature SIGBUS is not offered');
  if (!features.includes('MINOR_SHMEM')) throw new Error('the feature MINOR_SHMEM is not offered');
  const result = native.userfaultfdCheckSigbus(WAYS.indexOf(openedBy));
  if (result < 0) throw new SystemCallError('resolving a fault in its own SIGBUS handler', -result, 'one page');
}

/** A protected page must take a write without anybody's help, and the page table entry must tell. */
function checkAsyncProtection(): void {
  withUserfaultfd(['PAGEFAULT_FLAG_WP', 'WP_ASYNC'], (userfaultfd, own) => {
    const mapping = own(Mapping.anonymous(PROBE_BYTES));
    const bytes = new Uint8Array(mapping.buffer).fill(1);
    userfaultfd.register(mapping, 0, mapping.bytes, { writeProtect: true });
    userfaultfd.writeProtect(mapping, 0, mapping.bytes, true);
    if (isProtected(mapping) === false) throw new Error('the page table entry is not marked as write-protected');
    bytes[0] = EXPECTED;
    expectByte(mapping);
    if (isProtected(mapping) === true) throw new Error('a write did not clear the mark in the page table entry');
  });
}

/** Bit 57 of the entry of its first page (Documentation/admin-guide/mm/pagemap.rst); null where that is not shown. */
function isProtected(mapping: Mapping): boolean | null {
  const entry = Buffer.alloc(8);
  let file: number;
  try {
    file = openSync('/proc/self/pagemap', 'r');
  } catch {
    return null; // a process that changed its user
  }
  try {
    readSync(file, entry, 0, 8, (mapping.address / mapping.pageSize) * 8);
  } finally {
    closeSync(file);
  }
  return ((entry.readBigUInt64LE() >> 57n) & 1n) === 1n;
}

function findMissing(probe: Omit<KernelProbe, 'missing'>): Missing[] {
  const missing: Missing[] = [];
  const add = (what: string, why: string, remedy: string, essential = false) =>
    missing.push({ what, why, remedy, essential });
  if (!probe.memfd)
    add('memfd', 'memfd_create(2) fails', 'use Linux 3.17 or newer, and a seccomp profile with it', true);
  if (probe.openedBy === null) {
    for (const { openedBy, detail } of probe.ways) {
      const [why, remedy] = split(detail);
      add(openedBy, why, remedy, true);
    }
    return missing;
  }
  // What heaps are watched by; needs no privilege.
  const watch = probe.ways.find(({ openedBy }) => openedBy === 'UFFD_USER_MODE_ONLY')!;
  if (!watch.ok) {
    const [why, remedy] = split(watch.detail);
    add(watch.openedBy, why, remedy, true);
  }
  for (const { name, since } of FEATURES) {
    if (probe.features[name]) continue;
    const why = `this kernel (${probe.kernel}) does not offer it; it came with Linux ${since}`;
    add(name, why, 'use a newer kernel, or one configured with it', name === 'MINOR_SHMEM');
  }
  for (const [name, { outcome, detail }] of Object.entries(probe.checks) as [CheckName, CheckResult][]) {
    if (outcome === 'ok') continue;
    const remedy =
      outcome === 'skipped'
        ? `reserve one for each 2 MiB of heap, and one more; for 64 MiB: ${howToReserve(33)}`
        : `do without ${CHECKS[name]}, or use another kernel`;
    add(name, detail, remedy, name === 'minor-continue');
  }
  const shared = probe.transparentHugePages?.shmem;
  if (shared === 'never' || shared === 'deny') {
    add(
      'transparent huge pages for shared memory',
      `shmem_enabled says ${shared}`,
      'as root, echo advise > /sys/kernel/mm/transparent_hugepage/shmem_enabled: new memory of a heap costs a tenth then',
    );
  }
  if (probe.cores < 2) {
    add('a second core', 'workers and mutators share one', 'give the machine more: what it measures is no measure');
  }
  return missing;
}

/** `EPERM, not permitted: do this` is why, and what to do. */
function split(detail: string): [why: string, remedy: string] {
  const at = detail.indexOf(': ');
  return at < 0 ? [detail, 'see userfaultfd(2)'] : [detail.slice(0, at), detail.slice(at + 2)];
}

function succeeds(body: () => void): boolean {
  try {
    body();
    return true;
  } catch {
    return false;
  }
}

function textOf(file: string): string | null {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return null;
  }
}

function numberIn(file: string): number | null {
  const text = textOf(file);
  return text === null || text === '' ? null : Number(text);
}

function unprivileged(): boolean | null {
  const value = numberIn('/proc/sys/vm/unprivileged_userfaultfd');
  return value === null ? null : value !== 0;
}

function transparentHugePages(): KernelProbe['transparentHugePages'] {
  const chosen = (file: string) => /\[(.+)\]/.exec(textOf(`/sys/kernel/mm/transparent_hugepage/${file}`) ?? '')?.[1];
  const enabled = chosen('enabled');
  return enabled === undefined ? null : { enabled, shmem: chosen('shmem_enabled') ?? 'never' };
}

function pageSize(): number {
  const mapping = Mapping.anonymous(PROBE_BYTES);
  mapping.close();
  return mapping.pageSize;
}
