// deadline: 540s
/** What each ioctl answers, for each kind of memory, state of the page and register mode: the table in native/README.md. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { RegisterModes } from '../../../native/userfaultfd.js';
import { Armed, KINDS, type Kind, named, testEach } from '../../support/contract-memory.js';

const CALLS = ['copy', 'zeropage', 'continue', 'poison', 'move'] as const;
type Call = (typeof CALLS)[number];

/** hole: nowhere; cached: in the memfd, not in the page table; mapped; poisoned: by UFFDIO_POISON, the memfd's hole or not. */
type State = 'hole' | 'cached' | 'mapped' | 'poisoned' | 'poisoned, cached';

/** In the order of CALLS. */
const ANSWERS: Readonly<Record<Kind, Readonly<Partial<Record<State, string>>>>> = {
  anon: {
    hole: 'ok ok EINVAL ok ok',
    mapped: 'EEXIST EEXIST EINVAL EEXIST EEXIST',
    poisoned: 'ok EEXIST EINVAL EEXIST EEXIST',
  },
  shmem: {
    hole: 'ok ok EFAULT ok EINVAL',
    cached: 'EEXIST EEXIST ok ok EINVAL',
    mapped: 'EEXIST EEXIST EEXIST EEXIST EINVAL',
    poisoned: 'ok ok EFAULT EEXIST EINVAL',
    'poisoned, cached': 'EEXIST EEXIST ok EEXIST EINVAL',
  },
  hugetlb: {
    hole: 'ok EINVAL EFAULT ok EINVAL',
    cached: 'EEXIST EINVAL ok ok EINVAL',
    mapped: 'EEXIST EINVAL EEXIST EEXIST EINVAL',
    poisoned: 'ok EINVAL EFAULT EEXIST EINVAL',
    'poisoned, cached': 'EEXIST EINVAL ok EEXIST EINVAL',
  },
};

const MODES: Readonly<Record<Kind, readonly RegisterModes[]>> = {
  anon: [{ missing: true }, { writeProtect: true }],
  shmem: [{ missing: true }, { minor: true }, { writeProtect: true }, { missing: true, minor: true }],
  hugetlb: [{ missing: true }, { minor: true }, { writeProtect: true }, { missing: true, minor: true }],
};

const FEATURES = ['PAGEFAULT_FLAG_WP', 'WP_HUGETLBFS_SHMEM', 'POISON', 'MOVE'] as const;
const PAGE = 1;
const OLD = 7;
const NEW = 9;

/** One ioctl on one page of its own kind of memory: a copy or a move brings NEW. */
function callOn(armed: Armed, call: Call): string {
  const { userfaultfd, view, apart, page } = armed;
  const offset = PAGE * page;
  new Uint8Array(apart.buffer).fill(NEW, 0, page);
  const answers: Record<Call, () => number> = {
    copy: () => userfaultfd.tryCopy(view, offset, apart, 0, page),
    zeropage: () => userfaultfd.tryZeropage(view, offset, page),
    continue: () => userfaultfd.tryContinue(view, offset, page),
    poison: () => userfaultfd.tryPoison(view, offset, page),
    move: () => userfaultfd.tryMove(view, offset, apart, 0, page),
  };
  return named(answers[call](), page);
}

function prepare(armed: Armed, state: State): void {
  const { userfaultfd, view, page, kind } = armed;
  if (state !== 'hole' && state !== 'poisoned') armed.fill(PAGE, PAGE + 1, OLD - PAGE);
  if (state === 'mapped') assert.is(armed.resolve(PAGE), page, `${kind}: ${state}`);
  if (state.startsWith('poisoned')) userfaultfd.poison(view, PAGE * page, page);
}

/** What the page has in it when a call has succeeded; `undefined`: it must not be looked at. */
const BROUGHT: Readonly<Record<Call, number | undefined>> = {
  copy: NEW,
  zeropage: 0,
  continue: OLD,
  poison: undefined,
  move: NEW,
};

