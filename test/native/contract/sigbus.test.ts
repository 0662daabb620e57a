// deadline: 360s
/**
 * Faults that come as signals (the feature SIGBUS), and pages that are poison. Here the signal reaches libuv, and JavaScript
 * in the main thread makes the page right, while the thread that faulted takes the same signal over and over; how a
 * thread resolves its own is in test/gc.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  DONTWAKE,
  EVENT_PAGEFAULT,
  FAULT_MINOR,
  type FeatureName,
  Userfaultfd,
  WP as WP_MODE,
} from '../../../native/userfaultfd.js';
import { startActing } from '../../support/acting-thread.js';
import { Armed, KINDS, PAGES, testEach } from '../../support/contract-memory.js';
import { exitAfterwards } from '../../support/exit.js';

exitAfterwards(test);

const EFAULT = 14;
const WP: readonly FeatureName[] = ['PAGEFAULT_FLAG_WP', 'WP_HUGETLBFS_SHMEM'];

/** Runs `body`; a SIGBUS of whatever thread meanwhile calls `onSignal`. Returns how many were heard. */
async function hearing(onSignal: () => void, body: () => Promise<void>): Promise<number> {
  let heard = 0;
  const listener = () => {
    heard++;
    onSignal();
  };
  process.on('SIGBUS', listener);
  try {
    await body();
  } finally {
    process.off('SIGBUS', listener);
  }
  return heard;
}

testEach(KINDS, 'a fault is a signal and no message, until the page is there', async (kind) => {
  const armed = new Armed(kind, { features: ['SIGBUS'] }).fill();
  for (const page of [1, 3]) {
    let messages = 0;
    const resolve = () => {
      if (armed.hasMessage()) messages++;
      armed.resolve(page);
    };
    const heard = await hearing(resolve, async () => {
      const toucher = startActing({ do: 'touch', mapping: armed.view.id, offset: page * armed.page });
      assert.is(await toucher.result, page + 1);
    });
    assert.ok(heard > 0, 'a signal came');
    assert.is(messages, 0);
  }
  assert.is(armed.byte(3), 4);
});

testEach(KINDS, 'so is a store to a protected page', async (kind) => {
  const modes = { missing: true, minor: kind !== 'anon', writeProtect: true };
  const armed = new Armed(kind, { features: ['SIGBUS', ...WP], modes }).fill();
  const { userfaultfd, view, page, bytes } = armed;
  assert.is(armed.resolve(0, PAGES), bytes);
  userfaultfd.writeProtect(view, 0, bytes, true);
  let before = -1;
  let messages = 0;
  const resolve = () => {
    if (armed.hasMessage()) messages++;
    if (before < 0) before = armed.byte(2);
    userfaultfd.writeProtect(view, 2 * page, page, false);
  };
  const heard = await hearing(resolve, async () => {
    const writer = startActing({ do: 'touch', mapping: view.id, offset: 2 * page, write: 77 });
    assert.is(await writer.result, 77);
  });
  assert.ok(heard > 0, 'a signal came');
  assert.equal([before, messages], [3, 0]);
  assert.is(await startActing({ do: 'touch', mapping: view.id, offset: page }).result, 2, 'a load needs none');
});

testEach(
  KINDS,
  'a page that comes protected takes two signals: it is not there, and it may not be written',
  async (kind) => {
    const modes = { missing: true, minor: kind !== 'anon', writeProtect: true };
    const armed = new Armed(kind, { features: ['SIGBUS', ...WP], modes }).fill();
    const { userfaultfd, view, page } = armed;
    let [came, allowed] = [0, 0];
    const resolve = () => {
      if (came === 0) {
        assert.is(armed.resolve(1, 1, WP_MODE), page);
        came = performance.now();
      } else if (allowed === 0 && performance.now() > came + 50) {
        // Signals of the first kind have been heard out: these are a thread's that may not write.
        assert.is(armed.byte(1), 2);
        userfaultfd.writeProtect(view, page, page, false);
        allowed = performance.now();
      }
    };
    await hearing(resolve, async () => {
      assert.is(await startActing({ do: 'touch', mapping: view.id, offset: page, write: 77 }).result, 77);
    });
    assert.ok(allowed > 0);
  },
);

