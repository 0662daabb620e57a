// deadline: 360s
/** Minor faults: pages that the memfd has and the view has not. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Mapping, Memfd } from '../../../native/memory.js';
import { EVENT_PAGEFAULT, FAULT_MINOR, FAULT_WP, FAULT_WRITE, Userfaultfd, WP } from '../../../native/userfaultfd.js';
import { startActing } from '../../support/acting-thread.js';
import { Armed, noteSkipped, PAGES, testEach } from '../../support/contract-memory.js';
import { exitAfterwards } from '../../support/exit.js';
import { isProtected } from '../../support/page-map.js';
import { mappedAt } from '../../support/shared-huge-pages.js';

exitAfterwards(test);

const SHARED = ['shmem', 'hugetlb'] as const;

testEach(SHARED, 'each page faults once, is changed before it is mapped, and is seen changed', async (kind) => {
  const armed = new Armed(kind, { modes: { minor: true } }).fill();
  const { page, view, source } = armed;
  const bytes = new Uint8Array(source.buffer);
  const reading = startActing({ do: 'sum', mapping: view.id });
  const thread = await reading.thread;
  for (let i = 0; i < PAGES; i++) {
    assert.equal(armed.message(), [EVENT_PAGEFAULT, FAULT_MINOR, armed.at(i), thread]);
    for (let at = i * page; at < (i + 1) * page; at++) bytes[at] = 255 - bytes[at]!;
    assert.is(armed.resolve(i), page);
  }
  assert.is(await reading.result, 255 * PAGES - (1 + 2 + 3 + 4));
  assert.is(armed.hasMessage(), false);
  const seen = new Uint8Array(view.buffer);
  for (let i = 0; i < PAGES; i++) {
    assert.ok(
      seen.subarray(i * page, (i + 1) * page).every((byte) => byte === 254 - i),
      `page ${i}`,
    );
  }
});

testEach(SHARED, 'mapped write-protected: a store is a fault of its own, and no other page’s', async (kind) => {
  const armed = new Armed(kind, {
    features: ['PAGEFAULT_FLAG_WP', 'WP_HUGETLBFS_SHMEM'],
    modes: { minor: true, writeProtect: true },
  }).fill();
  const { page, view, source, userfaultfd } = armed;
  for (let i = 0; i < PAGES; i++) {
    const writer = startActing({ do: 'touch', mapping: view.id, offset: i * page, write: 100 + i });
    const thread = await writer.thread;
    assert.equal(armed.message(), [EVENT_PAGEFAULT, FAULT_MINOR | FAULT_WRITE, armed.at(i), thread]);
    assert.is(armed.resolve(i, 1, WP), page);
    assert.equal(armed.message(), [EVENT_PAGEFAULT, FAULT_WP | FAULT_WRITE, armed.at(i), thread]);
    assert.is(isProtected(view, i), true);
    assert.is(armed.byte(i), i + 1, 'a load goes by');
    new Uint8Array(source.buffer)[i * page + 1] = 50; // and so does a store through the other mapping
    userfaultfd.writeProtect(view, i * page, page, false);
    assert.is(await writer.result, 100 + i);
    assert.is(isProtected(view, i), false);
    assert.equal([...new Uint8Array(source.buffer, i * page, 2)], [100 + i, 50]);
  }
  assert.is(armed.hasMessage(), false);
});

testEach(SHARED, 'registered for minor faults only, a hole is filled with zeros and nobody is told', async (kind) => {
  const armed = new Armed(kind, { modes: { minor: true } }).fill(0, 2);
  const { view, page, memfd } = armed;
  const toucher = startActing({ do: 'touch', mapping: view.id, offset: 3 * page });
  assert.is(await toucher.result, 0);
  assert.is(armed.hasMessage(), false);
  assert.is(memfd!.residentBytes(), 3 * page, 'the memfd has the page now');
});

testEach(
  SHARED,
  'registered for missing ones only, a page that the memfd has is mapped and nobody is told',
  async (kind) => {
    const armed = new Armed(kind, { modes: { missing: true } }).fill(0, 2);
    const { view, page } = armed;
    assert.is(await startActing({ do: 'touch', mapping: view.id, offset: page }).result, 2);
    assert.is(armed.hasMessage(), false);
    const toucher = startActing({ do: 'touch', mapping: view.id, offset: 3 * page });
    await toucher.thread;
    assert.equal(armed.message().slice(0, 3), [EVENT_PAGEFAULT, 0, armed.at(3)]);
    armed.fill();
    assert.is(armed.resolve(3), page, 'a hole may be written through the other mapping, and continued');
    assert.is(await toucher.result, 4);
  },
);

testEach(SHARED, 'both modes: the flags tell a hole from a page that is there', async (kind) => {
  const armed = new Armed(kind).fill(0, 2);
  const { view, page } = armed;
  const touchers = [1, 2].map((i) => startActing({ do: 'touch', mapping: view.id, offset: i * page, write: 9 }));
  await Promise.all(touchers.map(({ thread }) => thread));
  const flags = new Map([armed.message(), armed.message()].map(([, flags, address]) => [address, flags]));
  assert.equal([flags.get(armed.at(1)), flags.get(armed.at(2))], [FAULT_MINOR | FAULT_WRITE, FAULT_WRITE]);
  armed.fill(2, 3);
  assert.is(armed.resolve(1, 2), 2 * page);
  assert.equal(await Promise.all(touchers.map(({ result }) => result)), [9, 9]);
});

const HUGE = 2 << 20;

test('collapse of a view all of whose pages came by CONTINUE keeps every byte', () => {
  const memfd = Memfd.create(2 * HUGE);
  const [workspace, view] = [Mapping.shared(memfd), Mapping.shared(memfd)];
  const userfaultfd = Userfaultfd.open({ features: ['MINOR_SHMEM'] });
  userfaultfd.register(view, 0, view.bytes, { minor: true });
  const words = new Int32Array(workspace.buffer);
  for (let i = 0; i < words.length; i++) words[i] = i * 3;
  userfaultfd.continue(view, 0, view.bytes);
  let why = '';
  try {
    view.advise(0, view.bytes, 'collapse');
  } catch (error) {
    why = (error as Error).message;
  }
  if (why !== '') noteSkipped('collapse of a view', why);
  else assert.is(mappedAt(view.address).huge, 2 * HUGE);
  assert.is(userfaultfd.wait(0), false);
  if (why === '') {
    const seen = new Int32Array(view.buffer);
    assert.ok(seen.every((word, i) => word === i * 3));
  }
  for (const thing of [userfaultfd, view, workspace, memfd]) thing.close();
});

test('collapse of a view that is registered for minor faults only maps what was not resolved', () => {
  const memfd = Memfd.create(HUGE);
  const [workspace, view] = [Mapping.shared(memfd), Mapping.shared(memfd)];
  const userfaultfd = Userfaultfd.open({ features: ['MINOR_SHMEM'] });
  userfaultfd.register(view, 0, view.bytes, { minor: true });
  new Uint8Array(workspace.buffer).fill(7);
  userfaultfd.continue(view, 0, 4096);
  try {
    view.advise(0, HUGE, 'collapse');
    // So a view must not want huge pages: test/native/transparent-huge-pages.test.ts.
    assert.is(mappedAt(view.address).bytes, HUGE);
    assert.is(new Uint8Array(view.buffer)[HUGE - 1], 7);
  } catch (error) {
    if ((error as { code?: string }).code === 'ERR_ASSERTION') throw error;
    noteSkipped('collapse past CONTINUE', (error as Error).message);
  }
  for (const thing of [userfaultfd, view, workspace, memfd]) thing.close();
});

test.run();