testEach(KINDS, 'it depends on the memory and the state of the page, not on the register mode', (kind) => {
  for (const modes of MODES[kind]) {
    for (const [state, expected] of Object.entries(ANSWERS[kind]) as [State, string][]) {
      for (const [i, call] of CALLS.entries()) {
        const armed = new Armed(kind, { features: FEATURES, modes });
        prepare(armed, state);
        const answer = callOn(armed, call);
        const about = `${call} on ${kind}, ${state}, registered for ${Object.keys(modes).join(' and ')}`;
        assert.is(answer, expected.split(' ')[i], about);
        if (answer === 'ok' && BROUGHT[call] !== undefined) assert.is(armed.byte(PAGE), BROUGHT[call], about);
        else if (state === 'mapped') assert.is(armed.byte(PAGE), OLD, `${about}: the page is what it was`);
        armed.close();
      }
    }
  }
});

testEach(KINDS, 'partial progress: the bytes done before the page that fails, and then why it does', (kind) => {
  const calls: readonly Call[] =
    kind === 'anon'
      ? ['copy', 'zeropage', 'poison', 'move']
      : kind === 'shmem'
        ? ['copy', 'zeropage', 'poison']
        : ['copy', 'poison'];
  for (const call of calls) {
    const armed = new Armed(kind, { features: FEATURES });
    const { userfaultfd, view, apart, page, bytes } = armed;
    new Uint8Array(apart.buffer).fill(NEW);
    armed.fill(2, 3, OLD - 2);
    assert.is(armed.resolve(2), page);
    const from = (offset: number, length: number): number =>
      ({
        copy: () => userfaultfd.tryCopy(view, offset, apart, offset, length),
        zeropage: () => userfaultfd.tryZeropage(view, offset, length),
        poison: () => userfaultfd.tryPoison(view, offset, length),
        move: () => userfaultfd.tryMove(view, offset, apart, offset, length),
        continue: () => userfaultfd.tryContinue(view, offset, length),
      })[call]();
    assert.is(named(from(0, bytes), bytes), `${2 * page} bytes`, call);
    assert.is(named(from(2 * page, bytes - 2 * page), page), 'EEXIST', call);
    assert.is(named(from(3 * page, page), page), 'ok', call);
    assert.is(armed.byte(2), OLD, call);
    armed.close();
  }
});

testEach(['shmem', 'hugetlb'], 'partial progress of CONTINUE: up to the hole', (kind) => {
  const armed = new Armed(kind).fill(0, 2).fill(3);
  const { page, bytes } = armed;
  assert.is(named(armed.resolve(0, 4), bytes), `${2 * page} bytes`);
  assert.is(named(armed.resolve(2, 2), 2 * page), 'EFAULT');
  assert.is(named(armed.resolve(3), page), 'ok');
  assert.is(armed.byte(3), 4);
});

testEach(KINDS, 'ENOENT: not registered, not all registered, or in two pieces', (kind) => {
  const armed = new Armed(kind).fill();
  const { userfaultfd, view, page } = armed;
  userfaultfd.unregister(view, 2 * page, 2 * page);
  assert.is(named(armed.resolve(2), page), 'ENOENT', 'not registered');
  assert.is(named(armed.resolve(1, 2), 2 * page), 'ENOENT', 'across the edge of a registration');
  assert.is(named(armed.resolve(0, 2), 2 * page), 'ok', 'up to it');
  userfaultfd.register(view, 2 * page, 2 * page, { missing: true, minor: kind !== 'anon' });
  view.protect(3 * page, page, 'read');
  assert.is(named(armed.resolve(2, 2), 2 * page), 'ENOENT', 'across the edge of a protection');
  assert.is(named(armed.resolve(2), page), 'ok', 'up to it');
  assert.is(named(armed.resolve(3), page), 'ok', 'and behind it');
});

