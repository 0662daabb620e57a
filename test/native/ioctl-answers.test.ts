import { constants } from 'node:os';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { UserfaultfdError } from '../../native/errors.js';
import { Mapping } from '../../native/memory.js';
import { ALLOW_SRC_HOLES, Userfaultfd } from '../../native/userfaultfd.js';
import { BYTES, PAGE, Twin } from '../support/native-twin.js';

const { EEXIST, EFAULT, EINVAL, ENOENT } = constants.errno;

test('partial progress: the try form returns the bytes done, the plain form throws with them', () => {
  const twin = new Twin().fill(0, 5).fill(6);
  const { userfaultfd, view } = twin;
  assert.is(userfaultfd.tryContinue(view, 0, BYTES), 5 * PAGE);
  assert.is(userfaultfd.tryContinue(view, 5 * PAGE, BYTES - 5 * PAGE), -EFAULT);
  try {
    userfaultfd.unregister(view, 0, BYTES);
    view.renew();
    userfaultfd.register(view, 0, BYTES, { missing: true, minor: true });
    userfaultfd.continue(view, PAGE, BYTES - PAGE);
    assert.unreachable();
  } catch (error) {
    assert.instance(error, UserfaultfdError);
    const { call, code, errno, address, offset, length, done, message } = error as UserfaultfdError;
    assert.equal(
      [call, code, errno, offset, length, done],
      ['UFFDIO_CONTINUE', 'EFAULT', EFAULT, PAGE, 15 * PAGE, 4 * PAGE],
    );
    assert.is(address, view.address + PAGE);
    assert.match(message, /UFFDIO_CONTINUE answered EFAULT for 61440 bytes at offset 4096 .*after 16384 bytes.*hole/);
  }
  assert.is(new Uint8Array(view.buffer)[4 * PAGE], 5); // what was done is done
  twin.close();
});

test('a range that is not registered as one piece answers ENOENT', () => {
  const twin = new Twin().fill();
  const { userfaultfd, view } = twin;
  userfaultfd.unregister(view, 8 * PAGE, BYTES - 8 * PAGE);
  assert.is(userfaultfd.tryContinue(view, 8 * PAGE, PAGE), -ENOENT);
  assert.is(userfaultfd.tryContinue(view, 7 * PAGE, 2 * PAGE), -ENOENT);
  assert.throws(() => userfaultfd.continue(view, 7 * PAGE, 2 * PAGE), /ENOENT.*not all registered/);
  assert.is(userfaultfd.tryContinue(view, 0, 8 * PAGE), 8 * PAGE);
  twin.close();
});

test('what the calls answer on shared memory', () => {
  const { userfaultfd, view, workspace, ...twin } = new Twin().fill(0, 4);
  const calls: readonly [string, (page: number) => number][] = [
    ['copy', (page) => userfaultfd.tryCopy(view, page * PAGE, workspace, 0, PAGE)],
    ['zeropage', (page) => userfaultfd.tryZeropage(view, page * PAGE, PAGE)],
    ['continue', (page) => userfaultfd.tryContinue(view, page * PAGE, PAGE)],
  ];
  const hole = 8;
  const cached = 2;
  assert.is(userfaultfd.tryContinue(view, 0, PAGE), PAGE);
  const answers = calls.map(([name, call], i) => [name, call(hole + i), call(cached), call(0)]);
  assert.equal(answers, [
    ['copy', PAGE, -EEXIST, -EEXIST],
    ['zeropage', PAGE, -EEXIST, -EEXIST],
    ['continue', -EFAULT, PAGE, -EEXIST],
  ]);
  assert.is(twin.bytes[8 * PAGE], 1); // a copy shows in both mappings
  assert.is(userfaultfd.tryMove(view, 12 * PAGE, workspace, 0, PAGE), -EINVAL);
  for (const thing of [userfaultfd, twin.memfd, view, workspace]) thing.close();
});

test('what the calls answer on private memory', () => {
  const userfaultfd = Userfaultfd.open({ optional: ['MOVE', 'POISON'] });
  const from = Mapping.anonymous(BYTES);
  const to = Mapping.anonymous(BYTES);
  new Uint8Array(from.buffer).fill(7);
  assert.throws(() => userfaultfd.register(to, 0, BYTES, { minor: true }), /UFFDIO_REGISTER answered EINVAL.*memfd/);
  const ioctls = userfaultfd.register(to, 0, BYTES, { missing: true });
  assert.is(ioctls & (1 << 3), 1 << 3);
  assert.is(userfaultfd.copy(to, 0, from, 100, 2 * PAGE), 2 * PAGE); // the source need not be aligned
  assert.is(userfaultfd.zeropage(to, 2 * PAGE, 2 * PAGE), 2 * PAGE);
  assert.is(userfaultfd.tryCopy(to, 0, from, 0, PAGE), -EEXIST);
  assert.is(userfaultfd.tryContinue(to, 4 * PAGE, PAGE), -EINVAL);
  assert.throws(() => userfaultfd.copy(to, 0, from, 0, PAGE), /EEXIST.*wake\(\)/);
  assert.equal([...new Uint8Array(to.buffer, 0, 4 * PAGE).filter((_, i) => i % PAGE === 0)], [7, 7, 0, 0]);
  if (userfaultfd.features.has('MOVE')) {
    assert.is(userfaultfd.move(to, 4 * PAGE, from, 4 * PAGE, 4 * PAGE), 4 * PAGE);
    assert.is(new Uint8Array(to.buffer)[7 * PAGE], 7);
    assert.is(new Uint8Array(from.buffer)[12 * PAGE], 7);
    assert.is(userfaultfd.tryMove(to, 8 * PAGE, from, 4 * PAGE, PAGE), -ENOENT); // it has moved away
    assert.is(userfaultfd.tryMove(to, 8 * PAGE, from, 4 * PAGE, 2 * PAGE, ALLOW_SRC_HOLES), 2 * PAGE);
    assert.is(userfaultfd.tryMove(to, 0, from, 12 * PAGE, PAGE), -EEXIST);
  }
  if (userfaultfd.features.has('POISON')) {
    assert.is(userfaultfd.poison(to, 12 * PAGE, PAGE), PAGE);
    assert.is(userfaultfd.tryPoison(to, 0, PAGE), -EEXIST);
  }
  for (const thing of [userfaultfd, from, to]) thing.close();
});

test.run();
