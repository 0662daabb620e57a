/**
 * Memory for tests of the kernel's contract: each kind there is, armed, with somewhere to take its pages from. Pages are
 * counted, so that the same test runs on pages of 4 KiB and of 2 MiB.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Mapping, Memfd } from '../../native/memory.js';
import { type FeatureName, type RegisterModes, Userfaultfd } from '../../native/userfaultfd.js';
import { type Acting, sleepsOn } from './acting-thread.js';
import { reserveHugePages } from './huge-pages.js';

export const KINDS = ['anon', 'shmem', 'hugetlb'] as const;
export type Kind = (typeof KINDS)[number];

/** Pages of an Armed. */
export const PAGES = 4;

/** As the kernel has it: a child made by fork(2) has the memory too. */
const PLAIN = { inherited: true } as const;

export interface ArmedOptions {
  readonly features?: readonly FeatureName[];
  /** Default: all that leads to a message, so `missing` and, where the memory is shared, `minor`. */
  readonly modes?: RegisterModes;
  readonly userModeOnly?: boolean;
}

/** A view that is armed and empty, and what its pages are made from. */
export class Armed {
  readonly userfaultfd: Userfaultfd;
  readonly memfd: Memfd | null;
  /** The same memory through another mapping; of anonymous memory, which has none, another range. */
  readonly source: Mapping;
  readonly view: Mapping;
  /** Private pages in any case: a source of COPY and MOVE. */
  readonly apart: Mapping;
  readonly page: number;
  readonly bytes: number;
  private readonly into = new Float64Array(4);
  private readonly owned: { close(): void }[] = [];
  private static readonly open = new Set<Armed>();

  constructor(
    readonly kind: Kind,
    options: ArmedOptions = {},
  ) {
    const { features = [], modes = { missing: true, minor: kind !== 'anon' }, userModeOnly = 'auto' } = options;
    this.userfaultfd = Userfaultfd.open({ features: ['THREAD_ID', ...features], userModeOnly });
    this.page = kind === 'hugetlb' ? 2 << 20 : 4096;
    this.bytes = PAGES * this.page;
    this.memfd = kind === 'anon' ? null : Memfd.create(this.bytes, { hugePages: kind === 'hugetlb' });
    const part = () => (this.memfd === null ? Mapping.anonymous(this.bytes, PLAIN) : Mapping.shared(this.memfd, PLAIN));
    this.source = part();
    this.view = part();
    this.apart = Mapping.anonymous(this.bytes, PLAIN);
    Armed.open.add(this);
    this.userfaultfd.register(this.view, 0, this.bytes, modes);
  }

  /** What a test has left open, which is all of it where it failed: others need the huge pages. */
  static closeAll(): void {
    for (const armed of Armed.open) armed.close();
  }

  /** The source's pages [from, to) hold their own number plus `first`. */
  fill(from = 0, to = PAGES, first = 1): this {
    const bytes = new Uint8Array(this.source.buffer);
    for (let i = from; i < to; i++) bytes.fill(i + first, i * this.page, (i + 1) * this.page);
    return this;
  }

  /** Makes pages of the view what the source's are, as a collector does with this kind of memory: a try form. */
  resolve(first: number, pages = 1, mode = 0): number {
    const [offset, length] = [first * this.page, pages * this.page];
    return this.kind === 'anon'
      ? this.userfaultfd.tryCopy(this.view, offset, this.source, offset, length, mode)
      : this.userfaultfd.tryContinue(this.view, offset, length, mode);
  }

  /** The next message; fails when there is none. */
  message(timeoutMs = 20_000): readonly number[] {
    assert.is(this.userfaultfd.read(this.into, timeoutMs), 1, 'a message');
    return [...this.into];
  }

  hasMessage(): boolean {
    return this.userfaultfd.wait(0);
  }

  /** Whether nothing has woken this thread, which waits for a fault that has been read: not even to fault again. */
  async leavesAsleep(waiting: Acting, ms?: number): Promise<boolean> {
    return (await sleepsOn(waiting, ms)) && !this.hasMessage();
  }

  /** The first byte of a page of the view, which must be mapped. */
  byte(page: number): number {
    return new Uint8Array(this.view.buffer)[page * this.page]!;
  }

  at(page: number): number {
    return this.view.address + page * this.page;
  }

  /** To be closed with it. */
  own<T extends { close(): void }>(thing: T): T {
    this.owned.push(thing);
    return thing;
  }

  /** Wakes whoever waits for a fault here. */
  close(): void {
    Armed.open.delete(this);
    for (const thing of [this.userfaultfd, ...this.owned, this.view, this.source, this.apart, this.memfd]) {
      try {
        thing?.close();
      } catch {
        // the test has closed it already
      }
    }
  }
}

let whyNoHugePages: string | undefined;

/** Why there is no memory of this kind; '' if there is. */
export function whyNot(kind: Kind): string {
  if (kind !== 'hugetlb') return '';
  whyNoHugePages ??= reserveHugePages(PAGES);
  return whyNoHugePages;
}

/**
 * The same test for each of these kinds; one that cannot be had is skipped with a line, and so are all for which
 * `whyNone` says why.
 */
export function testEach(
  kinds: readonly Kind[],
  name: string,
  body: (kind: Kind) => void | Promise<void>,
  whyNone = '',
): void {
  for (const kind of kinds) {
    const why = whyNone || whyNot(kind);
    if (why !== '') console.log(`skipped: ${name}: ${kind} (${why})`);
    (why === '' ? test : test.skip)(`${name}: ${kind}`, async () => {
      try {
        await body(kind);
      } finally {
        Armed.closeAll();
      }
    });
  }
}

/** For what turns out to be missing in the middle of a test: a line of its own, behind the tests' dots. */
export function noteSkipped(what: string, why: string): void {
  console.log(`\nskipped: ${what} (${why})`);
}

/** The answer of a try form as the tables have it: `ok` for all of it, the errno's name, or how many bytes. */
export function named(result: number, length: number): string {
  if (result === length) return 'ok';
  return result < 0 ? (NAMES.get(-result) ?? String(result)) : `${result} bytes`;
}

const NAMES = new Map([
  [2, 'ENOENT'],
  [11, 'EAGAIN'],
  [12, 'ENOMEM'],
  [14, 'EFAULT'],
  [16, 'EBUSY'],
  [17, 'EEXIST'],
  [22, 'EINVAL'],
]);
