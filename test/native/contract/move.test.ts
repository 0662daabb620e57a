// deadline: 360s
/** UFFDIO_MOVE: private pages that change their address, one by one and as huge pages. */
import { spawnSync } from 'node:child_process';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Mapping, Memfd } from '../../../native/memory.js';
import { ALLOW_SRC_HOLES, EVENT_PAGEFAULT, Userfaultfd } from '../../../native/userfaultfd.js';
import { startActing } from '../../support/acting-thread.js';
import { Armed, named, noteSkipped, PAGES } from '../../support/contract-memory.js';
import { exitAfterwards } from '../../support/exit.js';
import { hugeBytesAt } from '../../support/page-map.js';

exitAfterwards(test);

const PAGE = 4096;
const HUGE = 2 << 20;

const offered = Userfaultfd.offered().features.includes('MOVE');
if (!offered) console.log('skipped: UFFDIO_MOVE (it came with Linux 6.8)');

function testMove(name: string, body: () => void | Promise<void>): void {
  (offered ? test : test.skip)(name, async () => {
    try {
      await body();
    } finally {
      Armed.closeAll();
    }
  });
}

testMove('each page faults once, comes as it was, and is gone where it was', async () => {
  const armed = new Armed('anon', { features: ['MOVE'] }).fill();
  const { view, source, userfaultfd } = armed;
  const from = new Uint8Array(source.buffer);
  const reading = startActing({ do: 'sum', mapping: view.id });
  const thread = await reading.thread;
  for (let i = 0; i < PAGES; i++) {
    assert.equal(armed.message(), [EVENT_PAGEFAULT, 0, armed.at(i), thread]);
    assert.is(from[i * PAGE], i + 1);
    assert.is(userfaultfd.tryMove(view, i * PAGE, source, i * PAGE, PAGE), PAGE);
    assert.is(from[i * PAGE], 0);
  }
  assert.is(await reading.result, 1 + 2 + 3 + 4);
  const seen = new Uint8Array(view.buffer);
  for (let i = 0; i < PAGES; i++) assert.ok(seen.subarray(i * PAGE, (i + 1) * PAGE).every((byte) => byte === i + 1));
});

testMove('a hole of the source: ENOENT, or skipped and counted where it is allowed', () => {
  const armed = new Armed('anon', { features: ['MOVE'] }).fill(0, 1).fill(2, 3);
  const { view, source, userfaultfd } = armed;
  assert.is(named(userfaultfd.tryMove(view, PAGE, source, PAGE, PAGE), PAGE), 'ENOENT');
  assert.is(userfaultfd.tryMove(view, 0, source, 0, 4 * PAGE), PAGE, 'up to the hole');
  assert.is(userfaultfd.tryMove(view, PAGE, source, PAGE, 3 * PAGE, ALLOW_SRC_HOLES), 3 * PAGE);
  assert.is(armed.byte(2), 3);
  assert.is(named(userfaultfd.tryZeropage(view, PAGE, PAGE), PAGE), 'ok', 'what was skipped is a hole');
  assert.is(named(userfaultfd.tryMove(view, 3 * PAGE, source, 2 * PAGE, PAGE), PAGE), 'ENOENT', 'it has moved away');
});

testMove('what cannot be moved, and where nothing can be moved to', () => {
  const armed = new Armed('anon', { features: ['MOVE'] }).fill();
  const { view, source, userfaultfd } = armed;
  const memfd = armed.own(Memfd.create(armed.bytes));
  const shared = armed.own(Mapping.shared(memfd));
  new Uint8Array(shared.buffer).fill(1);
  const other = armed.own(Mapping.anonymous(armed.bytes));
  const move = (to: Mapping, from: Mapping, at = 0) => named(userfaultfd.tryMove(to, at, from, 0, PAGE), PAGE);
  assert.is(move(view, shared), 'EINVAL', 'from shared memory');
  assert.is(move(other, source), 'EINVAL', 'to what is not registered');
  source.protect(0, PAGE, 'read');
  assert.is(move(view, source), 'EINVAL', 'from what may not be written');
  source.protect(0, PAGE, 'readwrite');
  assert.is(move(view, source), 'ok');
  assert.is(move(view, source), 'EEXIST', 'to what is there');
  assert.is(new Uint8Array(view.buffer)[0], 1);
});

