import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createHeap } from '../../gc/index.js';
import { defaultShape } from '../../heap/index.js';
import { ClosedError, SystemCallError, UnavailableError } from '../../native/errors.js';
import { Mapping, Memfd } from '../../native/memory.js';
import { Pagemap } from '../../native/pagemap.js';
import { Userfaultfd, WP } from '../../native/userfaultfd.js';
import { PAGE, PAGES } from '../support/native-twin.js';
import { startWriter } from '../support/native-writer.js';

const FEATURES = ['PAGEFAULT_FLAG_WP', 'WP_HUGETLBFS_SHMEM', 'WP_UNPOPULATED', 'WP_ASYNC'] as const;
const KINDS = ['shared', 'private'] as const;

/** A view whose pages note that they are written, and where its pages come from. Nothing is mapped yet. */
class Noted {
  readonly userfaultfd: Userfaultfd;
  readonly view: Mapping;
  readonly source: Mapping;
  readonly words: Int32Array;
  private readonly pagemap = Pagemap.open();
  private readonly memfd: Memfd | null;

  constructor(
    kind: (typeof KINDS)[number],
    private readonly pages = PAGES,
  ) {
    const shared = kind === 'shared';
    const bytes = pages * PAGE;
    this.userfaultfd = Userfaultfd.open({ features: [...FEATURES, ...(shared ? ['MINOR_SHMEM' as const] : [])] });
    this.memfd = shared ? Memfd.create(bytes) : null;
    this.source = this.memfd === null ? Mapping.anonymous(bytes) : Mapping.shared(this.memfd);
    this.view = this.memfd === null ? Mapping.anonymous(bytes) : Mapping.shared(this.memfd);
    this.userfaultfd.register(this.view, 0, bytes, { missing: true, minor: shared, writeProtect: true });
    new Uint8Array(this.source.buffer).fill(1);
    this.words = new Int32Array(this.view.buffer);
  }

  /** Maps pages [from, to) in the view. */
  provide(from = 0, to = this.pages, mode = 0): this {
    const [offset, length] = [from * PAGE, (to - from) * PAGE];
    if (this.memfd !== null) this.userfaultfd.continue(this.view, offset, length, mode);
    else this.userfaultfd.copy(this.view, offset, this.source, offset, length, mode);
    return this;
  }

  protect(from = 0, to = this.pages): this {
    this.pagemap.protect(this.view, from * PAGE, (to - from) * PAGE);
    return this;
  }

  write(...pages: number[]): this {
    for (const page of pages) this.words[(page * PAGE) / 4 + (page % 1024)] = page;
    return this;
  }

  /** Written pages of [from, to). */
  written(protect = false, from = 0, to = this.pages): number[] {
    const pages: number[] = [];
    const bytes = this.pagemap.written(this.view, from * PAGE, (to - from) * PAGE, protect, (offset, length) => {
      for (let page = offset / PAGE; page < (offset + length) / PAGE; page++) pages.push(page);
    });
    assert.is(bytes, pages.length * PAGE);
    return pages;
  }

  close(): void {
    for (const thing of [this.userfaultfd, this.memfd, this.source, this.view]) thing?.close();
  }
}

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);