testEach(KINDS, 'a poisoned page is a signal to whoever touches it, also to who waits for it already', async (kind) => {
  const armed = new Armed(kind, { features: ['POISON'] });
  const { userfaultfd, view, page } = armed;
  const waiting = startActing({ do: 'touch', mapping: view.id, offset: page });
  await waiting.thread;
  assert.equal(armed.message().slice(0, 3), [EVENT_PAGEFAULT, 0, armed.at(1)]);
  assert.is(userfaultfd.poison(view, page, page, DONTWAKE), page);
  assert.is(await armed.leavesAsleep(waiting), true, 'DONTWAKE');
  let cured = false;
  const cure = () => {
    if (!cured) view.advise(page, page, 'dontneed'); // once: more signals have come meanwhile
    cured = true;
  };
  const heard = await hearing(cure, async () => {
    userfaultfd.wake(view, page, page);
    // Cured, the page is a hole that is watched as before.
    for (let i = 0; !cured && i < 1000; i++) await new Promise((go) => setTimeout(go, 10));
    assert.equal(armed.message().slice(0, 3), [EVENT_PAGEFAULT, 0, armed.at(1)]);
    armed.fill();
    assert.is(armed.resolve(1), page);
    assert.is(await waiting.result, 2);
  });
  assert.ok(heard > 0, 'a signal came');

  const woken = startActing({ do: 'touch', mapping: view.id, offset: 2 * page });
  await woken.thread;
  assert.is(armed.message()[2], armed.at(2));
  let brought = 0;
  const bring = () => {
    brought = Math.max(brought, armed.resolve(2));
  };
  const heardAgain = await hearing(bring, async () => {
    assert.is(userfaultfd.poison(view, 2 * page, page), page);
    assert.is(await woken.result, 3, 'what the page should have been, over the poison');
  });
  assert.ok(heardAgain > 0, 'poison() wakes');
  assert.is(brought, page);
});

testEach(KINDS, 'poison goes with what was mapped, and the memfd never had it', async (kind) => {
  const armed = new Armed(kind, { features: ['POISON'] }).fill();
  const { userfaultfd, view, bytes } = armed;
  assert.is(userfaultfd.poison(view, 0, bytes), bytes);
  assert.is(new Uint8Array(armed.source.buffer)[0], 1);
  view.renew();
  assert.is(armed.byte(0), kind === 'anon' ? 0 : 1);
});

const whyNoWaiting =
  Userfaultfd.offered().openedBy === 'UFFD_USER_MODE_ONLY' ? 'this user gets faults of user code only' : '';

testEach(
  KINDS,
  'system calls: a full userfaultfd makes them wait for the page',
  async (kind) => {
    const armed = new Armed(kind, { userModeOnly: false }).fill();
    const reading = startActing({ do: 'system-call', mapping: armed.view.id, offset: armed.page });
    await reading.thread;
    const message = armed.message();
    assert.equal([message[0], message[2]], [EVENT_PAGEFAULT, armed.at(1)]);
    assert.is((message[1]! & FAULT_MINOR) !== 0, kind !== 'anon');
    assert.is(await armed.leavesAsleep(reading), true);
    assert.is(armed.resolve(1), armed.page);
    assert.is(await reading.result, 0);
    assert.is(armed.byte(1), 0, 'the byte that was read');
  },
  whyNoWaiting,
);

testEach(
  KINDS,
  'system calls: EFAULT where faults are user code’s only, or signals, or the page is poison',
  async (kind) => {
    const options = { userModeOnly: true } as const;
    for (const [about, open] of [
      ['user code only', () => new Armed(kind, options)],
      ['signals', () => new Armed(kind, { features: ['SIGBUS'] })],
    ] as const) {
      const armed = open().fill();
      const call = () => startActing({ do: 'system-call', mapping: armed.view.id, offset: armed.page }).result;
      assert.is(await call(), EFAULT, about);
      assert.is(armed.hasMessage(), false, about);
      assert.is(armed.resolve(1), armed.page);
      assert.is(await call(), 0, `${about}, once the page is there`);
      armed.close();
    }
    const armed = new Armed(kind, { features: ['POISON'] });
    armed.userfaultfd.poison(armed.view, 0, armed.page);
    assert.is(await startActing({ do: 'system-call', mapping: armed.view.id, offset: 0 }).result, EFAULT, 'poison');
  },
);

test.run();