testMove('EBUSY: a page that is shared with a child process that was forked, until it is written to', () => {
  const armed = new Armed('anon', { features: ['MOVE'] }).fill();
  const { view, source, userfaultfd } = armed;
  spawnSync('/bin/true');
  const answer = named(userfaultfd.tryMove(view, 0, source, 0, PAGE), PAGE);
  if (answer === 'ok') {
    noteSkipped('EBUSY', 'a child process of this Node shares no page with it');
    return;
  }
  assert.is(answer, 'EBUSY');
  new Uint8Array(source.buffer)[0] = 1;
  assert.is(named(userfaultfd.tryMove(view, 0, source, 0, PAGE), PAGE), 'ok');
  assert.is(armed.byte(0), 1);
});

/** 4 MiB of huge pages to move, if the machine has them, and where to. */
function hugeSource(noHugePages: boolean): { from: Mapping; to: Mapping; userfaultfd: Userfaultfd; close(): void } {
  const userfaultfd = Userfaultfd.open({ features: ['MOVE', 'THREAD_ID'] });
  const from = Mapping.anonymous(2 * HUGE, { noHugePages: false });
  const to = Mapping.anonymous(2 * HUGE, { noHugePages });
  from.advise(0, from.bytes, 'hugepage');
  if (!noHugePages) to.advise(0, to.bytes, 'hugepage');
  const words = new Int32Array(from.buffer);
  for (let i = 0; i < words.length; i++) words[i] = i + 1;
  userfaultfd.register(to, 0, to.bytes, { missing: true });
  return {
    ...{ from, to, userfaultfd },
    close: () => {
      for (const thing of [userfaultfd, from, to]) thing.close();
    },
  };
}

function isRight(mapping: Mapping, offset: number, length: number): boolean {
  const words = new Int32Array(mapping.buffer, offset, length / 4);
  return words.every((word, i) => word === offset / 4 + i + 1);
}

for (const [name, noHugePages, faulted, whole] of [
  ['a huge page moves as one, by one fault', false, true, true],
  ['a huge page is split where a fault has made a page table: none are wanted there', true, true, false],
  ['a huge page moves as one to where none are wanted, if nobody has been there', true, false, true],
] as const) {
  testMove(name, async () => {
    const { from, to, userfaultfd, close } = hugeSource(noHugePages);
    const were = hugeBytesAt(from.address);
    if (were < 2 * HUGE) {
      noteSkipped(name, `${were} bytes of huge pages were to be had`);
      close();
      return;
    }
    const into = new Float64Array(4);
    for (const offset of [0, HUGE]) {
      const toucher = faulted ? startActing({ do: 'touch', mapping: to.id, offset: offset + 5 * PAGE }) : undefined;
      if (toucher !== undefined) {
        await toucher.thread;
        assert.is(userfaultfd.read(into, 10_000), 1);
        assert.is(into[2], to.address + offset + 5 * PAGE);
      }
      assert.is(userfaultfd.tryMove(to, offset, from, offset, HUGE), HUGE);
      await toucher?.result;
    }
    assert.is(userfaultfd.read(into, 0), 0);
    assert.is(hugeBytesAt(to.address), whole ? 2 * HUGE : 0);
    assert.ok(isRight(to, 0, 2 * HUGE));
    assert.ok(new Int32Array(from.buffer).every((word) => word === 0));
    close();
  });
}

testMove('part of a huge page: it is split, and the rest stays where it was', () => {
  const { from, to, userfaultfd, close } = hugeSource(false);
  const part = 3 * PAGE;
  userfaultfd.move(to, HUGE + PAGE, from, HUGE + PAGE, part);
  assert.ok(isRight(to, HUGE + PAGE, part));
  assert.ok(isRight(from, 0, HUGE + PAGE));
  assert.ok(isRight(from, HUGE + PAGE + part, HUGE - PAGE - part));
  assert.is(named(userfaultfd.tryMove(to, 0, from, HUGE + PAGE, PAGE), PAGE), 'ENOENT', 'it has moved away');
  userfaultfd.move(to, HUGE + 8 * PAGE, from, 8 * PAGE, HUGE - 8 * PAGE); // off the boundaries: piece by piece
  const words = new Int32Array(to.buffer, HUGE + 8 * PAGE, (HUGE - 8 * PAGE) / 4);
  assert.ok(words.every((word, i) => word === (8 * PAGE) / 4 + i + 1));
  close();
});

test.run();