for (const kind of KINDS) {
  test(`${kind}: pages written since they were protected are reported, until they are protected again`, () => {
    const noted = new Noted(kind).provide();
    assert.equal(noted.written(), range(0, PAGES), 'never protected');
    noted.protect();
    assert.equal(noted.written(), []);
    assert.is(noted.words[0], 0x01010101, 'reading is no writing');
    assert.equal(noted.written(), []);
    noted.write(3, 5, 6, 15).write(3);
    assert.equal(noted.written(), [3, 5, 6, 15]);
    assert.equal(noted.written(), [3, 5, 6, 15], 'asked without protecting');
    assert.equal(noted.written(true), [3, 5, 6, 15]);
    assert.equal(noted.written(true), []);
    noted.write(5);
    assert.equal(noted.written(true), [5]);
    noted.close();
  });

  test(`${kind}: a range ends where it ends`, () => {
    const noted = new Noted(kind).provide().protect(4, 8);
    assert.equal(noted.written(), [...range(0, 4), ...range(8, PAGES)]);
    noted.protect().write(...range(0, PAGES));
    assert.equal(noted.written(true, 5, 7), [5, 6]);
    assert.equal(noted.written(true, 4, 8), [4, 7]);
    assert.equal(noted.written(true, 0, 0), []);
    assert.equal(noted.written(), [...range(0, 4), ...range(8, PAGES)]);
    noted.close();
  });

  test(`${kind}: a page that is provided while others are protected counts as written, unless it comes protected`, () => {
    const noted = new Noted(kind).provide(0, 4).protect();
    assert.equal(noted.written(), [], 'pages that are not there are protected as well');
    noted.provide(4, 6).provide(8, 10, WP);
    assert.equal(noted.written(true), [4, 5]);
    noted.write(8);
    assert.equal(noted.written(true), [8]);
    noted.close();
  });

  test(`${kind}: an entry that was taken away is not forgotten`, () => {
    const noted = new Noted(kind).provide().protect().write(2);
    for (const page of [1, 2]) noted.view.advise(page * PAGE, PAGE, 'dontneed');
    // A protected page of shared memory leaves a marker, which keeps it so; of a private one nothing is left.
    assert.equal(noted.written(), kind === 'shared' ? [2] : [1, 2]);
    noted.close();
  });

  test(`${kind}: more ranges than one call reports`, () => {
    const noted = new Noted(kind, 4096).provide().protect();
    const odd = range(0, 2048).map((i) => 2 * i + 1);
    noted.write(...odd);
    assert.equal(noted.written(), odd);
    assert.equal(noted.written(true), odd);
    assert.equal(noted.written(), []);
    noted.close();
  });

  // The whole barrier rests on this: whoever reads a page after it was reported and protected has seen every store
  // that will not be reported again.
  test(`${kind}: beside a thread that writes, no store is lost between report and protection`, async () => {
    const noted = new Noted(kind, 256).provide().protect();
    const seen = new Int32Array(256).fill(0x01010101);
    const look = () => {
      const pages = noted.written(true);
      for (const page of pages) seen[page] = noted.words[(page * PAGE) / 4]!;
      return pages.length;
    };
    const writer = await startWriter(noted.view);
    let reported = 0;
    const until = performance.now() + 20_000;
    for (let looks = 0; (looks < 2000 || reported < 10_000) && performance.now() < until; looks++) reported += look();
    const writes = await writer.stop();
    look();
    assert.ok(writes > 0 && reported > 0, `${writes} writes, ${reported} pages reported`);
    for (let page = 0; page < 256; page++) assert.is(seen[page], noted.words[(page * PAGE) / 4], `page ${page}`);
    noted.close();
  });
}

test('what cannot be asked is refused', () => {
  const noted = new Noted('shared');
  const pagemap = Pagemap.open();
  assert.throws(() => pagemap.protect(noted.view, 1, PAGE), RangeError);
  assert.throws(() => pagemap.protect(noted.view, 0, (PAGES + 1) * PAGE), RangeError);
  assert.throws(() => pagemap.written(noted.view, 0, PAGE / 2, true, () => undefined), RangeError);
  assert.throws(
    () => pagemap.protect(noted.source, 0, PAGE),
    (error: unknown) => error instanceof SystemCallError && error.code === 'EPERM' && /WP_ASYNC/.test(error.message),
  );
  noted.close();
  assert.throws(
    () => pagemap.protect(noted.view, 0, PAGE),
    (error: unknown) => error instanceof ClosedError,
  );
});

test('without asynchronous write protection a heap with the kernel barrier cannot be made, and the error says why', () => {
  process.env.CONTINUUM_SIMULATE = 'no-wp-async';
  try {
    for (const [resolution, flip] of [
      ['continue', 'bank'],
      ['copy', 'remap'],
    ] as const) {
      assert.throws(
        () => createHeap(defaultShape(8 << 20, 1), resolution, flip, { barrier: 'kernel' }),
        (error: unknown) => error instanceof UnavailableError && /WP_ASYNC: came with Linux 6\.7/.test(error.message),
      );
      createHeap(defaultShape(8 << 20, 1), resolution, flip).close();
    }
  } finally {
    delete process.env.CONTINUUM_SIMULATE;
  }
});

test.run();
