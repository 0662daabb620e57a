// deadline: 360s
/** Messages that are no faults: who changed the memory sleeps until they are read, and so long every call is put off. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Mapping } from '../../../native/memory.js';
import {
  EVENT_FORK,
  EVENT_PAGEFAULT,
  EVENT_REMAP,
  EVENT_REMOVE,
  EVENT_UNMAP,
  FAULT_MINOR,
  type FeatureName,
  type RegisterModes,
  Userfaultfd,
} from '../../../native/userfaultfd.js';
import { type Acting, type Action, sleepsOn, startActing } from '../../support/acting-thread.js';
import { Armed, KINDS, type Kind, named, PAGES, testEach } from '../../support/contract-memory.js';
import { exitAfterwards } from '../../support/exit.js';
import { isProtected } from '../../support/page-map.js';

exitAfterwards(test);

const WP: readonly FeatureName[] = ['PAGEFAULT_FLAG_WP', 'WP_HUGETLBFS_SHMEM'];

/** EVENT_FORK takes CAP_SYS_PTRACE. */
const whyNoForks = ((): string => {
  try {
    Userfaultfd.open({ features: ['EVENT_FORK'] }).close();
    return '';
  } catch (error) {
    return (error as Error).message.replaceAll('\n', ' ');
  }
})();

/** The thread has begun, its event is there, and it sleeps. */
async function blockedBy(armed: Armed, action: Action): Promise<Acting> {
  const acting = startActing(action);
  await acting.thread;
  assert.is(armed.userfaultfd.wait(20_000), true, `an event of ${action.do}`);
  assert.is(await sleepsOn(acting), true, `${action.do} waits until it is read`);
  return acting;
}

function modesFor(kind: Kind, writeProtect: boolean): RegisterModes {
  return { missing: true, minor: kind !== 'anon', writeProtect };
}

/** An armed view all of whose pages are mapped and, with `protect`, write-protected. */
function mapped(kind: Kind, feature: FeatureName, protect: boolean): Armed {
  const armed = new Armed(kind, { features: [feature, ...WP], modes: modesFor(kind, protect) }).fill();
  assert.is(armed.resolve(0, PAGES), armed.bytes);
  if (protect) armed.userfaultfd.writeProtect(armed.view, 0, armed.bytes, true);
  return armed;
}

