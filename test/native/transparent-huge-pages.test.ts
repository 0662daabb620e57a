/**
 * What a watched view has to hold against transparent huge pages: neither a fault nor collapse may map what was not
 * published, and what they drop faults again.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Mapping, Memfd, Userfaultfd } from '../../native/index.js';
import { mappedAt, whyNoSharedHugePages, withSettings } from '../support/shared-huge-pages.js';

const PAGE = 4096;
const HUGE = 2 << 20;
const EEXIST = -17;

const why = whyNoSharedHugePages();
if (why !== '') console.log(`skipped: transparent huge pages (${why})`);
const testHuge = why === '' ? test : test.skip;

/** Two huge pages' worth of memory, its workspace, and a view that is armed and empty. */
class Armed {
  readonly memfd = Memfd.create(2 * HUGE);
  readonly workspace = Mapping.shared(this.memfd);
  readonly view = Mapping.shared(this.memfd, { noHugePages: true });
  readonly words = new Int32Array(this.workspace.buffer);
  readonly userfaultfd = Userfaultfd.open({ features: ['MINOR_SHMEM', 'MISSING_SHMEM'] });

  constructor() {
    this.userfaultfd.register(this.view, 0, this.view.bytes, { missing: true, minor: true });
  }

  /** Pages of the view that cannot be mapped by CONTINUE because they are mapped: those of [from, to). */
  mapped(from: number, to: number): number {
    let count = 0;
    for (let page = from; page < to; page++) {
      if (this.userfaultfd.tryContinue(this.view, page * PAGE, PAGE) === EEXIST) count++;
    }
    return count;
  }

  close(): void {
    for (const thing of [this.userfaultfd, this.view, this.workspace, this.memfd]) thing.close();
  }
}

testHuge('a file of huge pages: the view has those 4 KiB that were published, and no more', async () => {
  await withSettings({ shmem_enabled: 'advise' }, () => {
    const armed = new Armed();
    const { memfd, workspace, view, words, userfaultfd } = armed;
    workspace.advise(0, workspace.bytes, 'hugepage');
    words[0] = 7;
    assert.is(memfd.residentBytes(), HUGE, 'one touch made a huge page');
    words.fill(7);
    assert.equal(mappedAt(workspace.address), { bytes: 2 * HUGE, huge: 2 * HUGE });
    assert.equal(mappedAt(view.address), { bytes: 0, huge: 0 });
    assert.is(userfaultfd.tryContinue(view, 5 * PAGE, PAGE), PAGE);
    assert.is(userfaultfd.tryContinue(view, 16 * PAGE, 16 * PAGE), 16 * PAGE);
    assert.equal(mappedAt(view.address), { bytes: 17 * PAGE, huge: 0 });
    const seen = new Int32Array(view.buffer);
    assert.is(seen[(5 * PAGE) / 4], 7);
    assert.equal(mappedAt(view.address).bytes, 17 * PAGE, 'looking at it maps nothing around it');
    assert.is(userfaultfd.tryContinue(view, HUGE, HUGE), HUGE, 'all of a huge page at once');
    assert.equal(mappedAt(view.address), { bytes: HUGE + 17 * PAGE, huge: 0 }, 'as 512 entries still');
    assert.is(armed.mapped(0, 32), 17);
    armed.close();
  });
});

testHuge('punching half of a huge page gives that half back, and drops every entry of the other', async () => {
  await withSettings({ shmem_enabled: 'advise' }, () => {
    const armed = new Armed();
    armed.workspace.advise(0, HUGE, 'hugepage');
    armed.words.fill(7);
    armed.userfaultfd.continue(armed.view, 0, HUGE);
    armed.memfd.punch(0, HUGE / 2);
    assert.is(armed.memfd.residentBytes(), 2 * HUGE - HUGE / 2);
    assert.is(mappedAt(armed.view.address).bytes, 0);
    assert.is(armed.userfaultfd.tryContinue(armed.view, HUGE / 2, HUGE / 2), HUGE / 2, 'it is there to be published');
    assert.is(new Int32Array(armed.view.buffer)[HUGE / 2 / 4], 7);
    armed.close();
  });
});

test('collapse of the workspace drops the view’s entries, and maps nothing there', () => {
  const armed = new Armed();
  const { workspace, view, words, userfaultfd } = armed;
  words.fill(7);
  userfaultfd.continue(view, 0, HUGE);
  userfaultfd.continue(view, HUGE, PAGE);
  try {
    workspace.advise(0, workspace.bytes, 'collapse');
  } catch (error) {
    console.log(`skipped: collapse (${(error as Error).message})`); // an older kernel, or no huge page to be had
    armed.close();
    return;
  }
  assert.is(mappedAt(workspace.address).huge, 2 * HUGE);
  assert.equal(mappedAt(view.address), { bytes: 0, huge: 0 });
  assert.is(userfaultfd.tryContinue(view, 3 * PAGE, PAGE), PAGE, 'it is published again');
  assert.is(new Int32Array(view.buffer)[(3 * PAGE) / 4], 7);
  armed.close();
});

test('collapse of a range with a hole in it is refused: the watch for MISSING faults would be passed over', () => {
  const armed = new Armed();
  armed.words.fill(7);
  armed.memfd.punch(8 * PAGE, PAGE);
  const resident = armed.memfd.residentBytes();
  assert.throws(() => armed.workspace.advise(0, HUGE, 'collapse'));
  assert.is(armed.memfd.residentBytes(), resident, 'the hole is still one');
  armed.close();
});

test('collapse of a view is refused, because a view wants no huge pages', () => {
  const armed = new Armed();
  armed.words.fill(7);
  assert.throws(() => armed.view.advise(0, HUGE, 'collapse'), /EINVAL/);
  armed.view.renew();
  armed.userfaultfd.register(armed.view, 0, armed.view.bytes, { missing: true, minor: true });
  assert.throws(() => armed.view.advise(0, HUGE, 'collapse'), /EINVAL/, 'after renew() as well');
  assert.equal(mappedAt(armed.view.address), { bytes: 0, huge: 0 });
  armed.close();
});

testHuge('khugepaged, at its busiest, collapses the workspace and maps nothing in the view', async () => {
  const armed = new Armed();
  const { workspace, view, words, userfaultfd } = armed;
  words.fill(7);
  userfaultfd.continue(view, 0, HUGE);
  const busy = {
    shmem_enabled: 'advise',
    'khugepaged/scan_sleep_millisecs': '10',
    'khugepaged/pages_to_scan': '100000',
  };
  await withSettings(busy, async () => {
    // Linux 6.18 looks for the advice before it has noted it: it takes two for khugepaged to hear of the process.
    for (const _ of ['once', 'again']) workspace.advise(0, workspace.bytes, 'hugepage');
    const until = performance.now() + 5000;
    let collapsed = false;
    while (!collapsed && performance.now() < until) {
      await new Promise((soon) => setTimeout(soon, 20));
      words[0] = words[HUGE / 4] = 7; // what was collapsed is mapped when it is touched
      collapsed = mappedAt(workspace.address).huge === 2 * HUGE;
      assert.is(mappedAt(view.address).huge, 0);
    }
    if (!collapsed) console.log('skipped: khugepaged did not come by in 5 s');
    else assert.is(mappedAt(view.address).bytes, 0, 'what was published has to be published again');
    assert.is(armed.mapped(512, 1024), 0, 'what was not published is not there');
  });
  armed.close();
});

test.run();
