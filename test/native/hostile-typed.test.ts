/** The typed layer, and the contents of arrays: what its documentation promises to refuse, refused by its errors. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  type Advice,
  ClosedError,
  type FeatureName,
  Mapping,
  Memfd,
  Pagemap,
  SystemCallError,
  UnavailableError,
  Userfaultfd,
} from '../../native/index.js';
import { HOSTILE, NUMBERS, Sprung } from '../support/hostile-values.js';
import { Random } from '../support/random.js';
import { fillHeap, smallHeap } from '../support/random-heap.js';

const PAGE = 4096;
const isRefusal = (error: unknown): boolean =>
  [TypeError, RangeError, ClosedError, SystemCallError, UnavailableError, Sprung].some((kind) => error instanceof kind);
const refuses = (act: () => unknown, what: string): void => assert.throws(act, isRefusal, what);
const isCloseError = (error: unknown): boolean => error instanceof ClosedError;
const numbers = HOSTILE.map(({ name, make }) => ({ name, value: make() as number }));

test('lengths of memory that is to be made', () => {
  for (const { name, value } of numbers) {
    if (typeof value === 'number' && value % PAGE === 0 && value > 0 && value <= 2 ** 46) continue;
    refuses(() => Memfd.create(value), `a memfd of ${name}`);
    refuses(() => Mapping.anonymous(value), `a mapping of ${name}`);
    refuses(() => Memfd.attach(value), `memfd ${name}`);
    refuses(() => Mapping.attach(value), `mapping ${name}`);
    refuses(() => Userfaultfd.attach(value), `userfaultfd ${name}`);
  }
});

test('more memory than a view can show has none, and is closed in order', () => {
  const mapping = Mapping.anonymous(2 ** 37);
  refuses(() => mapping.buffer, '128 GiB');
  mapping.close();
  refuses(() => Mapping.anonymous(2 ** 46 + PAGE), 'more than 64 TiB');
});

test('ranges, advice and access that are none', () => {
  const memfd = Memfd.create(4 * PAGE);
  const [mapping, other] = [Mapping.shared(memfd), Mapping.anonymous(8 * PAGE)];
  const pagemap = Pagemap.open();
  const nothing = () => {};
  for (const { name, value } of numbers) {
    for (const [offset, length] of [
      [value, PAGE],
      [0, value],
      [value, value],
    ] as const) {
      refuses(() => memfd.punch(offset, length), `punch ${name}`);
      refuses(() => memfd.populate(offset, length), `populate ${name}`);
      refuses(() => mapping.advise(offset, length, 'dontneed'), `advise ${name}`);
      refuses(() => mapping.protect(offset, length, 'none'), `protect ${name}`);
      refuses(() => pagemap.protect(mapping, offset, length), `pagemap protect ${name}`);
      refuses(() => pagemap.written(mapping, offset, length, false, nothing), `pagemap written ${name}`);
      assert.ok(mapping.tryProtect(offset, length, 'none') < 0, `tryProtect ${name}`);
    }
    refuses(() => mapping.advise(0, PAGE, value as unknown as Advice), `advice ${name}`);
    refuses(() => mapping.protect(0, PAGE, value as unknown as 'none'), `access ${name}`);
    refuses(() => mapping.moveTo(value as unknown as Mapping), `moveTo ${name}`);
  }
  refuses(() => mapping.moveTo(mapping), 'moveTo itself');
  refuses(() => mapping.moveTo(other), 'moveTo another size');
  new Int32Array(mapping.buffer)[0] = 5; // still there, and still to be written to
  for (const one of [mapping, other, memfd]) one.close();
});

test('userfaultfds: ranges, modes and features', () => {
  const userfaultfd = Userfaultfd.open({ features: ['MISSING_SHMEM'] });
  const mapping = Mapping.anonymous(4 * PAGE);
  const source = Mapping.anonymous(4 * PAGE);
  userfaultfd.register(mapping, 0, mapping.bytes, { missing: true });
  for (const { name, value } of numbers) {
    for (const [offset, length] of [
      [value, PAGE],
      [0, value],
    ] as const) {
      refuses(() => userfaultfd.register(mapping, offset, length, { missing: true }), `register ${name}`);
      refuses(() => userfaultfd.unregister(mapping, offset, length), `unregister ${name}`);
      refuses(() => userfaultfd.wake(mapping, offset, length), `wake ${name}`);
      refuses(() => userfaultfd.continue(mapping, offset, length), `continue ${name}`);
      refuses(() => userfaultfd.zeropage(mapping, offset, length), `zeropage ${name}`);
      refuses(() => userfaultfd.poison(mapping, offset, length), `poison ${name}`);
      refuses(() => userfaultfd.copy(mapping, offset, source, 0, length), `copy ${name}`);
      refuses(() => userfaultfd.copy(mapping, 0, source, offset, length), `copy from ${name}`);
      refuses(() => userfaultfd.move(mapping, offset, source, 0, length), `move ${name}`);
      for (const result of [
        userfaultfd.tryContinue(mapping, offset, length),
        userfaultfd.tryZeropage(mapping, offset, length),
        userfaultfd.tryCopy(mapping, offset, source, 0, length),
        userfaultfd.tryMove(mapping, offset, source, 0, length),
      ]) {
        assert.ok(result < 0, `a try form at ${name}`);
      }
    }
    if (typeof value !== 'number' || !(value >= 0 && value <= 3) || !Number.isInteger(value)) {
      if (value !== undefined) refuses(() => userfaultfd.copy(mapping, 0, source, 0, PAGE, value), `mode ${name}`);
      refuses(() => userfaultfd.read(value as unknown as Float64Array, 0), `read into ${name}`);
    }
    if (typeof value !== 'number' || Number.isNaN(value)) refuses(() => userfaultfd.wait(value), `wait ${name}`);
    refuses(() => Userfaultfd.open({ features: [value as unknown as FeatureName] }), `feature ${name}`);
  }
  refuses(() => userfaultfd.register(mapping, 0, PAGE, {}), 'no mode');
  assert.is(userfaultfd.copy(mapping, 0, source, 0, PAGE), PAGE, 'it works still');
  for (const one of [userfaultfd, mapping, source]) one.close();
});

test('after close, and closed twice: a ClosedError from everything', () => {
  const memfd = Memfd.create(PAGE);
  const mapping = Mapping.shared(memfd);
  const open = Mapping.anonymous(PAGE);
  const userfaultfd = Userfaultfd.open();
  const spare = Userfaultfd.open();
  const { buffer } = mapping;
  for (const one of [memfd, mapping, userfaultfd]) one.close();
  const into = new Float64Array(4);
  for (const [what, act] of Object.entries({
    'memfd close': () => memfd.close(),
    punch: () => memfd.punch(0, PAGE),
    populate: () => memfd.populate(0, PAGE),
    residentBytes: () => memfd.residentBytes(),
    shared: () => Mapping.shared(memfd),
    'memfd attach': () => Memfd.attach(memfd.id),
    'mapping close': () => mapping.close(),
    kind: () => mapping.kind,
    buffer: () => mapping.buffer,
    advise: () => mapping.advise(0, PAGE, 'dontneed'),
    protect: () => mapping.protect(0, PAGE, 'none'),
    renew: () => mapping.renew(),
    'moveTo a closed one': () => open.moveTo(mapping),
    'mapping attach': () => Mapping.attach(mapping.id),
    'userfaultfd close': () => userfaultfd.close(),
    'register with a closed one': () => userfaultfd.register(open, 0, PAGE, { missing: true }),
    'register of a closed one': () => spare.register(mapping, 0, PAGE, { missing: true }),
    wake: () => userfaultfd.wake(open, 0, PAGE),
    interrupt: () => userfaultfd.interrupt(),
    'userfaultfd attach': () => Userfaultfd.attach(userfaultfd.id),
  })) {
    assert.throws(act, isCloseError, what);
    assert.throws(act, isCloseError, `${what}, again`);
  }
  assert.is(userfaultfd.read(into, -1), -1, 'who would wait for ever is told at once');
  assert.is(userfaultfd.wait(-1), false);
  new Uint8Array(buffer).fill(1); // memory of its own, not of the memfd
  for (const one of [open, spare]) one.close();
});

test('an id of one kind of object names none of another', () => {
  const memfd = Memfd.create(PAGE);
  const mapping = Mapping.shared(memfd);
  const userfaultfd = Userfaultfd.open();
  const heap = smallHeap();
  const ids = { memfd: memfd.id, mapping: mapping.id, userfaultfd: userfaultfd.id, kernels: heap.kernels.id };
  const attach = {
    memfd: (id: number) => Memfd.attach(id),
    mapping: (id: number) => Mapping.attach(id),
    userfaultfd: (id: number) => Userfaultfd.attach(id),
  };
  for (const [kind, act] of Object.entries(attach)) {
    for (const [other, id] of Object.entries(ids)) {
      if (other === kind) act(id);
      else assert.throws(() => act(id), isCloseError, `${other} as ${kind}`);
    }
  }
  for (const one of [mapping, memfd, userfaultfd, heap]) one.close();
});

test('an ArrayBuffer of a mapping cannot be transferred, and stays where it is', () => {
  const memfd = Memfd.create(4 * PAGE);
  const [mapping, twin] = [Mapping.shared(memfd), Mapping.shared(memfd)];
  const { buffer } = mapping;
  new Int32Array(buffer)[3] = 99;
  const ways = [
    () => structuredClone(buffer, { transfer: [buffer] }),
    () => new MessageChannel().port1.postMessage(buffer, [buffer]),
    () => (buffer as ArrayBuffer & { transfer?(): ArrayBuffer }).transfer?.(), // Node 22
  ];
  for (const way of ways) {
    try {
      way(); // Node 20 makes a copy
    } catch (error) {
      assert.instance(error, Error);
    }
    assert.is(buffer.byteLength, 4 * PAGE, way.toString());
  }
  assert.is(new Int32Array(buffer)[3], 99);
  mapping.renew();
  assert.is(new Int32Array(twin.buffer)[3], 99);
  for (const one of [mapping, twin, memfd]) one.close();
  assert.is(new Int32Array(buffer)[3], 0, 'blank memory of its own');
});

test('references and slots in arrays: every one is looked at, whatever the array is over', () => {
  const heap = smallHeap();
  fillHeap(heap, new Random(3), { granules: 20_000, keep: 0.5, sizes: [4, 64], humongous: false });
  const { kernels, layout } = heap;
  kernels.beginMarking(1);
  const arrays = [new Int32Array(16), new Int32Array(new SharedArrayBuffer(64)), heap.meta.log(0).subarray(0, 16)];
  for (const array of arrays) {
    for (const bad of [-1, layout.granules, 2 ** 31 - 1, -(2 ** 31), 2 * layout.granules]) {
      for (let i = 0; i < array.length; i++) {
        array.fill(0);
        array[i] = bad;
        assert.throws(() => kernels.shade(array, 16), /outside the heap/, `shade ${bad} at ${i}`);
        assert.throws(() => kernels.forward(array, 16), /outside the heap/, `forward ${bad} at ${i}`);
        assert.is(array[i], bad);
        assert.is(kernels.shade(array, i), 0, 'what is behind the count is not looked at');
      }
    }
    array.fill(0);
    array[15] = 2 * layout.granules;
    assert.throws(() => kernels.forwardLogged(array, 16), /a slot lies outside the heap/);
    for (const count of [17, -1, 2 ** 32 + 1, Number.NaN]) {
      assert.throws(
        () => kernels.shade(array, count),
        (error: unknown) => error instanceof RangeError,
        `${count}`,
      );
    }
  }
  heap.close();
});

test('a plan that begins while references are grey leaves nothing for marking to follow', () => {
  const heap = smallHeap();
  fillHeap(heap, new Random(4), { granules: 100_000, keep: 0.9, sizes: [4, 64], humongous: false });
  const { kernels, meta } = heap;
  for (let cycle = 1; cycle < 4; cycle++) {
    kernels.beginMarking(cycle);
    kernels.shade(meta.globals, meta.globals.length);
    kernels.mark(100 * cycle);
    kernels.beginPlan();
    assert.is(kernels.hasWork(), false);
    assert.is(kernels.mark(1000), false);
    kernels.handOver();
  }
  for (const number of NUMBERS) {
    if (Number.isInteger(number) && number >= 0 && number < 2 ** 32) continue;
    assert.throws(
      () => kernels.mark(number),
      (error: unknown) => error instanceof RangeError,
      `${number}`,
    );
  }
  heap.close();
});

test.run();