for (const protect of [false, true]) {
  const how = protect ? ', pages protected' : '';

  testEach(KINDS, `REMOVE: dontneed${how}`, async (kind) => {
    const armed = mapped(kind, 'EVENT_REMOVE', protect);
    const { view, page } = armed;
    const dropping = await blockedBy(armed, {
      ...{ do: 'advise', mapping: view.id, offset: page, length: 2 * page, advice: 'dontneed' },
    });
    assert.equal(armed.message(), [EVENT_REMOVE, armed.at(1), armed.at(3), 0]);
    assert.is(await dropping.result, 0);
    if (protect)
      assert.equal(
        [0, 1, 2, 3].map((i) => isProtected(view, i)),
        [true, kind !== 'anon', kind !== 'anon', true],
      );
    const toucher = startActing({ do: 'touch', mapping: view.id, offset: page });
    await toucher.thread;
    const flags = kind === 'anon' ? 0 : FAULT_MINOR;
    assert.equal(armed.message().slice(0, 3), [EVENT_PAGEFAULT, flags, armed.at(1)]);
    assert.is(armed.resolve(1), page);
    assert.is(await toucher.result, 2);
  });

  testEach(['shmem', 'hugetlb'], `REMOVE: remove${how}`, async (kind) => {
    const armed = mapped(kind, 'EVENT_REMOVE', protect);
    const { view, page } = armed;
    const dropping = await blockedBy(armed, {
      ...{ do: 'advise', mapping: view.id, offset: 0, length: page, advice: 'remove' },
    });
    assert.equal(armed.message(), [EVENT_REMOVE, armed.at(0), armed.at(1), 0]);
    assert.is(await dropping.result, 0);
    assert.is(named(armed.resolve(0), page), 'EFAULT', 'the memfd has a hole there');
    assert.is(armed.memfd!.residentBytes(), armed.bytes - page);
  });

  testEach(['anon', 'shmem'], `REMAP: the registration goes with the memory${how}`, async (kind) => {
    const armed = mapped(kind, 'EVENT_REMAP', protect);
    const { userfaultfd, view, page, bytes } = armed;
    view.advise(2 * page, page, 'dontneed');
    const target = armed.own(Mapping.anonymous(bytes));
    const moving = await blockedBy(armed, { do: 'moveTo', mapping: view.id, target: target.id });
    assert.equal(armed.message(), [EVENT_REMAP, view.address, target.address, bytes]);
    assert.is(await moving.result, 0);
    if (protect)
      assert.equal(
        [0, 1].map((i) => isProtected(target, i)),
        [true, true],
      );
    assert.is(new Uint8Array(target.buffer)[page], 2);
    const toucher = startActing({ do: 'touch', mapping: target.id, offset: 2 * page });
    await toucher.thread;
    assert.is(armed.message()[2], target.address + 2 * page);
    if (kind === 'anon') userfaultfd.copy(target, 2 * page, armed.source, 2 * page, page);
    else userfaultfd.continue(target, 2 * page, page);
    assert.is(await toucher.result, 3);
    if (protect) {
      const writer = startActing({ do: 'touch', mapping: target.id, offset: page, write: 77 });
      await writer.thread;
      assert.is(armed.message()[2], target.address + page);
      userfaultfd.writeProtect(target, page, page, false);
      assert.is(await writer.result, 77);
    }
  });

  testEach(['hugetlb'], `REMAP: the registration goes with the memory${how}`, async (kind) => {
    const armed = mapped(kind, 'EVENT_REMAP', protect);
    const { userfaultfd, view, page, bytes } = armed;
    const target = armed.own(Mapping.shared(armed.memfd!));
    view.advise(2 * page, page, 'dontneed');
    const moving = await blockedBy(armed, { do: 'moveTo', mapping: view.id, target: target.id });
    assert.equal(armed.message(), [EVENT_REMAP, view.address, target.address, bytes]);
    assert.is(await moving.result, 0);
    const toucher = startActing({ do: 'touch', mapping: target.id, offset: 2 * page });
    await toucher.thread;
    assert.is(armed.message()[2], target.address + 2 * page);
    userfaultfd.continue(target, 2 * page, page);
    assert.is(await toucher.result, 3);
  });

  for (const how2 of ['renew', 'close'] as const) {
    testEach(KINDS, `UNMAP: ${how2}()${how}`, async (kind) => {
      const armed = mapped(kind, 'EVENT_UNMAP', protect);
      const { view, bytes } = armed;
      const unmapping = await blockedBy(armed, { do: how2, mapping: view.id });
      assert.equal(armed.message(), [EVENT_UNMAP, view.address, view.address + bytes, 0]);
      assert.is(await unmapping.result, 0);
      assert.is(armed.hasMessage(), false);
      if (how2 === 'renew') assert.is(armed.byte(1), kind === 'anon' ? 0 : 2, 'it is armed no more');
    });
  }

  testEach(
    KINDS,
    `FORK: who makes a child process waits${how}`,
    async (kind) => {
      const armed = mapped(kind, 'EVENT_FORK', protect);
      // fork(3) has malloc's locks until the event is read: who reads it must do so already, and needs nothing.
      const reading = startActing({ do: 'read', userfaultfd: armed.userfaultfd.id });
      while (!(await sleepsOn(reading, 20))) assert.is(reading.isOver(), false);
      const spawning = startActing({ do: 'spawn' });
      assert.is(await reading.result, EVENT_FORK);
      assert.is(await spawning.result, 0, 'the child has run');
      if (protect)
        assert.equal(
          [0, 3].map((i) => isProtected(armed.view, i)),
          [true, true],
          'ours are protected still',
        );
      armed.view.advise(0, armed.page, 'dontneed');
      const toucher = startActing({ do: 'touch', mapping: armed.view.id, offset: 0 });
      await toucher.thread;
      assert.is(armed.message()[0], EVENT_PAGEFAULT, 'and ours are armed still');
      assert.is(armed.resolve(0), armed.page);
      assert.is(await toucher.result, 1);
    },
    whyNoForks,
  );
}

