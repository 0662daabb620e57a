// deadline: 540s
/**
 * A handle that was changed on its way, or put together from two, opens nothing: whatever number of it is changed, in
 * every kind of heap.
 */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Heap, HeapError, type HeapHandle, type SpaceKind } from '../../heap/index.js';
import { ClosedError } from '../../native/index.js';
import { NUMBERS, trap } from '../support/hostile-values.js';
import { smallHeap } from '../support/random-heap.js';

type Path = readonly string[];
type Tree = Record<string, unknown>;

const KINDS: readonly SpaceKind[] = ['twin', 'guarded', 'private', 'movable', 'single'];

/** Where the leaves of a handle are, its control words left out. */
function leaves(tree: Tree, path: Path = []): Path[] {
  return Object.entries(tree).flatMap(([key, value]) =>
    typeof value === 'object' && value !== null && !ArrayBuffer.isView(value)
      ? leaves(value as Tree, [...path, key])
      : key === 'control'
        ? []
        : [[...path, key]],
  );
}

function at(tree: Tree, path: Path): unknown {
  return path.reduce<unknown>((inner, key) => (inner as Tree)[key], tree);
}

/** A copy of `handle` with something else at `path`; its control words are the same memory. */
function changed(handle: HeapHandle, path: Path, value: unknown): HeapHandle {
  const copy = structuredClone(handle) as unknown as Tree;
  (at(copy, path.slice(0, -1)) as Tree)[path.at(-1)!] = value;
  return copy as unknown as HeapHandle;
}

function refuses(handle: unknown, what: string): void {
  const expected = (error: unknown) =>
    error instanceof TypeError ||
    error instanceof RangeError ||
    error instanceof ClosedError ||
    (error instanceof HeapError && error.code === 'handle');
  assert.throws(() => Heap.attach(handle as HeapHandle), expected, what);
}

for (const kind of KINDS) {
  test(`${kind}: a handle opens the heap as it is, however often it was sent on`, () => {
    const heap = smallHeap(kind);
    const once = Heap.attach(structuredClone(heap.handle));
    const twice = Heap.attach(structuredClone(once.handle));
    assert.equal(twice.handle.layout, heap.handle.layout);
    twice.workspace[10_000] = 77;
    assert.is(heap.workspace[10_000], 77);
    heap.close();
  });

  test(`${kind}: with any one of its values changed it opens nothing`, () => {
    const heap = smallHeap(kind);
    const { handle } = heap;
    const paths = leaves(handle as unknown as Tree);
    assert.ok(paths.length > 40, `${paths.length} values`);
    for (const path of paths) {
      const value = at(handle as unknown as Tree, path);
      const near =
        typeof value === 'number' ? [value + 1, value - 1, value + 8, value * 2 || 1, -value || 2, `${value}`] : [];
      for (const other of [...NUMBERS, ...near, undefined, 'x', '', [], {}, true, false, 0n]) {
        // Not written as JSON, these are the null that stood there.
        if (Object.is(other, value) || (value === null && typeof other === 'number' && !Number.isFinite(other)))
          continue;
        refuses(changed(handle, path, other), `${path.join('.')} = ${String(other)} instead of ${String(value)}`);
      }
    }
    heap.close();
  });

  test(`${kind}: parts of another heap's handle open nothing, though both are open`, () => {
    const [heap, other] = [smallHeap(kind), smallHeap(kind)];
    for (const path of leaves(heap.handle as unknown as Tree)) {
      const [own, foreign] = [at(heap.handle as unknown as Tree, path), at(other.handle as unknown as Tree, path)];
      if (own !== foreign) refuses(changed(heap.handle, path, foreign), `${path.join('.')} of the other heap`);
    }
    refuses({ ...heap.handle, space: other.handle.space }, 'its memory');
    refuses({ ...heap.handle, control: other.control }, 'its control words');
    refuses({ ...other.handle, control: heap.control }, 'its control words, the other way round');
    heap.close();
    other.close();
  });
}

test('control words that are not the heap’s own memory are refused', () => {
  const heap = smallHeap();
  const { control } = heap;
  const { length } = control;
  for (const [what, value] of Object.entries({
    'a copy': new Int32Array(control),
    'a shared copy': new Int32Array(new SharedArrayBuffer(4 * length)),
    none: new Int32Array(0),
    'too few': new Int32Array(new SharedArrayBuffer(8)),
    'the rest of them': control.subarray(1),
    'of another type': new Uint32Array(control.buffer),
    'their buffer': control.buffer,
    nothing: undefined,
    null: null,
    'a number': 5,
  })) {
    refuses({ ...heap.handle, control: value }, what);
  }
  heap.close();
});

test('fewer of the control words are as good as none', () => {
  const heap = smallHeap();
  refuses({ ...heap.handle, control: heap.control.subarray(0, heap.control.length - 1) }, 'all but the last');
  heap.close();
});

test('what is no handle at all is refused', () => {
  for (const value of [undefined, null, 0, 5, '', 'x', Symbol('x'), 1n, {}, [], () => 0, new Int32Array(5)]) {
    refuses(value, String(value));
  }
  assert.throws(() => Heap.attach(trap() as HeapHandle), /a hostile value was asked/);
});

test('a handle that says one thing when it is checked and another when it is used, is used as it was checked', () => {
  const [heap, other] = [smallHeap(), smallHeap()];
  let asked = 0;
  const { handle } = heap;
  const liar = new Proxy(handle, {
    get: (target, key) => {
      if (key === 'space' && asked++ > 0) return other.handle.space;
      return Reflect.get(target, key);
    },
  });
  const attached = Heap.attach(liar);
  assert.is(attached.space.workspace.id, heap.space.workspace.id);
  heap.close();
  other.close();
});

test('the handle of a closed heap opens nothing', () => {
  const heap = smallHeap();
  const { handle } = heap;
  heap.close();
  refuses(handle, 'closed');
});

test('threads that are sent such handles hear of it as this one does', async () => {
  const [heap, other] = [smallHeap(), smallHeap()];
  const { handle } = heap;
  for (const [sent, expected] of [
    [handle, 'attached'],
    [{ ...handle, layout: { ...handle.layout, granules: handle.layout.granules * 2 } }, 'HeapError'],
    [{ ...handle, layout: other.handle.layout, space: other.handle.space }, 'HeapError'],
    [{ ...handle, control: other.control }, 'RangeError'],
    [{ ...handle, kernels: handle.metadata }, 'RangeError'],
  ] as const) {
    const worker = new Worker(new URL('../support/handle-worker.js', import.meta.url), { workerData: sent });
    const exit = once(worker, 'exit');
    const [heard] = await once(worker, 'message');
    assert.is(heard, expected);
    await exit;
  }
  heap.close();
  other.close();
});

test.run();
