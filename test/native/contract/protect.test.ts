/** Write protection: what is protected, what takes the protection off, and what a fork leaves of it. */
import { spawnSync } from 'node:child_process';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { EVENT_PAGEFAULT, FAULT_WP, FAULT_WRITE, type FeatureName, WP } from '../../../native/userfaultfd.js';
import { startActing } from '../../support/acting-thread.js';
import { Armed, KINDS, PAGES, testEach } from '../../support/contract-memory.js';
import { exitAfterwards } from '../../support/exit.js';
import { isProtected } from '../../support/page-map.js';

exitAfterwards(test);

const FEATURES: readonly FeatureName[] = ['PAGEFAULT_FLAG_WP', 'WP_HUGETLBFS_SHMEM'];
const ONLY_WP = { writeProtect: true } as const;

const protectedPages = ({ view }: Armed) => Array.from({ length: PAGES }, (_, i) => isProtected(view, i));

testEach(
  KINDS,
  'a page that is not there is protected by a marker; anonymous memory has to be asked for it',
  (kind) => {
    for (const unpopulated of [false, true]) {
      const features = [...FEATURES, ...(unpopulated ? (['WP_UNPOPULATED'] as const) : [])];
      const armed = new Armed(kind, { features, modes: ONLY_WP });
      const { userfaultfd, view, page } = armed;
      userfaultfd.writeProtect(view, page, page, true);
      assert.equal(protectedPages(armed), [false, unpopulated || kind !== 'anon', false, false], `${unpopulated}`);
      userfaultfd.writeProtect(view, page, page, false);
      assert.equal(protectedPages(armed), [false, false, false, false]);
      armed.close();
    }
  },
);

testEach(['anon'], 'a marker goes with dontneed, and the page that comes then may be written', async (kind) => {
  const armed = new Armed(kind, { features: [...FEATURES, 'WP_UNPOPULATED'], modes: ONLY_WP });
  const { userfaultfd, view, page } = armed;
  userfaultfd.writeProtect(view, 0, page, true);
  view.advise(0, page, 'dontneed');
  assert.is(isProtected(view, 0), false);
  new Uint8Array(view.buffer)[0] = 1;
  assert.is(isProtected(view, 0), false);
  view.advise(0, page, 'dontneed');
  userfaultfd.writeProtect(view, 0, page, true);
  assert.is(armed.byte(0), 0, 'a load brings the zero page');
  assert.is(isProtected(view, 0), true, 'and it is protected');
  const writer = startActing({ do: 'touch', mapping: view.id, offset: 0, write: 5 });
  await writer.thread;
  assert.equal(armed.message().slice(0, 3), [EVENT_PAGEFAULT, FAULT_WP | FAULT_WRITE, armed.at(0)]);
  userfaultfd.writeProtect(view, 0, page, false);
  assert.is(await writer.result, 5);
  view.advise(0, page, 'dontneed');
  assert.is(isProtected(view, 0), false);
});

testEach(
  ['shmem', 'hugetlb'],
  'shared memory keeps its marker over dontneed, until the protection is taken off',
  async (kind) => {
    const armed = new Armed(kind, { features: FEATURES, modes: ONLY_WP }).fill();
    const { userfaultfd, view, page } = armed;
    assert.is(armed.resolve(0), page);
    userfaultfd.writeProtect(view, 0, page, true);
    view.advise(0, page, 'dontneed');
    assert.is(isProtected(view, 0), true);
    const writer = startActing({ do: 'touch', mapping: view.id, offset: 0, write: 5 });
    await writer.thread;
    assert.equal(armed.message().slice(0, 3), [EVENT_PAGEFAULT, FAULT_WP | FAULT_WRITE, armed.at(0)]);
    userfaultfd.writeProtect(view, 0, page, false);
    assert.is(await writer.result, 5);
  },
);

testEach(KINDS, 'pages that come protected are so one by one, whatever the call', (kind) => {
  const armed = new Armed(kind, { features: FEATURES, modes: { missing: true, writeProtect: true } }).fill();
  const { userfaultfd, view, apart, page } = armed;
  assert.is(armed.resolve(1, 2, WP), 2 * page);
  assert.is(armed.resolve(3), page);
  assert.equal(protectedPages(armed), [false, true, true, false]);
  if (kind !== 'anon') armed.memfd!.punch(0, page);
  new Uint8Array(apart.buffer).fill(9, 0, page);
  assert.is(userfaultfd.tryCopy(view, 0, apart, 0, page, WP), page);
  assert.equal(protectedPages(armed), [true, true, true, false]);
  assert.equal(
    [0, 1, 2, 3].map((i) => armed.byte(i)),
    [9, 2, 3, 4],
  );
});

testEach(KINDS, 'registering for it no more takes it off', (kind) => {
  const armed = new Armed(kind, { features: FEATURES, modes: { missing: true, writeProtect: true } }).fill();
  const { userfaultfd, view, bytes } = armed;
  assert.is(armed.resolve(0, PAGES, WP), bytes);
  userfaultfd.unregister(view, 0, bytes);
  assert.equal(protectedPages(armed), [false, false, false, false]);
  new Uint8Array(view.buffer)[0] = 77;
  assert.is(armed.byte(0), 77);
});

testEach(KINDS, 'a child process leaves the protection of ours as it was', async (kind) => {
  const armed = new Armed(kind, { features: FEATURES, modes: { missing: true, writeProtect: true } }).fill();
  const { userfaultfd, view, page, bytes } = armed;
  assert.is(armed.resolve(0, PAGES), bytes);
  userfaultfd.writeProtect(view, 0, 2 * page, true);
  spawnSync('/bin/true');
  assert.equal(protectedPages(armed), [true, true, false, false]);
  new Uint8Array(view.buffer)[3 * page] = 5; // where there is none a store faults for nobody
  const writer = startActing({ do: 'touch', mapping: view.id, offset: page, write: 77 });
  await writer.thread;
  assert.equal(armed.message().slice(0, 3), [EVENT_PAGEFAULT, FAULT_WP | FAULT_WRITE, armed.at(1)]);
  userfaultfd.writeProtect(view, page, page, false);
  assert.is(await writer.result, 77);
  assert.is(armed.hasMessage(), false);
});

testEach(KINDS, 'WP_ASYNC: a store takes the protection off, and nobody is told', async (kind) => {
  const features: readonly FeatureName[] = [...FEATURES, 'WP_UNPOPULATED', 'WP_ASYNC'];
  const armed = new Armed(kind, { features, modes: { missing: true, writeProtect: true } }).fill();
  assert.is(armed.resolve(0, PAGES, WP), armed.bytes);
  const writer = startActing({ do: 'touch', mapping: armed.view.id, offset: 2 * armed.page, write: 77 });
  assert.is(await writer.result, 77);
  assert.equal(protectedPages(armed), [true, true, false, true]);
  assert.is(armed.hasMessage(), false);
});

test.run();