testEach(['shmem', 'hugetlb'], 'punching a hole in the memfd is no event', async (kind) => {
  const armed = mapped(kind, 'EVENT_REMOVE', false);
  const punching = startActing({ do: 'punch', memfd: armed.memfd!.id, offset: 0, length: armed.page });
  assert.is(await punching.result, 0);
  assert.is(armed.hasMessage(), false);
  assert.is(named(armed.resolve(0), armed.page), 'EFAULT');
});

testEach(['anon', 'shmem'], 'without EVENT_REMAP the memory is armed no more at its new place', (kind) => {
  const armed = new Armed(kind).fill();
  assert.is(armed.resolve(0), armed.page);
  const target = armed.own(Mapping.anonymous(armed.bytes));
  armed.view.moveTo(target);
  assert.is(new Uint8Array(target.buffer)[0], 1);
  assert.is(
    new Uint8Array(target.buffer)[armed.page],
    kind === 'anon' ? 0 : 2,
    'it was not mapped, and nobody is asked',
  );
  assert.is(armed.hasMessage(), false);
});

testEach(KINDS, 'closing the userfaultfd lets go of who waits for an event to be read', async (kind) => {
  const armed = mapped(kind, 'EVENT_REMOVE', false);
  const { view, page } = armed;
  const dropping = await blockedBy(armed, {
    ...{ do: 'advise', mapping: view.id, offset: 0, length: page, advice: 'dontneed' },
  });
  armed.userfaultfd.close();
  assert.is(await dropping.result, 0);
});

testEach(
  KINDS,
  'while an event is unread every call answers EAGAIN, has done nothing, and wakes nobody',
  async (kind) => {
    const armed = new Armed(kind, {
      features: ['EVENT_REMOVE', 'MOVE', 'POISON', ...WP],
      modes: modesFor(kind, true),
    }).fill();
    const { userfaultfd, view, apart, page } = armed;
    new Uint8Array(apart.buffer).fill(9);
    assert.is(armed.resolve(0), page);
    const waiting = startActing({ do: 'touch', mapping: view.id, offset: page });
    await waiting.thread;
    assert.is(armed.message()[0], EVENT_PAGEFAULT);
    const dropping = await blockedBy(armed, {
      ...{ do: 'advise', mapping: view.id, offset: 0, length: page, advice: 'dontneed' },
    });
    const calls: Readonly<Record<string, () => number>> = {
      copy: () => userfaultfd.tryCopy(view, page, apart, page, page),
      zeropage: () => userfaultfd.tryZeropage(view, page, page),
      continue: () => userfaultfd.tryContinue(view, page, page),
      poison: () => userfaultfd.tryPoison(view, page, page),
      move: () => userfaultfd.tryMove(view, page, apart, page, page),
    };
    for (const [name, call] of Object.entries(calls)) assert.is(named(call(), page), 'EAGAIN', name);
    assert.throws(() => userfaultfd.writeProtect(view, 0, page, true), /EAGAIN.*unread/);
    assert.throws(
      () => (kind === 'anon' ? userfaultfd.copy(view, page, apart, 0, page) : userfaultfd.continue(view, page, page)),
      /EAGAIN.*unread/,
    );
    assert.is(await sleepsOn(waiting), true);
    assert.is(await sleepsOn(dropping), true);
    userfaultfd.wake(view, page, page); // is not put off: the thread faults again
    userfaultfd.unregister(view, 3 * page, page); // nor is this
    // A fault is handed out before an event, if it is there already.
    assert.equal(new Set([armed.message()[0], armed.message()[0]]), new Set([EVENT_REMOVE, EVENT_PAGEFAULT]));
    assert.is(await dropping.result, 0);
    assert.is(armed.resolve(1), page);
    assert.is(await waiting.result, 2);
  },
);

test.run();