testEach(
  KINDS,
  'any userfaultfd resolves what any is registered for, but registers nothing that another has',
  (kind) => {
    const [armed, other] = [new Armed(kind).fill(), new Armed('anon')];
    const { view, page } = armed;
    const byOther = () =>
      kind === 'anon'
        ? other.userfaultfd.tryCopy(view, 0, armed.source, 0, page)
        : other.userfaultfd.tryContinue(view, 0, page);
    assert.is(named(byOther(), page), 'ok', 'the kernel does not ask whose it is');
    assert.is(armed.byte(0), 1);
    assert.throws(() => other.userfaultfd.register(view, 0, page, { missing: true }), /EBUSY.*unregister it there/);
    view.renew();
    assert.is(named(armed.resolve(0), page), 'ENOENT', 'a mapping over it drops the registration');
    other.userfaultfd.register(view, 0, armed.bytes, { missing: true, minor: kind !== 'anon' });
    assert.is(named(byOther(), page), 'ok', 'it may be the other’s now');
  },
);

testEach(KINDS, 'EINVAL: off page boundaries, no length, an unknown mode; nothing was done', (kind) => {
  const armed = new Armed(kind, { features: FEATURES }).fill();
  const { userfaultfd, view, apart, page } = armed;
  new Uint8Array(apart.buffer).fill(NEW);
  const calls: readonly [Call, (offset: number, length: number, mode: number) => number][] = [
    ['copy', (offset, length, mode) => userfaultfd.tryCopy(view, offset, apart, 0, length, mode)],
    ['zeropage', (offset, length, mode) => userfaultfd.tryZeropage(view, offset, length, mode)],
    ['continue', (offset, length, mode) => userfaultfd.tryContinue(view, offset, length, mode)],
    ['poison', (offset, length, mode) => userfaultfd.tryPoison(view, offset, length, mode)],
    ['move', (offset, length, mode) => userfaultfd.tryMove(view, offset, apart, 0, length, mode)],
  ];
  for (const [name, call] of calls) {
    for (const [offset, length, mode] of [
      [100, page, 0],
      [0, page + 100, 0],
      [0, 100, 0],
      [0, 0, 0],
      [0, page, 1 << 7],
    ] as const) {
      assert.is(named(call(offset, length, mode), page), 'EINVAL', `${name} ${offset} ${length} ${mode}`);
    }
  }
  if (kind === 'hugetlb')
    assert.is(named(armed.userfaultfd.tryContinue(view, 4096, page), page), 'EINVAL', 'half a page');
  assert.is(named(armed.resolve(0, 4), armed.bytes), 'ok');
  assert.is(armed.byte(0), 1);
});

testEach(KINDS, 'COPY: EFAULT where the source cannot be read; its place need not be a page’s', (kind) => {
  const armed = new Armed(kind);
  const { userfaultfd, view, apart, page } = armed;
  new Uint8Array(apart.buffer).fill(NEW);
  assert.is(userfaultfd.tryCopy(view, 0, apart, 100, page), page);
  apart.protect(2 * page, page, 'none');
  assert.is(named(userfaultfd.tryCopy(view, page, apart, 2 * page, page), page), 'EFAULT');
  assert.is(userfaultfd.tryCopy(view, page, apart, page, page), page, 'and the page is still a hole');
  assert.is(armed.byte(1), NEW);
});

testEach(['shmem'], 'a hole that COPY or ZEROPAGE has filled is in the memfd', (kind) => {
  const armed = new Armed(kind);
  const { userfaultfd, view, apart, page, source, memfd } = armed;
  new Uint8Array(apart.buffer).fill(NEW);
  userfaultfd.copy(view, 0, apart, 0, page);
  userfaultfd.zeropage(view, page, page);
  assert.is(memfd!.residentBytes(), 2 * page);
  assert.is(new Uint8Array(source.buffer)[page - 1], NEW);
});

test.run();
