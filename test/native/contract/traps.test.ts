// deadline: 180s
/** What shared memory, a signal or a lack of pages does behind the back of who resolves faults. */
import { spawnSync } from 'node:child_process';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { hugePages } from '../../../native/huge-pages.js';
import { Mapping, Memfd } from '../../../native/memory.js';
import { EVENT_PAGEFAULT, type RegisterModes, Userfaultfd } from '../../../native/userfaultfd.js';
import { startActing } from '../../support/acting-thread.js';
import { Armed, KINDS, named, PAGES, testEach } from '../../support/contract-memory.js';
import { exitAfterwards } from '../../support/exit.js';
import { mappedAt } from '../../support/shared-huge-pages.js';

exitAfterwards(test);

testEach(['shmem', 'hugetlb'], 'what gives the memfd’s pages back takes them from every mapping', async (kind) => {
  const ways: Readonly<Record<string, (armed: Armed) => void>> = {
    punch: ({ memfd, page }) => memfd!.punch(page, page),
    'remove in the source': ({ source, page }) => source.advise(page, page, 'remove'),
    'remove in the view': ({ view, page }) => view.advise(page, page, 'remove'),
  };
  for (const [name, drop] of Object.entries(ways)) {
    const armed = new Armed(kind).fill();
    const { page, view } = armed;
    assert.is(armed.resolve(0, PAGES), armed.bytes);
    drop(armed);
    assert.is(armed.memfd!.residentBytes(), armed.bytes - page, name);
    const toucher = startActing({ do: 'touch', mapping: view.id, offset: page });
    await toucher.thread;
    assert.equal(armed.message().slice(0, 3), [EVENT_PAGEFAULT, 0, armed.at(1)], name);
    assert.is(new Uint8Array(armed.source.buffer)[page], 0, `${name}: to look at it makes a page of zeros`);
    assert.is(armed.resolve(1), page, name);
    assert.is(await toucher.result, 0, name);
    assert.equal(
      [0, 2, 3].map((i) => armed.byte(i)),
      [1, 3, 4],
      name,
    );
    armed.close();
  }
});

testEach(['shmem', 'hugetlb'], 'dontneed takes a page from the mapping, and from nothing else', (kind) => {
  const armed = new Armed(kind).fill();
  const { page, view, source } = armed;
  assert.is(armed.resolve(0, 2), 2 * page);
  source.advise(0, armed.bytes, 'dontneed');
  view.advise(page, page, 'dontneed');
  assert.is(armed.memfd!.residentBytes(), armed.bytes);
  assert.is(named(armed.resolve(0), page), 'EEXIST');
  assert.is(named(armed.resolve(1), page), 'ok');
  assert.is(new Uint8Array(source.buffer)[3 * page], 4);
});

for (const [name, modes, alone] of [
  ['minor and missing', { missing: true, minor: true }, true],
  ['write protection', { writeProtect: true }, true],
  ['missing', { missing: true }, false],
] as const satisfies readonly (readonly [string, RegisterModes, boolean])[]) {
  test(`registered for ${name}: a page comes ${alone ? 'alone' : 'with its neighbours'}`, () => {
    const memfd = Memfd.create(64 * 4096);
    const [source, view] = [Mapping.shared(memfd), Mapping.shared(memfd)];
    new Uint8Array(source.buffer).fill(1);
    const userfaultfd = Userfaultfd.open();
    userfaultfd.register(view, 0, view.bytes, modes);
    if ('minor' in modes) userfaultfd.continue(view, 20 * 4096, 4096);
    assert.is(new Uint8Array(view.buffer)[20 * 4096], 1);
    const { bytes } = mappedAt(view.address);
    if (alone) assert.is(bytes, 4096);
    else assert.ok(bytes > 4096, `${bytes}`);
    for (const thing of [userfaultfd, view, source, memfd]) thing.close();
  });
}

/** tgkill(2), of which neither Node nor a shell has anything. */
const TGKILL: Readonly<Partial<Record<string, number>>> = { x64: 234, arm64: 131 };

const call = TGKILL[process.arch];
const whyNoSignals =
  call === undefined || spawnSync('perl', ['-e', '1']).status !== 0 ? 'it takes perl, on x64 or arm64' : '';

testEach(
  KINDS,
  'a signal to a thread that waits is handled at once, and the thread faults again',
  async (kind) => {
    const armed = new Armed(kind).fill();
    const waiting = startActing({ do: 'touch', mapping: armed.view.id, offset: armed.page });
    const thread = await waiting.thread;
    assert.is(armed.message()[3], thread);
    for (let i = 0; i < 3; i++) {
      const heard = new Promise<void>((resolve) => process.once('SIGUSR2', () => resolve()));
      const script = `exit(syscall(${call}, ${process.pid}, ${thread}, 12) == 0 ? 0 : 1)`;
      assert.is(spawnSync('perl', ['-e', script]).status, 0);
      assert.equal(armed.message().slice(2), [armed.at(1), thread], 'the same fault once more');
      await heard;
      assert.is(await armed.leavesAsleep(waiting), true);
    }
    assert.is(armed.resolve(1), armed.page);
    assert.is(await waiting.result, 2);
    assert.is(armed.hasMessage(), false);
  },
  whyNoSignals,
);

testEach(['hugetlb'], 'no page left: COPY answers EEXIST although there is nothing, and wakes nobody', async (kind) => {
  const armed = new Armed(kind);
  const { userfaultfd, view, apart, page, memfd } = armed;
  new Uint8Array(apart.buffer).fill(9, 0, page);
  memfd!.populate(page, page);
  memfd!.punch(page, page); // what is punched is promised no more
  const rest = Memfd.create(hugePages().free * page, { hugePages: true });
  const taken = Mapping.shared(rest);
  const waiting = startActing({ do: 'touch', mapping: view.id, offset: page });
  const seen: unknown[] = [];
  try {
    await waiting.thread;
    armed.message();
    // The kernel takes it that another thread was quicker, as it has a page table there.
    seen.push(named(userfaultfd.tryCopy(view, page, apart, 0, page), page));
    seen.push(await armed.leavesAsleep(waiting));
    userfaultfd.wake(view, page, page);
    seen.push(armed.message()[2] === armed.at(1));
    seen.push(named(userfaultfd.tryContinue(view, page, page), page));
  } finally {
    // First of all: a thread that is let go while there is no page gets SIGBUS.
    taken.close();
    rest.close();
  }
  assert.equal(seen, ['EEXIST', true, true, 'EFAULT']);
  assert.is(userfaultfd.tryCopy(view, page, apart, 0, page), page);
  assert.is(await waiting.result, 9);
});

test.run();
