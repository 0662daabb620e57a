/** Holds the test build to its rules, on memory of its own. */
import { writeSync } from 'node:fs';
import { constants } from 'node:os';
import * as assert from 'uvu/assert';
import { Mapping, Memfd, Userfaultfd } from '../../native/index.js';
import { arm, callNames, disarm, type Errno, isLawful, type Rule, seenBy } from './inject.js';

const PAGE = 4096;
const PAGES = 8;
const { EAGAIN, EEXIST, ENOENT, ENOMEM } = constants.errno;

const memfd = Memfd.create(PAGES * PAGE);
const [workspace, view] = [Mapping.shared(memfd), Mapping.shared(memfd)];
const userfaultfd = Userfaultfd.open({ features: ['MINOR_SHMEM', 'MISSING_SHMEM'] });
new Int32Array(workspace.buffer).fill(7);
userfaultfd.register(view, 0, view.bytes, { missing: true, minor: true });
const map = (page: number, count = 1) => userfaultfd.tryContinue(view, page * PAGE, count * PAGE);

// The call of that number, and no other.
arm([{ call: 'continue', error: 'EAGAIN', at: 2 }]);
assert.equal([map(0), map(1), map(1)], [PAGE, -EAGAIN, PAGE]);
assert.equal(seenBy(0), { calls: 3, fired: 1 });

// In part: what is done is done, and the rest is not.
arm([{ call: 'continue', error: 'EAGAIN', pages: 2 }]);
assert.is(map(2, 1), PAGE, 'one page cannot be done in part');
assert.is(map(3, 4), 2 * PAGE);
assert.is(map(3), -EEXIST);
assert.is(map(5), PAGE);

// EEXIST: somebody else has done it.
arm([{ call: 'continue', error: 'EEXIST' }]);
assert.is(map(6), -EEXIST);
assert.is(map(6), -EEXIST);
assert.is(new Int32Array(view.buffer)[(6 * PAGE) / 4], 7);

// ENOENT and ENOMEM: nothing was done.
for (const [error, errno] of [
  ['ENOENT', ENOENT],
  ['ENOMEM', ENOMEM],
] as const) {
  arm([{ call: 'continue', error }]);
  assert.is(map(7), -errno);
}
assert.is(map(7), PAGE);

// Other calls, by the plain layer.
arm([{ call: 'madvise', error: 'ENOMEM' }]);
assert.throws(() => view.advise(0, PAGE, 'dontneed'), /madvise answered ENOMEM/);
arm([{ call: 'mprotect', error: 'ENOMEM', at: 1 }]);
assert.is(workspace.tryProtect(0, PAGE, 'readwrite'), -ENOMEM);
arm([{ call: 'fallocate', error: 'EINTR', times: 3 }]);
memfd.punch(0, PAGE); // tried again
assert.equal(seenBy(0), { calls: 4, fired: 3 });
arm([
  { call: 'read', error: 'EINTR' },
  { call: 'poll', error: 'EINTR' },
]);
assert.is(userfaultfd.read(new Float64Array(4), 20), 0, 'nothing to read, interrupted or not');
assert.ok(seenBy(0).fired === 1 && seenBy(1).fired === 1);
arm([{ call: 'mmap', error: 'ENOMEM' }]);
assert.throws(() => Mapping.anonymous(PAGE), /mmap answered ENOMEM/);

// A move of memory is all or nothing: refused when it had been made already, it is undone.
const [from, to] = [Mapping.anonymous(PAGE), Mapping.anonymous(PAGE)];
new Int32Array(from.buffer).fill(9);
arm([{ call: 'mmap', error: 'ENOMEM' }]);
assert.throws(() => from.moveTo(to), /mremap answered ENOMEM/);
assert.is(new Int32Array(from.buffer)[0], 9);
from.moveTo(to);
assert.is(new Int32Array(to.buffer)[0], 9);
arm([
  { call: 'mmap', error: 'ENOMEM' },
  { call: 'mremap', error: 'ENOMEM', at: 2 },
]);
assert.throws(() => to.moveTo(from), /mremap answered EIO/); // and nobody tries again

// Chance: of ten thousand calls about a tenth, the same for the same seed, and others for another.
const pick = (seed: number) => {
  arm([{ call: 'mprotect', error: 'ENOMEM', times: 1e6, chance: 0.1 }], seed);
  return Array.from({ length: 10_000 }, () => workspace.tryProtect(0, PAGE, 'readwrite')).map((answer) => answer < 0);
};
const [once, twice, other] = [pick(1), pick(1), pick(2)];
assert.equal(once, twice);
assert.not.equal(once, other);
const share = once.filter(Boolean).length / once.length;
assert.ok(share > 0.08 && share < 0.12, `${share}`);

// Only inside a signal handler: not here.
arm([{ call: 'mprotect', error: 'ENOMEM', times: 1e6, where: 'handler' }]);
assert.is(workspace.tryProtect(0, PAGE, 'readwrite'), 0);
arm([{ call: 'mprotect', error: 'ENOMEM', where: 'elsewhere' }]);
assert.is(workspace.tryProtect(0, PAGE, 'readwrite'), -ENOMEM);

// Late, before and after.
arm([{ call: 'mprotect', beforeUs: 20_000, afterUs: 20_000 }]);
const began = performance.now();
assert.is(workspace.tryProtect(0, PAGE, 'readwrite'), 0);
assert.ok(performance.now() - began >= 39);

// Unlawful answers are refused, and leave no rule.
const unlawful: Rule[] = [
  { call: 'wake', error: 'EAGAIN' },
  { call: 'continue', error: 'EINTR' },
  { call: 'continue', error: 'EBUSY' },
  { call: 'read', error: 'ENOMEM' },
  { call: 'mprotect', error: 'EAGAIN' },
  { call: 'continue', error: 'ENOMEM', pages: 1 },
  { call: 'mprotect', error: 'EAGAIN', pages: 1 },
];
for (const rule of unlawful) {
  assert.throws(() => arm([{ call: 'madvise', error: 'ENOMEM' }, rule]), /not lawful/);
  view.advise(0, PAGE, 'dontneed');
}
const errors: Errno[] = ['EAGAIN', 'EBUSY', 'EEXIST', 'EINTR', 'ENOENT', 'ENOMEM', 'ENOSPC', 'ETIMEDOUT'];
for (const call of callNames) {
  for (const error of errors) {
    let accepted = true;
    try {
      arm([{ call, error, at: 1e9 }]);
    } catch {
      accepted = false;
    }
    assert.is(accepted, isLawful(call, error), `${call} ${error}`);
  }
}
disarm();
writeSync(1, 'all rules kept\n');
process.exit(0);
