// deadline: 540s
/** Who is woken by what: each call, by a thread that really waits. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { DONTWAKE, EVENT_PAGEFAULT } from '../../../native/userfaultfd.js';
import { type Acting, startActing } from '../../support/acting-thread.js';
import { Armed, KINDS, type Kind, named, PAGES, testEach } from '../../support/contract-memory.js';
import { exitAfterwards } from '../../support/exit.js';

exitAfterwards(test);

/** What brings a page to who waits for it, and the byte that is in it then. */
interface Bringer {
  readonly kinds: readonly Kind[];
  /** False: the view's memory is all holes. */
  readonly filled?: boolean;
  /** The kernel refuses it to any userfaultfd but the one that the page is registered with. */
  readonly ownOnly?: boolean;
  readonly call: (armed: Armed, first: number, pages: number, mode: number) => number;
  readonly byte: (page: number) => number;
}

const BRINGERS: Readonly<Record<string, Bringer>> = {
  continue: {
    kinds: ['shmem', 'hugetlb'],
    filled: true,
    call: (armed, first, pages, mode) => armed.resolve(first, pages, mode),
    byte: (page) => page + 1,
  },
  copy: {
    kinds: KINDS,
    call: ({ userfaultfd, view, apart, page }, first, pages, mode) =>
      userfaultfd.tryCopy(view, first * page, apart, first * page, pages * page, mode),
    byte: () => 9,
  },
  zeropage: {
    kinds: ['anon', 'shmem'],
    call: ({ userfaultfd, view, page }, first, pages, mode) =>
      userfaultfd.tryZeropage(view, first * page, pages * page, mode),
    byte: () => 0,
  },
  move: {
    kinds: ['anon'],
    ownOnly: true,
    call: ({ userfaultfd, view, apart, page }, first, pages, mode) =>
      userfaultfd.tryMove(view, first * page, apart, first * page, pages * page, mode),
    byte: () => 9,
  },
};

function prepare(kind: Kind, bringer: Bringer): Armed {
  const armed = new Armed(kind, { features: ['MOVE'] });
  if (bringer.filled) armed.fill();
  else new Uint8Array(armed.apart.buffer).fill(9);
  return armed;
}

/** Threads that wait, each for one page; all have been heard of. */
async function waitFor(armed: Armed, ...pages: number[]): Promise<Acting[]> {
  const waiting: Acting[] = [];
  for (const page of pages) {
    const toucher = startActing({ do: 'touch', mapping: armed.view.id, offset: page * armed.page + page });
    waiting.push(toucher);
    const thread = await toucher.thread;
    const message = armed.message();
    assert.equal([message[0], message[2], message[3]], [EVENT_PAGEFAULT, armed.at(page), thread]);
  }
  return waiting;
}

for (const [name, bringer] of Object.entries(BRINGERS)) {
  const { kinds, call, byte, ownOnly = false } = bringer;

  testEach(kinds, `${name}: a success wakes who waits for its page, and nobody else`, async (kind) => {
    const armed = prepare(kind, bringer);
    const [first, same, other] = await waitFor(armed, 1, 1, 2);
    assert.is(call(armed, 1, 1, 0), armed.page);
    assert.equal(await Promise.all([first!.result, same!.result]), [byte(1), byte(1)]);
    assert.is(await armed.leavesAsleep(other!), true);
    assert.is(call(armed, 2, 1, 0), armed.page);
    assert.is(await other!.result, byte(2));
  });

  testEach(kinds, `${name}: DONTWAKE and EEXIST leave it asleep; wake() does not`, async (kind) => {
    const armed = prepare(kind, bringer);
    const [waiting] = await waitFor(armed, 1);
    assert.is(call(armed, 1, 1, DONTWAKE), armed.page);
    assert.is(await armed.leavesAsleep(waiting!), true, 'after DONTWAKE');
    assert.is(named(call(armed, 1, 1, 0), armed.page), 'EEXIST');
    assert.is(await armed.leavesAsleep(waiting!), true, 'after EEXIST');
    armed.userfaultfd.wake(armed.view, armed.page, armed.page);
    assert.is(await waiting!.result, byte(1));
    assert.is(armed.hasMessage(), false, 'it did not fault again');
  });

  testEach(kinds, `${name}: partial success wakes the part that it came to`, async (kind) => {
    const armed = prepare(kind, bringer);
    assert.is(call(armed, 2, 1, 0), armed.page);
    const [before, behind] = await waitFor(armed, 1, 3);
    assert.is(call(armed, 0, PAGES, 0), 2 * armed.page, 'the third was there already');
    assert.is(await before!.result, byte(1));
    assert.is(await armed.leavesAsleep(behind!), true, 'the fourth was not come to');
    assert.is(named(call(armed, 2, 2, 0), armed.page), 'EEXIST');
    assert.is(await armed.leavesAsleep(behind!), true, 'nor the second time');
    assert.is(call(armed, 3, 1, 0), armed.page);
    assert.is(await behind!.result, byte(3));
  });

  const brings = ownOnly ? 'nothing comes (EINVAL)' : 'the page comes, and who waits sleeps on';
  testEach(kinds, `${name}: through another userfaultfd ${brings}`, async (kind) => {
    const armed = prepare(kind, bringer);
    const other = new Armed('anon', { features: ['MOVE'] });
    const [waiting] = await waitFor(armed, 1);
    const through = new Proxy(armed, {
      get: (target, key) => (key === 'userfaultfd' ? other.userfaultfd : Reflect.get(target, key)),
    });
    assert.is(named(call(through, 1, 1, 0), armed.page), ownOnly ? 'EINVAL' : 'ok');
    assert.is(await armed.leavesAsleep(waiting!), true);
    if (ownOnly) assert.is(call(armed, 1, 1, 0), armed.page);
    armed.userfaultfd.wake(armed.view, armed.page, armed.page);
    assert.is(await waiting!.result, byte(1));
  });
}

