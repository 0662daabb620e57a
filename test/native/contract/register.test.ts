/** What a range takes once it is registered: modes, and the calls that are offered for it. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Userfaultfd } from '../../../native/userfaultfd.js';
import { Armed, KINDS, type Kind, named, testEach } from '../../support/contract-memory.js';

/** A bit each, as register() answers them. */
const [WAKE, COPY, ZEROPAGE, MOVE, WRITEPROTECT, CONTINUE, POISON] = [2, 3, 4, 5, 6, 7, 8].map((bit) => 1 << bit);
const FEATURES = ['PAGEFAULT_FLAG_WP', 'WP_HUGETLBFS_SHMEM', 'POISON', 'MOVE'] as const;

/** Whatever it is registered for. */
const ALWAYS: Readonly<Record<Kind, number>> = {
  anon: WAKE! | COPY! | ZEROPAGE! | MOVE! | POISON!,
  shmem: WAKE! | COPY! | ZEROPAGE! | MOVE! | POISON!,
  hugetlb: WAKE! | COPY! | POISON!,
};

testEach(KINDS, 'every combination of modes: refused, or with the calls that it says', (kind) => {
  for (let bits = 0; bits < 8; bits++) {
    const modes = { missing: (bits & 1) !== 0, writeProtect: (bits & 2) !== 0, minor: (bits & 4) !== 0 };
    const armed = new Armed(kind, { features: FEATURES });
    const { userfaultfd, view, page } = armed;
    userfaultfd.unregister(view, 0, armed.bytes);
    const register = () => userfaultfd.register(view, page, page, modes);
    const about = JSON.stringify(modes);
    if (bits === 0) assert.throws(register, /at least one/);
    else if (modes.minor && kind === 'anon') assert.throws(register, /EINVAL.*MINOR needs a memfd/);
    else {
      const more = (modes.writeProtect ? WRITEPROTECT! : 0) | (modes.minor ? CONTINUE! : 0);
      assert.is(register().toString(2), (ALWAYS[kind] | more).toString(2), about);
    }
    armed.close();
  }
});

testEach(KINDS, 'a mode is to be had without asking for its feature', (kind) => {
  const armed = new Armed(kind, { modes: { writeProtect: true } });
  assert.is(armed.userfaultfd.features.size, 1, 'THREAD_ID');
  const modes = { missing: true, writeProtect: true, minor: kind !== 'anon' };
  assert.ok(armed.userfaultfd.register(armed.view, 0, armed.bytes, modes) & WRITEPROTECT!);
});

testEach(KINDS, 'ZEROPAGE where it is offered: zeros once, then EEXIST; elsewhere EINVAL', (kind) => {
  const armed = new Armed(kind, { modes: { missing: true } });
  const { userfaultfd, view, page } = armed;
  const offered = (userfaultfd.register(view, 0, armed.bytes, { missing: true }) & ZEROPAGE!) !== 0;
  assert.is(offered, kind !== 'hugetlb');
  assert.is(named(userfaultfd.tryZeropage(view, page, page), page), offered ? 'ok' : 'EINVAL');
  if (!offered) {
    assert.throws(() => userfaultfd.zeropage(view, page, page), /EINVAL.*Huge pages/);
    return;
  }
  assert.ok(new Uint8Array(view.buffer, page, page).every((byte) => byte === 0));
  new Uint8Array(view.buffer)[page] = 5;
  assert.is(named(userfaultfd.tryZeropage(view, page, page), page), 'EEXIST');
  assert.is(armed.byte(1), 5);
});

testEach(KINDS, 'registering again changes the modes; with none of the range left nothing takes it', (kind) => {
  const armed = new Armed(kind, { features: FEATURES }).fill();
  const { userfaultfd, view, page, bytes } = armed;
  assert.is(armed.resolve(0), page);
  assert.throws(() => userfaultfd.writeProtect(view, 0, page, true), /ENOENT/);
  assert.ok(userfaultfd.register(view, 0, bytes, { missing: true, writeProtect: true }) & WRITEPROTECT!);
  userfaultfd.writeProtect(view, 0, page, true);
  userfaultfd.writeProtect(view, 0, page, false);
  userfaultfd.unregister(view, 0, bytes);
  userfaultfd.unregister(view, 0, bytes); // twice does no harm
  assert.throws(() => userfaultfd.writeProtect(view, 0, page, true), /ENOENT.*not registered for write protection/);
});

testEach(KINDS, 'a page that is mapped stays so when its range is registered: no fault until dontneed', (kind) => {
  const armed = new Armed(kind).fill();
  const { userfaultfd, view, page, bytes } = armed;
  userfaultfd.unregister(view, 0, bytes);
  new Uint8Array(view.buffer)[page] = 5;
  userfaultfd.register(view, 0, bytes, { missing: true, minor: kind !== 'anon' });
  assert.is(armed.byte(1), 5);
  assert.is(named(armed.resolve(1), page), 'EEXIST');
  view.advise(page, page, 'dontneed');
  if (kind !== 'anon') assert.is(new Uint8Array(armed.source.buffer)[page], 5, 'the memfd keeps it');
  assert.is(named(armed.resolve(1), page), 'ok', 'and it is armed again');
  assert.is(armed.byte(1), kind === 'anon' ? 2 : 5);
});

test('the API offers registering, and nothing that needs a range', () => {
  const { ioctls, features } = Userfaultfd.offered();
  assert.is(ioctls, 3);
  for (const name of ['MINOR_SHMEM', 'MISSING_SHMEM'] as const) assert.ok(features.includes(name), name);
});

test.run();
