// deadline: 360s
/** What becomes of who waits for a fault when the registration, the userfaultfd or the memory goes. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Mapping } from '../../../native/memory.js';
import { type RegisterModes, Userfaultfd } from '../../../native/userfaultfd.js';
import { startActing } from '../../support/acting-thread.js';
import { Armed, KINDS, type Kind, PAGES, testEach } from '../../support/contract-memory.js';
import { exitAfterwards } from '../../support/exit.js';

exitAfterwards(test);

const PAGE = 1;

interface End {
  readonly end: (armed: Armed) => void;
  /** What the thread finds when it goes on: the page as it was, or blank memory. */
  readonly blank?: boolean;
}

const ENDS: Readonly<Record<string, End>> = {
  'unregister()': { end: ({ userfaultfd, view, bytes }) => userfaultfd.unregister(view, 0, bytes) },
  'unregister() of its page': { end: ({ userfaultfd, view, page }) => userfaultfd.unregister(view, PAGE * page, page) },
  'renew()': { end: ({ view }) => view.renew() },
  'closing the mapping': { end: ({ view }) => view.close(), blank: true },
  'closing the userfaultfd': { end: ({ userfaultfd }) => userfaultfd.close() },
  'closeAll()': { end: () => Userfaultfd.closeAll() },
};

/** Each of them is another queue, or none, in the kernel's UNREGISTER. */
const MODES: Readonly<Record<Kind, readonly RegisterModes[]>> = {
  anon: [{ missing: true }],
  shmem: [{ minor: true }, { missing: true, minor: true }],
  hugetlb: [{ minor: true }, { missing: true, minor: true }],
};

for (const [name, { end, blank = false }] of Object.entries(ENDS)) {
  testEach(KINDS, `${name} wakes who waits there`, async (kind) => {
    for (const modes of MODES[kind]) {
      const armed = new Armed(kind, { modes }).fill();
      const waiting = [0, 1].map((byte) =>
        startActing({ do: 'touch', mapping: armed.view.id, offset: PAGE * armed.page + byte }),
      );
      for (const { thread } of waiting) {
        await thread;
        armed.message();
      }
      assert.is(await armed.leavesAsleep(waiting[0]!, 20), true);
      end(armed);
      // Anonymous memory has nothing else that the page could come from.
      const expected = blank || kind === 'anon' ? 0 : PAGE + 1;
      assert.equal(await Promise.all(waiting.map(({ result }) => result)), [expected, expected]);
      armed.close();
    }
  });
}

testEach(KINDS, 'a writer that waits for protection to end is woken by the same', async (kind) => {
  const features = ['PAGEFAULT_FLAG_WP', 'WP_HUGETLBFS_SHMEM'] as const;
  for (const [name, { end, blank = false }] of Object.entries(ENDS)) {
    const armed = new Armed(kind, { features, modes: { missing: true, writeProtect: true } }).fill();
    const { userfaultfd, view, page } = armed;
    assert.is(armed.resolve(0, PAGES), armed.bytes);
    userfaultfd.writeProtect(view, PAGE * page, page, true);
    const writer = startActing({ do: 'touch', mapping: view.id, offset: PAGE * page, write: 77 });
    await writer.thread;
    armed.message();
    assert.is(await armed.leavesAsleep(writer, 20), true, name);
    end(armed);
    assert.is(await writer.result, 77, name);
    if (!blank && kind !== 'anon') assert.is(new Uint8Array(armed.source.buffer)[PAGE * page], 77, name);
    armed.close();
  }
});

testEach(KINDS, 'unregister() of part: who waits elsewhere waits on', async (kind) => {
  const armed = new Armed(kind).fill();
  const { userfaultfd, view, page } = armed;
  const [stays, goes] = [0, 2].map((at) => startActing({ do: 'touch', mapping: view.id, offset: at * page }));
  for (const { thread } of [stays!, goes!]) {
    await thread;
    armed.message();
  }
  userfaultfd.unregister(view, 2 * page, 2 * page);
  assert.is(await goes!.result, kind === 'anon' ? 0 : 3);
  assert.is(await armed.leavesAsleep(stays!), true);
  assert.is(armed.resolve(0), page);
  assert.is(await stays!.result, 1);
});

testEach(KINDS, 'memory that is moved to where somebody waits wakes them, and they find it', async (kind) => {
  const armed = new Armed(kind);
  const { view, page, bytes, memfd } = armed;
  const coming = armed.own(kind === 'hugetlb' ? Mapping.shared(memfd!) : Mapping.anonymous(bytes));
  const waiting = startActing({ do: 'touch', mapping: view.id, offset: 3 * page });
  await waiting.thread;
  armed.message();
  assert.is(await armed.leavesAsleep(waiting), true);
  new Uint8Array(coming.buffer).fill(7);
  coming.moveTo(view);
  assert.is(await waiting.result, 7);
  assert.is(armed.hasMessage(), false, 'the registration is gone');
});

testEach(['anon', 'shmem'], 'moved away, renewed and registered again: armed here, and no more there', (kind) => {
  const armed = new Armed(kind).fill();
  const { userfaultfd, view, page, bytes } = armed;
  assert.is(armed.resolve(0, 2), 2 * page);
  const aside = armed.own(Mapping.anonymous(bytes));
  userfaultfd.unregister(view, 0, bytes);
  view.moveTo(aside);
  view.renew();
  userfaultfd.register(view, 0, bytes, { missing: true, minor: kind !== 'anon' });
  const seen = new Uint8Array(aside.buffer);
  assert.equal([seen[0], seen[page]], [1, 2]);
  assert.is(armed.resolve(0, PAGES), bytes, 'nothing is left at the old place');
});

testEach(KINDS, 'a mapping over an armed range drops the registration: no fault is heard of', async (kind) => {
  const armed = new Armed(kind).fill();
  armed.view.renew();
  const toucher = startActing({ do: 'touch', mapping: armed.view.id, offset: 0 });
  assert.is(await toucher.result, kind === 'anon' ? 0 : 1);
  assert.is(armed.hasMessage(), false);
});

test.run();