testEach(['shmem', 'hugetlb'], 'CONTINUE of a hole answers EFAULT and wakes nobody', async (kind) => {
  const armed = new Armed(kind);
  const [waiting] = await waitFor(armed, 1);
  assert.is(named(armed.resolve(1), armed.page), 'EFAULT');
  assert.is(await armed.leavesAsleep(waiting!), true);
  armed.fill();
  assert.is(await armed.leavesAsleep(waiting!), true, 'nor does a store through the other mapping');
  assert.is(armed.resolve(1), armed.page);
  assert.is(await waiting!.result, 2);
});

testEach(KINDS, 'wake() without the page: the thread faults again', async (kind) => {
  const armed = new Armed(kind).fill();
  const [waiting] = await waitFor(armed, 1);
  const { userfaultfd, view, page } = armed;
  userfaultfd.wake(view, 0, page);
  userfaultfd.wake(view, 2 * page, 2 * page);
  assert.is(await armed.leavesAsleep(waiting!), true, 'other pages are nothing to it');
  userfaultfd.wake(view, 0, armed.bytes);
  const [event, , address, thread] = armed.message();
  assert.equal([event, address, thread], [EVENT_PAGEFAULT, armed.at(1), await waiting!.thread]);
  assert.is(armed.resolve(1), page);
  assert.is(await waiting!.result, 2);
});

testEach(KINDS, 'a fault that is resolved before it is read is not heard of', async (kind) => {
  const armed = new Armed(kind).fill();
  const touchers = [0, 1].map(() => startActing({ do: 'touch', mapping: armed.view.id, offset: armed.page }));
  await Promise.all(touchers.map(({ thread }) => thread));
  assert.is(armed.userfaultfd.wait(10_000), true);
  assert.is(armed.resolve(1), armed.page);
  assert.equal(await Promise.all(touchers.map(({ result }) => result)), [2, 2]);
  assert.is(armed.userfaultfd.read(new Float64Array(4), 0), 0);
});

testEach(
  KINDS,
  'taking protection off wakes who waits to write, unless DONTWAKE; putting it on does not',
  async (kind) => {
    const armed = new Armed(kind, {
      features: ['PAGEFAULT_FLAG_WP', 'WP_HUGETLBFS_SHMEM'],
      modes: { missing: true, writeProtect: true, minor: kind !== 'anon' },
    }).fill();
    const { userfaultfd, view, page } = armed;
    assert.is(armed.resolve(0, PAGES), armed.bytes);
    userfaultfd.writeProtect(view, 0, armed.bytes, true);
    const writer = startActing({ do: 'touch', mapping: view.id, offset: page, write: 77 });
    await writer.thread;
    armed.message();
    userfaultfd.writeProtect(view, page, page, true);
    assert.is(await armed.leavesAsleep(writer), true, 'protected again');
    userfaultfd.writeProtect(view, 0, page, false);
    assert.is(await armed.leavesAsleep(writer), true, 'another page');
    userfaultfd.writeProtect(view, page, page, false, DONTWAKE);
    assert.is(await armed.leavesAsleep(writer), true, 'DONTWAKE');
    assert.is(armed.byte(1), 2, 'it has not written yet');
    userfaultfd.writeProtect(view, page, page, false);
    assert.is(await writer.result, 77);
  },
);

testEach(KINDS, 'what changes the memory in other ways wakes nobody', async (kind) => {
  const armed = new Armed(kind).fill();
  const [waiting] = await waitFor(armed, 1);
  const { userfaultfd, view, source, memfd, page, bytes } = armed;
  const others: Readonly<Record<string, () => unknown>> = {
    'register() once more': () => userfaultfd.register(view, 0, bytes, { missing: true, minor: kind !== 'anon' }),
    dontneed: () => view.advise(0, bytes, 'dontneed'),
    remove: () => kind !== 'anon' && source.advise(page, page, 'remove'),
    'punching a hole': () => memfd?.punch(page, page),
    'allocating it': () => memfd?.populate(page, page),
    'protecting it': () => view.protect(page, page, 'read'),
    'allowing it again': () => view.protect(page, page, 'readwrite'),
    'closing the other mapping': () => source.close(),
  };
  for (const [name, change] of Object.entries(others)) {
    change();
    assert.is(await armed.leavesAsleep(waiting!), true, name);
  }
  if (kind === 'anon') userfaultfd.zeropage(view, page, page);
  else userfaultfd.continue(view, page, page);
  assert.is(await waiting!.result, 0);
});

test.run();
